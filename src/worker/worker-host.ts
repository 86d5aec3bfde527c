/** The script of the worker: runs pipelines for `createWorkerPipeline()`, one per received port. */
import { abortable } from '../base/abortable.ts';
import { isList } from '../base/checks.ts';
import { UniSpeechError } from '../base/errors.ts';
import type { ProgressCallback } from '../base/files.ts';
import { packError } from '../base/packed-error.ts';
import { pipeline } from '../pipelines/pipeline.ts';
import type { AnyPipeline, PipelineTask } from '../pipelines/registry.ts';
import type { Connect, EachPart, LoadedInfo, Reply, Request } from './protocol.ts';
import { ReceivedSources } from './received-sources.ts';
import { transferOf } from './results.ts';

/** How many parts of a call may wait on the page. */
const MAX_WAITING_PARTS = 2;

/** A call that the worker has not answered. */
class WorkerCall {
  readonly abort = new AbortController();
  /** Settles when the call has ended. */
  ended: Promise<void> = Promise.resolve();
  /** Whether its end is up to the page. */
  isLoop = false;
  #waitingCount = 0;
  #wake = (): void => undefined;

  sent(): void {
    this.#waitingCount += 1;
  }

  taken(): void {
    this.#waitingCount -= 1;
    this.#wake();
  }

  /** Waits until the page has taken enough. @throws the reason of an abort. */
  async room(): Promise<void> {
    while (this.#waitingCount >= MAX_WAITING_PARTS)
      await abortable(new Promise<void>((resolve) => (this.#wake = resolve)), this.abort.signal);
  }
}

globalThis.addEventListener('message', ({ data }: MessageEvent<Partial<Connect> | null | undefined>) => {
  if (data?.unispeechPort instanceof MessagePort) serve(data.unispeechPort);
});

function serve(port: MessagePort): void {
  const calls = new Map<number, WorkerCall>();
  let loaded: AnyPipeline | undefined;
  let progress: { readonly progress_callback?: ProgressCallback } = {};
  const post = (reply: Reply, transfer: ArrayBuffer[] = []): void => port.postMessage(reply, transfer);
  const sources = new ReceivedSources(post);

  /** Sends the parts of a loop, no faster than the page takes them. */
  const sendAll = async (
    id: number,
    call: WorkerCall,
    partsWith: (send: (value: unknown) => void) => AsyncIterable<unknown> | undefined,
  ): Promise<void> => {
    call.isLoop = true;
    const send = (value: unknown): void => {
      post({ type: 'part', id, value }, transferOf(value));
      call.sent();
    };
    for await (const value of partsWith(send) ?? []) {
      send(value);
      await call.room();
    }
  };

  /** The pipeline checks these, because the page may send anything. */
  const answer = async (request: Request, call: WorkerCall): Promise<unknown> => {
    const { signal } = call.abort;
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
    if (request.type === 'run') {
      const { audio, options } = request;
      const clips = isList(audio) ? audio.map((clip) => sources.clipOf(clip)) : sources.clipOf(audio);
      return loaded?._call(clips, { ...options, signal });
    }
    if (request.type === 'parts') {
      const { id, method, audio, options } = request;
      await sendAll(id, call, () => loaded?.[method]?.(sources.clipOf(audio), { ...options, signal }));
      return undefined;
    }
    if (request.type === 'each') {
      const { id, clips, count, options } = request;
      await sendAll(id, call, (send) => {
        const progress_callback = (news: unknown): void => send({ progress: news } satisfies EachPart);
        return packedErrors(
          loaded?._each?.(sources.clips(clips, signal), { ...options, signal, progress_callback }, count),
        );
      });
      return undefined;
    }
    if (request.type === 'emission-info') return loaded?.emissionInfo?.();
    if (request.type === 'language') {
      // Calls that the page has left still wind up here.
      const left = [...calls.values()].filter(({ abort }) => abort.signal.aborted);
      await Promise.all(left.map(({ ended }) => ended));
      return loaded?.set_target_lang?.(request.language as string, { ...progress, signal });
    }
    return loaded?.dispose();
  };

  const handle = async (request: Request, call: WorkerCall): Promise<void> => {
    const { id, type } = request;
    try {
      if (type === 'dispose') {
        const others = [...calls.values()].filter((other) => other !== call);
        // The page may never go on with a loop.
        const reason = new UniSpeechError('disposed', 'The pipeline was disposed.', 'Make a new one.');
        for (const { isLoop, abort } of others) if (isLoop) abort.abort(reason);
        await Promise.all(others.map(({ ended }) => ended));
      }
      const value = await answer(request, call);
      post({ type: 'done', id, value }, transferOf(value));
    } catch (error) {
      try {
        post({ type: 'failed', id, error: packError(error) });
      } catch {
        post({ type: 'failed', id, error: new Error(String(error)) });
      }
    }
    calls.delete(id);
  };

  port.onmessage = ({ data }: MessageEvent<Request>) => {
    if (data.type === 'abort') calls.get(data.id)?.abort.abort();
    else if (data.type === 'taken') calls.get(data.id)?.taken();
    else if (data.type === 'answer') sources.receive(data.id, data.answer);
    else {
      const call = new WorkerCall();
      calls.set(data.id, call);
      call.ended = handle(data, call);
    }
  };
  post({ type: 'started' });
}

async function* packedErrors(results: AsyncIterable<unknown> | undefined): AsyncGenerator<EachPart> {
  for await (const result of (results ?? []) as AsyncIterable<Exclude<EachPart, { progress: unknown }>>)
    yield result.error === undefined ? result : { ...result, error: packError(result.error) };
}
