/** The engine as this page uses it: one model kept loaded, and a transcript with its times from one call. */
import {
  type AutomaticSpeechRecognitionPipeline,
  pipeline,
  type ProgressCallback,
  Wav2Vec2PhonemeCTCTokenizer,
} from 'unispeech-webgpu';
import { transcribeMicrophone, type TranscriptUpdate } from 'unispeech-webgpu/microphone';
import { showInDevTools } from 'unispeech-webgpu/profile';
import { microphoneWorkletUrl } from '../shared/catalog.ts';
import type { ModelChoice } from '../shared/model-field.ts';
import { joinWords, type Timed, type Word } from './alignment.ts';
import { type Audio, SAMPLE_RATE } from './audio.ts';

/** Longer audio is cut into overlapping pieces of this many seconds: any length then fits the adapter. */
const PIECE_SECONDS = 20;

export interface KernelTime {
  readonly kernel: string;
  readonly dispatchCount: number;
  readonly milliseconds: number;
}

export interface ShownTranscript {
  readonly model: ModelChoice;
  readonly text: string;
  readonly characters: readonly Timed[];
  readonly words: readonly Word[];
  readonly isPhonemes: boolean;
  readonly runMilliseconds: number;
  /** GPU time by kernel, longest first; undefined where the adapter has no timestamps. */
  readonly kernels: readonly KernelTime[] | undefined;
  /** Whether `kernels` are those of the last piece of longer audio only. */
  readonly kernelsOfLastPiece: boolean;
  readonly adapter: string;
}

export class Recognizer {
  #loaded:
    | { readonly choice: ModelChoice; readonly recognize: AutomaticSpeechRecognitionPipeline }
    | undefined;
  /** Of the latest load, in milliseconds; 0 when the model was there already. */
  loadMilliseconds = 0;

  isLoaded({ location, dtype }: ModelChoice): boolean {
    const { choice } = this.#loaded ?? {};
    return choice?.location === location && choice.dtype === dtype;
  }

  /** Loads the model unless it is there; frees the one before. @throws what `pipeline` throws. */
  async load(choice: ModelChoice, onProgress: ProgressCallback, signal: AbortSignal): Promise<void> {
    this.loadMilliseconds = 0;
    if (this.isLoaded(choice)) return;
    await this.#loaded?.recognize.dispose();
    this.#loaded = undefined;
    const start = performance.now();
    const recognize = await pipeline('automatic-speech-recognition', choice.location, {
      dtype: choice.dtype,
      progress_callback: onProgress,
      signal,
    });
    this.loadMilliseconds = performance.now() - start;
    recognize.model.runner.timing = recognize.model.runner.context.capabilities.timestamps;
    this.#loaded = { choice, recognize };
  }

  /** Text while the sound comes in. @throws from its loop the signal's reason, or what a call of the pipeline throws. */
  listen(stream: MediaStream, signal: AbortSignal): AsyncIterable<TranscriptUpdate> {
    if (!this.#loaded) throw new Error('no model is loaded');
    const { recognize } = this.#loaded;
    return transcribeMicrophone(recognize, { stream, workletUrl: microphoneWorkletUrl(), signal });
  }

  /** @throws what a call of the pipeline throws; the model stays loaded. */
  async transcribe({ samples, seconds }: Audio, signal: AbortSignal): Promise<ShownTranscript> {
    if (!this.#loaded) throw new Error('no model is loaded');
    const { choice, recognize } = this.#loaded;
    const { runner } = recognize.model;
    const isCut = seconds > PIECE_SECONDS;
    const start = performance.now();
    const { text, chunks = [] } = await recognize(
      { raw: samples, sampling_rate: SAMPLE_RATE },
      { return_timestamps: 'char', signal, ...(isCut && { chunk_length_s: PIECE_SECONDS }) },
    );
    const runMilliseconds = performance.now() - start;
    const adapter = runner.context.capabilities.adapter;
    if (runner.timing && runner.lastReport) {
      showInDevTools({ ...runner.lastReport, adapter });
      // A recording that is under way has them; the page itself needs none.
      performance.clearMeasures();
    }
    const characters = chunks.map(({ text: unit, timestamp: [from, to] }) => ({
      text: unit,
      start: from,
      end: Math.min(to, seconds),
    }));
    const isPhonemes = recognize.tokenizer instanceof Wav2Vec2PhonemeCTCTokenizer;
    return {
      model: choice,
      text,
      characters,
      words: joinWords(characters, isPhonemes),
      isPhonemes,
      runMilliseconds,
      kernels: runner.timing ? sumByKernel(runner.lastReport?.steps ?? []) : undefined,
      kernelsOfLastPiece: isCut,
      adapter,
    };
  }
}

/** The time of each kernel over all its dispatches, longest first. */
export function sumByKernel(
  steps: readonly { readonly kernel: string; readonly nanoseconds: number }[],
): KernelTime[] {
  const times = new Map<string, KernelTime>();
  for (const { kernel, nanoseconds } of steps) {
    const { dispatchCount = 0, milliseconds = 0 } = times.get(kernel) ?? {};
    times.set(kernel, {
      kernel,
      dispatchCount: dispatchCount + 1,
      milliseconds: milliseconds + nanoseconds / 1e6,
    });
  }
  return [...times.values()].sort((a, b) => b.milliseconds - a.milliseconds);
}
