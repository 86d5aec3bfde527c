/** Opens KenLM binaries: checks their sizes against the file, and keeps them as they are, in one buffer. */
import type { ByteSource } from '../../base/files.ts';
import { messageOf } from '../../base/checks.ts';
import { UniSpeechError } from '../../base/errors.ts';
import { damagedModel } from './damaged-model.ts';
import { type KenlmHeader, MAX_HEADER_BYTE_LENGTH, readHeader } from './header.ts';
import type { NgramModel } from './ngram-model.ts';
import { probingLayout, probingTables } from './probing-layout.ts';
import { ProbingModel } from './probing-model.ts';
import { trieLayout } from './trie-layout.ts';
import { TrieModel } from './trie-model.ts';

const READ_BYTE_LENGTH = 4 * 2 ** 20;

/**
 * Look-ups cannot wait for reads, so a model must fit into memory as one buffer of its size. The words at the end of the file are not read.
 * @throws UniSpeechError `bad-checkpoint` for a damaged or shortened file, `unsupported` for one of another kind, `out-of-memory`.
 */
export async function readKenlmBinary(source: ByteSource, signal?: AbortSignal): Promise<NgramModel> {
  const { name, byteLength } = source;
  const startByteLength = Math.min(byteLength, MAX_HEADER_BYTE_LENGTH);
  const header = readHeader(name, await source.read(0, startByteLength, signal));
  for (const [index, count] of header.counts.entries())
    // No entry takes less than a byte. This also keeps all sums below 2^53.
    if (count > byteLength || count >= 2 ** 32 - 2)
      throw damagedModel(
        `${name} claims ${count} ${index + 1}-grams, more than its ${byteLength} bytes can hold.`,
      );
  if (header.type === 0) {
    const layout = probingLayout(header);
    const buffer = await readStart(source, layout.byteLength, signal);
    return new ProbingModel(probingTables(buffer, layout));
  }
  return readTrie(source, header, signal);
}

async function readTrie(
  source: ByteSource,
  header: KenlmHeader,
  signal: AbortSignal | undefined,
): Promise<NgramModel> {
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
  return new TrieModel(await readStart(source, layout.byteLength, signal), layout);
}

const tooShort = (name: string, needed: number, found: number): UniSpeechError =>
  damagedModel(`${name} has ${found} bytes, but its header needs ${needed}.`);

/** The first bytes of the file, in a buffer whose length is a multiple of 4. */
async function readStart(
  source: ByteSource,
  byteLength: number,
  signal: AbortSignal | undefined,
): Promise<ArrayBuffer> {
  if (!(byteLength <= source.byteLength)) throw tooShort(source.name, byteLength, source.byteLength);
  let buffer: ArrayBuffer;
  try {
    buffer = new ArrayBuffer(Math.ceil(byteLength / 4) * 4);
  } catch (cause) {
    throw new UniSpeechError(
      'out-of-memory',
      `${source.name} needs ${byteLength} bytes of memory in one piece, which are not to be had: ${messageOf(cause)}.`,
      'Use a smaller language model: prune it, or build a quantised trie (build_binary trie -q 8 -b 8).',
      { cause },
    );
  }
  const bytes = new Uint8Array(buffer);
  for (let start = 0; start < byteLength; start += READ_BYTE_LENGTH) {
    const length = Math.min(READ_BYTE_LENGTH, byteLength - start);
    bytes.set(await source.read(start, length, signal), start);
  }
  return buffer;
}
