/** Where the arrays of a `trie` file lie. Source: `lm/trie.cc`, `lm/quantize.hh`, `lm/bhiksha.cc` of KenLM. */
import type { KenlmHeader } from './header.ts';

/** Values of an array that are indices into tables of float32. */
interface QuantizedValues {
  readonly backoffBits: number;
  readonly backoffByte: number;
  readonly probabilityBits: number;
  readonly probabilityByte: number;
}

/** n-grams of one length, each with the word that is the oldest of it. Those that share the other words follow each other, sorted by it. */
export interface TrieArray {
  readonly byteOffset: number;
  readonly count: number;
  readonly wordBits: number;
  readonly quantized: QuantizedValues | undefined;
  /** Of the index of the first child; undefined for the longest n-grams. */
  readonly nextBits: number | undefined;
  readonly totalBits: number;
  /** The upper bits of those indices: the entries from which on they grow by one, as numbers of 64 bits. */
  readonly pointers: { readonly byteOffset: number; readonly count: number } | undefined;
}

export interface TrieLayout {
  /** Where the sorted hashes of the words begin. */
  readonly vocabularyByte: number;
  /** Without `<unk>`. */
  readonly wordCount: number;
  readonly unigramByte: number;
  /** Of two words, of three and so on. */
  readonly arrays: readonly TrieArray[];
  /** Of the words, of which each look-up needs some, and of the tables of floats. */
  readonly hotByteLength: number;
  /** Of all that is needed of the file. */
  readonly byteLength: number;
}

/** Numbers in the file that the places of others depend on. */
export interface TrieReader {
  readonly byte: (byteOffset: number) => Promise<number>;
  readonly count: (byteOffset: number) => Promise<number>;
}

/** How many bits a number needs. */
export const bitsFor = (value: number): number => (value < 1 ? 0 : Math.floor(Math.log2(value)) + 1);

export async function trieLayout(
  { type, counts, byteLength }: KenlmHeader,
  { byte, count: readCount }: TrieReader,
): Promise<TrieLayout> {
  const [unigramCount = 0] = counts;
  const order = counts.length;
  const wordCount = await readCount(byteLength);
  const vocabularyByte = byteLength + 8;
  let end = vocabularyByte + 8 * unigramCount;
  const quantized: QuantizedValues[] = [];
  if (type === 3 || type === 5) {
    const probabilityBits = await byte(end + 1);
    const backoffBits = await byte(end + 2);
    end += 8;
    for (let length = 2; length <= order; length += 1) {
      const probabilityByte = end;
      const backoffByte = end + 4 * 2 ** probabilityBits;
      const isLongest = length === order;
      // In an entry the back-off comes first. The longest n-grams have none.
      quantized.push({
        probabilityBits,
        probabilityByte,
        backoffBits: isLongest ? 0 : backoffBits,
        backoffByte,
      });
      end = isLongest ? backoffByte : backoffByte + 4 * 2 ** backoffBits;
    }
  }
  const unigramByte = end;
  end += 16 * (unigramCount + 2);
  const hotByteLength = end;
  const hasPointers = type === 4 || type === 5;
  // KenLM reads the setting of the first array for all.
  const pointerBits = hasPointers && order > 2 ? await byte(end + 1) : 0;
  const wordBits = bitsFor(unigramCount);
  const arrays: TrieArray[] = [];
  for (const [index, count] of counts.slice(1).entries()) {
    const isLongest = index === order - 2;
    const values = quantized[index];
    const childCount = isLongest ? 0 : (counts[index + 2] ?? 0);
    let nextBits = isLongest ? undefined : bitsFor(childCount);
    let pointers: TrieArray['pointers'];
    if (hasPointers && nextBits !== undefined) {
      nextBits -= choppedBits(count + 1, childCount, pointerBits);
      pointers = {
        byteOffset: Math.ceil(end / 8) * 8 + 8,
        count: Math.floor(childCount / 2 ** nextBits) + 1,
      };
      end += 8 * (1 + pointers.count) + 7;
    }
    const probabilityBits = values ? values.probabilityBits : 31;
    const backoffBits = isLongest ? 0 : values ? values.backoffBits : 32;
    const totalBits = wordBits + probabilityBits + backoffBits + (nextBits ?? 0);
    arrays.push({ byteOffset: end, count, wordBits, quantized: values, nextBits, totalBits, pointers });
    end += Math.floor(((1 + count) * totalBits + 7) / 8) + 8;
  }
  return { vocabularyByte, wordCount, unigramByte, arrays, hotByteLength, byteLength: end };
}

/** How many bits of an index become pointers: as many as make the array smallest. */
function choppedBits(entryCount: number, childCount: number, mostBits: number): number {
  const required = bitsFor(childCount);
  let best = 0;
  let least = Infinity;
  for (let chopped = 0; chopped <= Math.min(required, mostBits); chopped += 1) {
    const bits = Math.floor(childCount / 2 ** (required - chopped)) * 64 - entryCount * chopped;
    if (bits >= least) continue;
    least = bits;
    best = chopped;
  }
  return best;
}
