/** The state of a model on a device, and its recovery after the device was lost. */
import { abortable } from '../../base/abortable.ts';
import { messageOf } from '../../base/checks.ts';
import { UniSpeechError } from '../../base/errors.ts';
import type { WarningCallback } from '../../base/files.ts';
import type { GpuContext } from '../../gpu/context.ts';
import { disposedError, Session } from '../../graph/session.ts';
import { byteLengthOf, type LoadedWeights } from './load-weights.ts';
import type { Tuning } from './tuning.ts';

/** Weights and activations of one model on one device. Takes over the weights and one use of the context. */
export class LoadedModel {
  readonly session: Session;
  #weights: LoadedWeights;

  constructor(
    readonly context: GpuContext,
    weights: LoadedWeights,
    /** Changes only while it is loaded. */
    public tuning: Tuning,
  ) {
    this.#weights = weights;
    this.session = new Session(context, weights.bindings);
  }

  get weights(): LoadedWeights {
    return this.#weights;
  }

  /**
   * Takes weights in place of those of the same names, which share no buffer with others, once pending runs are done.
   * @throws UniSpeechError `disposed`; the weights are the caller's then.
   */
  async replaceWeights({ bindings }: LoadedWeights): Promise<void> {
    await this.session.replaceWeights(bindings);
    const all = new Map([...this.#weights.bindings, ...bindings]);
    this.#weights = { bindings: all, byteLength: byteLengthOf(all) };
  }

  /** Waits for pending runs and frees everything. */
  async dispose(): Promise<void> {
    await this.session.dispose();
    this.context.release();
  }
}

/** Opens a device and loads the model onto it. The signal cancels; nothing stays allocated then. */
export type LoadModel = (signal: AbortSignal | undefined) => Promise<LoadedModel>;

/** A loaded model that is loaded again when its device is lost. Calls that failed by the same loss share one rebuild. */
export class DurableModel {
  #current: LoadedModel;
  #rebuild: Promise<LoadedModel> | undefined;
  readonly #closing = new AbortController();
  readonly #load: LoadModel;
  readonly #warn: WarningCallback;

  constructor(loaded: LoadedModel, load: LoadModel, warn: WarningCallback) {
    this.#load = load;
    this.#warn = warn;
    this.#current = loaded;
  }

  /** Aborts when the model is disposed. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  get current(): LoadedModel {
    return this.#current;
  }

  /**
   * Does `work` on the device. If the device is lost in the meantime, repeats it once on a new device.
   * @throws UniSpeechError `disposed`, or `device-lost` if the device is the caller's own, is lost again, or cannot be
   * replaced; the errors of `work`.
   */
  async use<T>(work: (model: LoadedModel) => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    this.#closing.signal.throwIfAborted();
    const model = this.#current;
    try {
      return await work(model);
    } catch (error) {
      signal?.throwIfAborted();
      if (!model.context.isLost || !model.context.ownsDevice || this.#closing.signal.aborted) throw error;
      return work(await abortable(this.#replace(model), signal));
    }
  }

  /** Waits for pending work and frees everything. */
  async dispose(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort(disposedError());
    await this.#rebuild?.catch(() => undefined);
    await this.#current.dispose();
  }

  async #replace(lost: LoadedModel): Promise<LoadedModel> {
    if (this.#current !== lost) return this.#current;
    this.#rebuild ??= this.#loadAgain(lost).finally(() => {
      this.#rebuild = undefined;
    });
    return this.#rebuild;
  }

  async #loadAgain(lost: LoadedModel): Promise<LoadedModel> {
    const closing = this.#closing.signal;
    let model: LoadedModel;
    try {
      model = await this.#load(closing);
    } catch (cause) {
      closing.throwIfAborted();
      throw new UniSpeechError(
        'device-lost',
        `The GPU device was lost, and loading the model onto a new one failed: ${messageOf(cause)}`,
        'Call again to try once more, or load the model again.',
        { cause },
      );
    }
    // A model that is disposed meanwhile waits for this promise and disposes the new one.
    this.#current = model;
    await lost.dispose();
    closing.throwIfAborted();
    // Apart from this promise: a listener that throws must not fail calls that have a device again.
    queueMicrotask(() =>
      this.#warn('device-rebuilt', 'The GPU device was lost; the model was loaded onto a new one.'),
    );
    return model;
  }
}
