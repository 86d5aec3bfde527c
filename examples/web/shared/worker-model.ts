/** One model that recognises speech, kept loaded in a worker, so that the page itself stays free. */
import type { ProgressCallback } from 'unispeech-webgpu';
import { createWorkerPipeline, type WorkerPipeline } from 'unispeech-webgpu/worker';
import { type ModelDtype, workerUrl } from './catalog.ts';

export type WorkerRecognizer = WorkerPipeline;

interface ModelOfPage {
  readonly location: string;
  readonly dtype: ModelDtype;
}

export class WorkerModel {
  #loaded:
    | { readonly choice: ModelOfPage; readonly worker: Worker; readonly recognize: WorkerRecognizer }
    | undefined;

  isLoaded({ location, dtype }: ModelOfPage): boolean {
    const { choice } = this.#loaded ?? {};
    return choice?.location === location && choice.dtype === dtype;
  }

  /** Loads the model unless it is there; frees the one before. @throws what `createWorkerPipeline` throws. */
  async load(
    choice: ModelOfPage,
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
