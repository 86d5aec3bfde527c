/** One model that recognises speech, kept loaded in a worker, so that the page itself stays free. */
import type { ProgressCallback } from 'unispeech-webgpu';
import { createWorkerPipeline, type WorkerPipeline } from 'unispeech-webgpu/worker';
import { workerUrl } from './catalog.ts';
import { agreeOnModel } from './model-consent.ts';
import type { ModelChoice, ModelField } from './model-field.ts';
import type { BusyBar } from './progress.ts';

export type WorkerRecognizer = WorkerPipeline;

export class WorkerModel {
  #loaded:
    | { readonly choice: ModelChoice; readonly worker: Worker; readonly recognize: WorkerRecognizer }
    | undefined;

  isLoaded({ location, dtype }: ModelChoice): boolean {
    const { choice } = this.#loaded ?? {};
    return choice?.location === location && choice.dtype === dtype;
  }

  /**
   * Loads the model that is chosen. Another one than the page's own is shown first, and waits for a click.
   * @param use what a model of another kind cannot do: `align text`.
   * @throws Error for such a model; what `load` and `agreeOnModel` throw.
   */
  async loadChosen(
    field: ModelField,
    busy: BusyBar,
    use: string,
    signal: AbortSignal,
  ): Promise<WorkerRecognizer> {
    const choice = field.choice();
    if (!this.isLoaded(choice)) {
      if (field.isOther) {
        busy.say('Nothing is loaded yet. Look at the model, and start it below.');
        const task = await agreeOnModel(choice.location, signal);
        if (task !== 'automatic-speech-recognition')
          throw new Error(`Only models that recognise speech can ${use}.`);
      }
      busy.say('Loading the model …');
    }
    return await this.load(choice, busy.report, signal);
  }

  /** Loads the model unless it is there; frees the one before. @throws what `createWorkerPipeline` throws. */
  async load(
    choice: ModelChoice,
    onProgress: ProgressCallback,
    signal: AbortSignal,
  ): Promise<WorkerRecognizer> {
    if (this.#loaded && this.isLoaded(choice)) return this.#loaded.recognize;
    const old = this.#loaded;
    this.#loaded = undefined;
    await old?.recognize.dispose();
    old?.worker.terminate();
    const worker = new Worker(workerUrl(), { type: 'module' });
    try {
      const recognize = await createWorkerPipeline('automatic-speech-recognition', choice.location, {
        worker,
        dtype: choice.dtype,
        progress_callback: onProgress,
        signal,
      });
      this.#loaded = { choice, worker, recognize };
      return recognize;
    } catch (error) {
      worker.terminate();
      throw error;
    }
  }
}
