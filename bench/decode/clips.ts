/** Logits and a language model for the decoders to work on: made up, and the same in every run. */
import { SeededRandom } from '../../src/base/seeded-random.ts';

/** As the vocabularies of wav2vec 2.0 have them. */
export const LABELS: readonly string[] = [
  ...['<pad>', '<s>', '</s>', '<unk>', '|'],
  ...Array.from("ETAONIHSRDLUMWCFGYPBVK'XJQZ"),
];
const BLANK = 0;
const SPACE = 4;
/** Of a second of speech at 16 kHz. */
const FRAMES_A_SECOND = 50;

/** Words of letters as English has them, the frequent ones short. */
export function makeWords(count: number): string[] {
  const random = new SeededRandom(11);
  const letters = 'EEEETTTAAAOOONNNIIIHHSSRRDDLLUMWCFGYPBVK';
  const words = new Set<string>();
  while (words.size < count) {
    const length = 1 + Math.floor(2 + 1.5 * Math.abs(random.normal()) + Math.log10(1 + words.size));
    words.add(Array.from({ length }, () => letters[random.integer(0, letters.length - 1)] ?? 'E').join(''));
  }
  return [...words];
}

/** Words that follow each other by Zipf's law. */
function* sentence(words: readonly string[], random: SeededRandom): Generator<string> {
  for (;;) yield words[Math.floor(words.length ** random.uniform()) - 1] ?? 'THE';
}

/** A text of so many words. */
export function makeText(words: readonly string[], count: number, seed: number): string[] {
  const text = sentence(words, new SeededRandom(seed));
  return Array.from({ length: count }, () => text.next().value as string);
}

/**
 * Logits of so many seconds of speech: letters of words, each likely in a frame or two with blanks between, and others less so. Every seventh letter
 * is doubtful.
 */
export function makeLogits(words: readonly string[], seconds: number, seed: number): Float32Array {
  const random = new SeededRandom(seed);
  const frameCount = seconds * FRAMES_A_SECOND;
  const logits = Float32Array.from({ length: frameCount * LABELS.length }, () => 1.2 * random.normal());
  const raise = (frame: number, label: number, by: number): void => {
    const place = frame * LABELS.length + label;
    logits[place] = (logits[place] ?? 0) + by;
  };
  let frame = 0;
  for (const word of sentence(words, random)) {
    for (const letter of `${word}|`) {
      const label = LABELS.indexOf(letter);
      for (let left = random.integer(1, 2); left > 0 && frame < frameCount; left -= 1, frame += 1) {
        raise(frame, label, 9);
        if (random.uniform() < 1 / 7) raise(frame, random.integer(SPACE, LABELS.length - 1), 8.5);
      }
      for (let left = random.integer(0, 3); left > 0 && frame < frameCount; left -= 1, frame += 1)
        raise(frame, BLANK, 9);
    }
    if (frame >= frameCount) return logits;
  }
  return logits;
}

/** An ARPA text of order 3 with these words: as many pairs and triples as a text of them has. */
export function makeArpa(words: readonly string[], pairCount: number): string {
  const random = new SeededRandom(5);
  const log10 = (): string => (-0.5 - 3 * random.uniform()).toFixed(4);
  const pairs = new Set<string>();
  const triples = new Set<string>();
  const text = sentence(words, random);
  let [first, second] = ['<s>', words[0] ?? 'THE'];
  while (pairs.size < pairCount) {
    const third = text.next().value as string;
    pairs.add(`${first} ${second}`);
    pairs.add(`${second} ${third}`);
    triples.add(`${first} ${second} ${third}`);
    [first, second] = [second, third];
  }
  const backoff = (): string => (-0.6 * random.uniform()).toFixed(4);
  return [
    '\\data\\',
    `ngram 1=${words.length + 3}`,
    `ngram 2=${pairs.size}`,
    `ngram 3=${triples.size}`,
    '',
    '\\1-grams:',
    '-4\t<unk>\t0',
    `-99\t<s>\t${backoff()}`,
    '-1.5\t</s>',
    ...words.map((word) => `${log10()}\t${word}\t${backoff()}`),
    '',
    '\\2-grams:',
    ...Array.from(pairs, (pair) => `${log10()}\t${pair}\t${backoff()}`),
    '',
    '\\3-grams:',
    ...Array.from(triples, (triple) => `${log10()}\t${triple}`),
    '',
    '\\end\\',
    '',
  ].join('\n');
}
