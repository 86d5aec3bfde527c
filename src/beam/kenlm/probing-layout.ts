/** Where the tables of a `probing` file lie. Source: `lm/search_hashed.cc`, `lm/vocab.cc` of KenLM. */
import type { HashTable } from './hash-table.ts';
import type { KenlmHeader } from './header.ts';
import type { ModelWords } from './model-words.ts';
import type { ProbingTables } from './probing-model.ts';

interface TableRegion {
  readonly byteOffset: number;
  readonly bucketCount: number;
  readonly stride: 3 | 4;
}

export interface ProbingLayout {
  readonly vocabulary: TableRegion;
  readonly unigramByte: number;
  readonly unigramCount: number;
  readonly ngrams: readonly TableRegion[];
  /** Of the words, of which each look-up needs some. */
  readonly hotByteLength: number;
  /** Of all that is needed of the file. */
  readonly byteLength: number;
}

export function probingLayout({ counts, probingMultiplier, byteLength }: KenlmHeader): ProbingLayout {
  const bucketsFor = (count: number): number =>
    Math.max(count + 1, Math.floor(Math.fround(probingMultiplier * Math.fround(count))));
  let end = byteLength;
  const region = (count: number, stride: 3 | 4): TableRegion => {
    const bucketCount = bucketsFor(count);
    const byteOffset = end;
    end += 4 * stride * bucketCount;
    return { byteOffset, bucketCount, stride };
  };
  const [wordCount = 0, ...longer] = counts;
  // A version and a number of ids come first.
  end += 8;
  const vocabulary = region(wordCount, 3);
  const unigramByte = end;
  const unigramCount = wordCount + 1;
  end += 8 * unigramCount;
  const hotByteLength = end;
  const ngrams = longer.map((count, index) => region(count, index === longer.length - 1 ? 3 : 4));
  return { vocabulary, unigramByte, unigramCount, ngrams, hotByteLength, byteLength: end };
}

/** @param memory the file, at least up to the end of its tables. */
export function probingTables(memory: ModelWords, layout: ProbingLayout): ProbingTables {
  const tableOf = ({ byteOffset, bucketCount, stride }: TableRegion): HashTable => ({
    memory,
    start: byteOffset / 4,
    bucketCount,
    stride,
  });
  return {
    vocabulary: tableOf(layout.vocabulary),
    unigrams: { memory, start: layout.unigramByte / 4, count: layout.unigramCount },
    ngrams: layout.ngrams.map(tableOf),
  };
}
