/** Clips whose word times are known: single words, joined with pauses. The joints are the truth. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { SeededRandom } from '../../src/base/seeded-random.ts';
import { readSamples } from './clips.ts';

// Not beside this file: benchmarks are bundled.
const folder = path.resolve('test/fixtures/spoken-words');
const SAMPLE_RATE = 16_000;

export interface BankWord {
  readonly word: string;
  readonly samples: Float32Array;
}

export interface JoinedClip {
  readonly text: string;
  readonly samples: Float32Array;
  /** Seconds of each word. */
  readonly edges: readonly (readonly [start: number, end: number])[];
}

/** The words of each voice. */
export async function readSpokenWords(): Promise<BankWord[][]> {
  const rows = readFileSync(path.join(folder, 'MANIFEST.tsv'), 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((row) => row.split('\t'));
  const files = [...new Set(rows.map(([file = '']) => file))];
  return Promise.all(
    files.map(async (file) => {
      const samples = await readSamples(path.join(folder, file));
      return rows
        .filter(([name]) => name === file)
        .map(([, word = '', start, count]) => ({
          word,
          samples: samples.slice(Number(start), Number(start) + Number(count)),
        }));
    }),
  );
}

export interface JoinOptions {
  readonly seed: number;
  readonly wordCount: number;
  /** The longest pause between words. Some words touch. */
  readonly maxPauseSeconds?: number;
  /** The deviation of white noise over all of the clip. By default that of the last bit of 16. */
  readonly noise?: number;
}

/** Joins words of one voice, each at a loudness of its own. The same seed gives the same clip. */
export function joinWords(voice: readonly BankWord[], options: JoinOptions): JoinedClip {
  const { seed, wordCount, maxPauseSeconds = 0.3, noise = 0.5 / 32768 } = options;
  const random = new SeededRandom(seed);
  const silence = (from: number, to: number): number =>
    Math.round((from + (to - from) * random.uniform()) * SAMPLE_RATE);
  const placed: { word: BankWord; start: number; gain: number }[] = [];
  let length = silence(0.15, 0.5);
  for (let index = 0; index < wordCount; index++) {
    const word = voice[random.integer(0, voice.length - 1)];
    if (!word) continue;
    if (index > 0) length += silence(0, maxPauseSeconds);
    placed.push({ word, start: length, gain: 0.5 + 0.5 * random.uniform() });
    length += word.samples.length;
  }
  const samples = random.normals(length + silence(0.15, 0.5), 0, noise);
  for (const { word, start, gain } of placed)
    word.samples.forEach(
      (sample, index) => (samples[start + index] = (samples[start + index] ?? 0) + gain * sample),
    );
  return {
    text: placed.map(({ word }) => word.word).join(' '),
    samples,
    edges: placed.map(({ word, start }) => [
      start / SAMPLE_RATE,
      (start + word.samples.length) / SAMPLE_RATE,
    ]),
  };
}

/** The clips of the accuracy bench. */
export const joinedClips = (
  voices: readonly (readonly BankWord[])[],
  count: number,
  noise?: number,
): JoinedClip[] =>
  Array.from({ length: count }, (_, index) =>
    joinWords(voices[index % voices.length] ?? [], {
      seed: index,
      wordCount: 4 + (index % 4),
      ...(noise !== undefined && { noise }),
    }),
  );
