/** An engine process: it holds the device, loads models when they are asked for, and recognises clips that others have decoded. */
import type { ServedModelOptions } from '../engine-pool.ts';
import { EngineError } from '../engine-error.ts';
import type { ClipMessage, EngineLimits, EnginePart, FromEngine, ToEngine } from '../messages.ts';
import { isFailureOfDevice, packFailure } from '../packed-failure.ts';
import { cannotLoad } from '../served-models.ts';
import { type EngineModel, loadEngineModel } from './engine-model.ts';
import { alignClip, transcribeClip } from './run-clip.ts';

/** The other side: the process that started this one. */
export interface EnginePort {
  readonly send: (message: FromEngine) => void;
  readonly onMessage: (listener: (message: ToEngine) => void) => void;
  /** Ends this process. */
  readonly exit: () => void;
}

/** What of a failed load clients may know: that of a model tells where it lies. */
function forClients(error: unknown, modelId: string): unknown {
  const failure = packFailure(error);
  if (isFailureOfDevice(failure) || failure.code === 'out-of-memory' || failure.code === 'device-lost')
    return error;
  return failure.code === 'not-found'
    ? new EngineError('model_not_found', cannotLoad(modelId))
    : new Error(failure.message);
}

export function serveEngine({ send, onMessage, exit }: EnginePort): void {
  let models: readonly ServedModelOptions[] = [];
  let limits: EngineLimits = { maxBatch: undefined, maxBatchSeconds: undefined };
  const loaded = new Map<string, Promise<EngineModel>>();
  const running = new Map<string, AbortController>();

  /** Loads a model once; again after it failed. */
  const modelOf = (modelId: string, knownBatch?: number): Promise<EngineModel> => {
    const known = loaded.get(modelId);
    if (known) return known;
    const model = models.find(({ id }) => id === modelId);
    if (!model)
      return Promise.reject(
        new EngineError('model_not_found', `There is no model called ${JSON.stringify(modelId)}.`),
      );
    const loading = loadEngineModel(model, { ...limits, maxBatch: limits.maxBatch ?? knownBatch }, send);
    loaded.set(modelId, loading);
    loading.catch((error: unknown) => {
      loaded.delete(modelId);
      send({ type: 'load-failed', modelId, failure: packFailure(error) });
    });
    return loading;
  };

  const run = async (message: ClipMessage): Promise<void> => {
    const { id } = message;
    const stop = new AbortController();
    running.set(id, stop);
    try {
      const model = await modelOf(message.modelId).catch((error: unknown) => {
        throw forClients(error, message.modelId);
      });
      stop.signal.throwIfAborted();
      const onPart = (part: EnginePart): void => send({ type: 'part', id, part });
      if (message.type === 'transcribe') {
        const { clip, warnings } = await transcribeClip(model, message, stop.signal, onPart);
        send({ type: 'transcribed', id, clip, warnings });
      } else {
        const { clip, warnings } = await alignClip(model, message, stop.signal, onPart);
        send({ type: 'aligned', id, clip, warnings });
      }
    } catch (error) {
      // Who aborted it knows, and waits for nothing.
      if (!stop.signal.aborted) send({ type: 'failed', id, failure: packFailure(error) });
    } finally {
      running.delete(id);
    }
  };

  const stop = async (): Promise<void> => {
    for (const each of running.values()) each.abort();
    const results = await Promise.allSettled(loaded.values());
    for (const result of results) if (result.status === 'fulfilled') await result.value.recognizer.dispose();
  };

  onMessage((message) => {
    switch (message.type) {
      case 'configure':
        ({ models, limits } = message);
        break;
      case 'load':
        modelOf(message.modelId, message.maxBatch).catch(() => undefined);
        break;
      case 'abort':
        running.get(message.id)?.abort();
        break;
      case 'stop':
        void stop().finally(exit);
        break;
      default:
        void run(message);
    }
  });
  send({ type: 'started' });
}
