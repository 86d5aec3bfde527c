/** The script of the worker: runs pipelines for `createWorkerPipeline()`, one per received port. */
import type { ProgressCallback } from '../base/files.ts';
import { packError } from '../base/packed-error.ts';
import { pipeline } from '../pipelines/pipeline.ts';
import type { AnyPipeline, PipelineTask } from '../pipelines/registry.ts';
import { type Connect, type LoadedInfo, type Reply, type Request } from './protocol.ts';
import { transferOf } from './results.ts';

globalThis.addEventListener('message', ({ data }: MessageEvent<Partial<Connect> | null | undefined>) => {
  if (data?.unispeechPort instanceof MessagePort) serve(data.unispeechPort);
});

function serve(port: MessagePort): void {
  const aborts = new Map<number, AbortController>();
  const underWay = new Set<Promise<void>>();
  let loaded: AnyPipeline | undefined;
  let progress: { readonly progress_callback?: ProgressCallback } = {};
  const post = (reply: Reply, transfer: ArrayBuffer[] = []): void => port.postMessage(reply, transfer);

  /** The pipeline checks these, because the page may send anything. */
  const answer = async (request: Request, signal: AbortSignal): Promise<unknown> => {
    if (request.type === 'load') {
      // Without a callback, warnings go to the console.
      progress = request.reportsProgress
        ? { progress_callback: (info) => post({ type: 'progress', info }) }
        : {};
      loaded = await pipeline(request.task as PipelineTask, request.model as string, {
        ...request.options,
        signal,
        ...progress,
      });
      const { task, processor } = loaded;
      return { task, sampleRate: processor.feature_extractor.config.sampling_rate } satisfies LoadedInfo;
    }
    if (request.type === 'run') return loaded?._call(request.audio, { ...request.options, signal });
    if (request.type === 'parts') {
      const { id, method, audio, options } = request;
      for await (const value of loaded?.[method]?.(audio, { ...options, signal }) ?? [])
        post({ type: 'part', id, value }, transferOf(value));
      return undefined;
    }
    if (request.type === 'emission-info') return loaded?.emissionInfo?.();
    if (request.type === 'language')
      return loaded?.set_target_lang?.(request.language as string, { ...progress, signal });
    return loaded?.dispose();
  };

  const handle = async (request: Request): Promise<void> => {
    const { id, type } = request;
    const abort = new AbortController();
    aborts.set(id, abort);
    try {
      if (type === 'dispose') await Promise.all(underWay);
      const value = await answer(request, abort.signal);
      post({ type: 'done', id, value }, transferOf(value));
    } catch (error) {
      try {
        post({ type: 'failed', id, error: packError(error) });
      } catch {
        post({ type: 'failed', id, error: new Error(String(error)) });
      }
    }
    aborts.delete(id);
  };

  port.onmessage = ({ data }: MessageEvent<Request>) => {
    if (data.type === 'abort') {
      aborts.get(data.id)?.abort();
      return;
    }
    const handling = handle(data).finally(() => underWay.delete(handling));
    underWay.add(handling);
  };
  post({ type: 'started' });
}
