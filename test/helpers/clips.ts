/** The sample clips and the bundled model, and what the reference reads in them. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { prepareClip } from '../../src/pipelines/audio-source.ts';
import { goldensFolder } from './golden.ts';

export const modelFolder = fileURLToPath(new URL('../../examples/models/unispeech-tiny-en', import.meta.url));
export const clipFolder = fileURLToPath(new URL('../../examples/audio/', import.meta.url));

/** A record of `demo.json` or `speech.json`; see the README of the goldens. */
export interface ClipGolden {
  readonly file: string;
  readonly sampleRate: number;
  readonly channelCount: number;
  readonly sampleCount: number;
  readonly text: string;
  readonly ids: readonly number[];
  readonly smallestMargin: number;
  readonly maxAbsLogit: number;
  /** In `speech.json`: the frames whose logits are listed. */
  readonly frames?: readonly number[];
  readonly logits?: readonly (readonly number[])[];
}

export const readClipGoldens = (fileName: 'demo.json' | 'speech.json'): readonly ClipGolden[] =>
  JSON.parse(readFileSync(goldensFolder + fileName, 'utf8')) as readonly ClipGolden[];

/** A file as mono samples at 16 kHz. */
export async function readSamples(file: string): Promise<Float32Array> {
  return (await prepareClip(file, { sampleRate: 16_000 })).samples;
}
