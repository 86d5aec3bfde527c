/** Opens KenLM binaries: checks their sizes against the file, and leaves what is in it as it is, in memory or in the file. */
import type { ByteSource } from '../../base/files.ts';
import { messageOf } from '../../base/checks.ts';
import { UniSpeechError } from '../../base/errors.ts';
import { damagedModel } from './damaged-model.ts';
import { type KenlmHeader, MAX_HEADER_BYTE_LENGTH, readHeader } from './header.ts';
import { type ModelWords, WordsInMemory } from './model-words.ts';
import type { NgramModel } from './ngram-model.ts';
import { probingLayout, probingTables } from './probing-layout.ts';
import { ProbingModel } from './probing-model.ts';
import { type TrieLayout, trieLayout } from './trie-layout.ts';
import { TrieModel } from './trie-model.ts';
import { type PagedSource, WordsInPages } from './words-in-pages.ts';

/** How a binary is kept. The lengths are powers of two. */
export interface KenlmMemory {
  /** Files that can be read without waiting take no more. */
  readonly memoryByteLength: number;
  /** Of a page of these. */
  readonly pageByteLength?: number | undefined;
  /** Other files are in arrays of so many bytes: Chromium gives less than 2^31. */
  readonly arrayByteLength?: number | undefined;
}

const PAGE_BYTE_LENGTH = 2 ** 14;
const ARRAY_BYTE_LENGTH = 2 ** 28;
const READ_BYTE_LENGTH = 4 * 2 ** 20;

export interface OpenedBinary {
  readonly model: NgramModel;
  /** Whether the model goes on reading the file. */
  readonly needsFile: boolean;
}

/**
 * The words at the end of the file are not read.
 * @throws UniSpeechError `bad-checkpoint` for a damaged or shortened file, `unsupported` for one of another kind, `out-of-memory`.
 */
export async function readKenlmBinary(
  source: ByteSource,
  options: KenlmMemory,
  signal?: AbortSignal,
): Promise<OpenedBinary> {
  const { name, byteLength } = source;
  const startByteLength = Math.min(byteLength, MAX_HEADER_BYTE_LENGTH);
  const header = readHeader(name, await source.read(0, startByteLength, signal));
  for (const [index, count] of header.counts.entries())
    // No entry takes less than a byte. This also keeps all sums below 2^53.
    if (count > byteLength || count >= 2 ** 32 - 2)
      throw damagedModel(
        `${name} claims ${count} ${index + 1}-grams, more than its ${byteLength} bytes can hold.`,
      );
  const layout = header.type === 0 ? probingLayout(header) : await readTrieLayout(source, header, signal);
  if (!(layout.byteLength <= byteLength)) throw tooShort(name, layout.byteLength, byteLength);
  const needsFile = isPaged(source) && layout.byteLength > options.memoryByteLength;
  const memory: ModelWords = needsFile
    ? await WordsInPages.open(
        source,
        {
          byteLength: layout.byteLength,
          hotByteLength: layout.hotByteLength,
          memoryByteLength: options.memoryByteLength,
          pageByteLength: options.pageByteLength ?? PAGE_BYTE_LENGTH,
        },
        signal,
      )
    : await readStart(source, layout.byteLength, options.arrayByteLength ?? ARRAY_BYTE_LENGTH, signal);
  const model =
    'arrays' in layout ? new TrieModel(memory, layout) : new ProbingModel(probingTables(memory, layout));
  return { model, needsFile };
}

const isPaged = (source: ByteSource): source is PagedSource => source.readSync !== undefined;

async function readTrieLayout(
  source: ByteSource,
  header: KenlmHeader,
  signal: AbortSignal | undefined,
): Promise<TrieLayout> {
  const { name, byteLength } = source;
  const viewAt = async (byteOffset: number, readByteLength: number): Promise<DataView> => {
    if (byteOffset + readByteLength > byteLength)
      throw tooShort(name, byteOffset + readByteLength, byteLength);
    const bytes = await source.read(byteOffset, readByteLength, signal);
    return new DataView(bytes.buffer, bytes.byteOffset, readByteLength);
  };
  const layout = await trieLayout(header, {
    byte: async (place) => (await viewAt(place, 1)).getUint8(0),
    count: async (place) => {
      const view = await viewAt(place, 8);
      return view.getUint32(0, true) + 2 ** 32 * view.getUint32(4, true);
    },
  });
  if (layout.wordCount > (header.counts[0] ?? 0))
    throw damagedModel(
      `${name} claims a vocabulary of ${layout.wordCount} words beside ${header.counts[0] ?? 0} 1-grams.`,
    );
  return layout;
}

const tooShort = (name: string, needed: number, found: number): UniSpeechError =>
  damagedModel(`${name} has ${found} bytes, but its header needs ${needed}.`);

/** The first bytes of the file, in memory. */
async function readStart(
  source: ByteSource,
  byteLength: number,
  arrayByteLength: number,
  signal: AbortSignal | undefined,
): Promise<WordsInMemory> {
  const arrays: Uint32Array[] = [];
  try {
    for (let start = 0; start < byteLength; start += arrayByteLength)
      arrays.push(new Uint32Array(Math.ceil(Math.min(arrayByteLength, byteLength - start) / 4)));
  } catch (cause) {
    throw new UniSpeechError(
      'out-of-memory',
      `${source.name} needs ${byteLength} bytes of memory, which are not to be had: ${messageOf(cause)}.`,
      'Use a smaller language model: prune it, or build a quantised trie (build_binary trie -q 8 -b 8).',
      { cause },
    );
  }
  for (const [index, { buffer }] of arrays.entries()) {
    const bytes = new Uint8Array(buffer);
    const start = index * arrayByteLength;
    for (let filled = 0; filled < bytes.length && start + filled < byteLength; filled += READ_BYTE_LENGTH) {
      const length = Math.min(READ_BYTE_LENGTH, bytes.length - filled, byteLength - start - filled);
      bytes.set(await source.read(start + filled, length, signal), filled);
    }
  }
  // Where the source can tell, it tells by this that the file was changed meanwhile.
  source.readSync?.(0, new Uint8Array(1));
  return new WordsInMemory(arrays, arrayByteLength / 4);
}
