/** Made-up speech whose samples say what is spoken, and a recogniser that reads it, as moody at the edges as a real one. */
import type { Recognize } from '../../src/microphone/hypothesis.ts';

export const RATE = 16_000;

export interface SpokenWord {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** A repeatable source of numbers in [0, 1). */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const VOCABULARY = ['ONE', 'TWO', 'THREE', 'FOUR', 'FIVE', 'SIX', 'SEVEN', 'EIGHT', 'NINE', 'ZERO'];

/** Words of 0.1 to 0.6 s with pauses of 0.06 to 0.4 s, and now and then a few seconds of silence. */
export function* speak(seconds: number, seed = 1): Generator<SpokenWord> {
  const next = random(seed);
  for (let time = 0.3; ;) {
    const end = time + 0.1 + 0.5 * next();
    if (end > seconds) return;
    // Low bits: the same word often comes twice in a row.
    yield { text: VOCABULARY[Math.floor(next() * VOCABULARY.length)] ?? '', start: time, end };
    time = end + (next() < 0.05 ? 6 * next() : 0.06 + 0.34 * next());
  }
}

/**
 * Chunks of 0.1 s, made when asked for. A sample is (number of the word + 1) / 100 000 where one is spoken, plus 0.1 so
 * that it is no silence, and 0 elsewhere.
 */
export function* chunksOf(words: Iterable<SpokenWord>, seconds: number): Generator<Float32Array> {
  const iterator = words[Symbol.iterator]();
  let index = 0;
  let word = iterator.next().value as SpokenWord | undefined;
  const length = RATE / 10;
  for (let start = 0; start < seconds * RATE; start += length) {
    const chunk = new Float32Array(length);
    for (let offset = 0; offset < length; offset += 1) {
      const time = (start + offset) / RATE;
      while (word && time >= word.end) {
        index += 1;
        word = iterator.next().value as SpokenWord | undefined;
      }
      if (word && time >= word.start) chunk[offset] = 0.1 + (index + 1) / 100_000;
    }
    yield chunk;
  }
}

export interface ScriptedOptions {
  readonly words: readonly SpokenWord[];
  /** How far times wander between looks, in seconds. Default 0.03. */
  readonly jitter?: number;
  /** Words that end this close to the edge are heard wrongly. Default 0.3. */
  readonly unstableSeconds?: number;
}

/** Reads the words in the samples. Words that the window cuts, and words at its end, are heard as something else. */
export function scriptedRecognizer({
  words,
  jitter = 0.03,
  unstableSeconds = 0.3,
}: ScriptedOptions): Recognize {
  const next = random(99);
  let looks = 0;
  return ({ raw }) => {
    looks += 1;
    const edge = raw.length / RATE;
    const chunks: { text: string; timestamp: readonly [number, number] }[] = [];
    for (let from = 0; from < raw.length;) {
      const value = raw[from] ?? 0;
      let to = from + 1;
      while (to < raw.length && raw[to] === value) to += 1;
      if (value !== 0) {
        const { text, start, end } = words[Math.round((value - 0.1) * 100_000) - 1] ?? {
          text: '',
          start: 0,
          end: 0,
        };
        const isWhole = (to - from) / RATE > end - start - 0.001;
        const isUnstable = to / RATE > edge - unstableSeconds;
        const shift = (next() - 0.5) * 2 * jitter;
        chunks.push({
          text: isWhole && !isUnstable ? text : `${text.slice(0, 2)}${looks}`,
          timestamp: [Math.max(0, from / RATE + shift), to / RATE + shift],
        });
      }
      from = to;
    }
    return Promise.resolve({ text: chunks.map(({ text }) => text).join(' '), chunks });
  };
}
