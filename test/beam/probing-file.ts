/** Writes a probing file of KenLM, as large as a test needs: n-grams of made-up words, with as little sense as random numbers have. */
import { SeededRandom } from '../../src/base/seeded-random.ts';
import { combineKey, Hash64, WordHasher } from '../../src/beam/kenlm/hash64.ts';

const MULTIPLIER = 1.5;
const HEADER_BYTE_LENGTH = 136;

/** `W1`, `W2`, … */
export const numbered = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `W${index + 1}`);

/** Order 3, with these words besides `<unk>`, `<s>` and `</s>`, and room for so many pairs and triples, of which some are the same. */
export function probingFile(ownWords: readonly string[], ngramCount: number): Uint8Array {
  const random = new SeededRandom(7);
  const words = ['<s>', '</s>', ...ownWords];
  const counts = [words.length + 1, ngramCount, ngramCount];
  const buckets = counts.map((count) =>
    Math.max(count + 1, Math.floor(Math.fround(MULTIPLIER * Math.fround(count)))),
  );
  const [wordBuckets = 0, pairBuckets = 0, tripleBuckets = 0] = buckets;
  const vocabulary = HEADER_BYTE_LENGTH + 8;
  const unigrams = vocabulary + 12 * wordBuckets;
  const pairs = unigrams + 8 * (words.length + 2);
  const triples = pairs + 16 * pairBuckets;
  const bytes = new Uint8Array(triples + 12 * tripleBuckets);
  const view = new DataView(bytes.buffer);
  bytes.set(Buffer.from('mmap lm http://kheafield.com/code format version 5\n\0'));
  for (const [index, value] of [0, 1, -0.5].entries()) view.setFloat32(56 + 4 * index, value, true);
  for (const [place, value] of [
    [68, 1],
    [72, 0xffff_ffff],
    [80, 1],
    [88, 3],
    [100, 0],
  ] as const)
    view.setUint32(place, value, true);
  view.setFloat32(92, MULTIPLIER, true);
  for (const [index, count] of counts.entries()) view.setUint32(108 + 8 * index, count, true);

  const wordsOf = new Uint32Array(bytes.buffer);
  const key = new Hash64();
  /** @returns where its values lie; a key that is there already stays. */
  const insert = (start: number, bucketCount: number, stride: number): number => {
    for (let bucket = key.modulo(bucketCount); ; bucket = (bucket + 1) % bucketCount) {
      const place = start / 4 + stride * bucket;
      const isFree = wordsOf[place] === 0 && wordsOf[place + 1] === 0;
      const isThere = wordsOf[place] === key.low && wordsOf[place + 1] === key.high;
      if (!isFree && !isThere) continue;
      wordsOf[place] = key.low;
      wordsOf[place + 1] = key.high;
      return 4 * (place + 2);
    }
  };
  const value = (): number => -5 * random.uniform();
  const hasher = new WordHasher();
  for (const [index, word] of words.entries()) {
    hasher.hash(word, key);
    view.setUint32(insert(vocabulary, wordBuckets, 3), index + 1, true);
  }
  for (let place = unigrams; place < pairs; place += 4) view.setFloat32(place, value(), true);
  const scratch = new Hash64();
  for (let count = 0; count < ngramCount; count += 1) {
    const newest = random.integer(1, words.length);
    key.set(0, newest);
    combineKey(key, random.integer(1, words.length), scratch);
    const pair = insert(pairs, pairBuckets, 4);
    view.setFloat32(pair, value(), true);
    view.setFloat32(pair + 4, value(), true);
    combineKey(key, random.integer(1, words.length), scratch);
    view.setFloat32(insert(triples, tripleBuckets, 3), value(), true);
  }
  return bytes;
}
