/** What the pages offer to choose from: the model and clips that lie beside them, and the precisions of the engine. */
import type { PipelineOptions } from 'unispeech-webgpu';

export interface Choice {
  readonly value: string;
  readonly label: string;
}

/** Absolute, so that it means the same in a worker. */
const beside = (relative: string): string => new URL(`../${relative}`, document.baseURI).href;

export const BUNDLED_MODEL: Choice & { readonly url: string; readonly hint: string } = {
  value: 'bundled',
  label: 'Tiny English digits (3.4 MB)',
  hint: 'Comes with this page. It reads spoken digits and a few command words, nothing else.',
  url: beside('models/unispeech-tiny-en'),
};

/** Precisions of weights; arithmetic is float32 with each. */
export const DTYPES: readonly (Choice & { readonly value: ModelDtype })[] = [
  { value: 'fp32', label: 'fp32' },
  { value: 'fp16', label: 'fp16: half the memory' },
  { value: 'q8', label: 'q8: about a quarter' },
  { value: 'q4', label: 'q4: about an eighth' },
];
export type ModelDtype = NonNullable<PipelineOptions['dtype']>;

export const SAMPLES: readonly Choice[] = [
  { value: 'seven-four-four-seven-three-one-seven.wav', label: 'Seven digits' },
  { value: 'zero-zero-right-three-six-five.wav', label: 'Digits and a word' },
  { value: 'zero-six-one-seven-nine-yes.wav', label: 'Stereo, 44.1 kHz' },
  { value: 'yes-five.flac', label: 'FLAC' },
  { value: 'nine-nine.ogg', label: 'Ogg' },
];

/** The engine's script for a worker, as the build lays it beside the pages. */
export const workerUrl = (): string => beside('shared/worker-host.js');

/** The package's audio worklet, as the build lays it beside the pages. */
export const microphoneWorkletUrl = (): string => beside('shared/microphone-worklet.js');

export const sampleUrl = (fileName: string): string => beside(`audio/${fileName}`);

/** Fills a `<select>`. */
export function fillSelect(select: HTMLSelectElement, choices: readonly Choice[]): void {
  select.replaceChildren(...choices.map(({ value, label }) => new Option(label, value)));
}
