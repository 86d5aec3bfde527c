/** Opens ARPA texts, plain or with gzip: reads them block by block, so that only the tables made of them are in memory. */
import { messageOf } from '../../base/checks.ts';
import { UniSpeechError } from '../../base/errors.ts';
import type { ByteSource } from '../../base/files.ts';
import { streamBlocks } from '../../base/stream-blocks.ts';
import { ArpaLine } from './arpa-line.ts';
import { ArpaReader } from './arpa-reader.ts';
import { damagedModel } from './damaged-model.ts';
import type { NgramModel } from './ngram-model.ts';
import { ProbingModel } from './probing-model.ts';

const BLOCK_BYTE_LENGTH = 2 ** 20;
/** No line of n-grams is longer, and no more is kept of one that does not end. */
const MAX_LINE_BYTE_LENGTH = 2 ** 20;
const LINE_FEED = 0x0a;

export interface ArpaModel {
  readonly model: NgramModel;
  /** The words with a back-off, where they were asked for. */
  readonly words: readonly string[];
}

/** Whether a file begins as gzip does. */
export const isGzip = (start: Uint8Array): boolean => start[0] === 0x1f && start[1] === 0x8b;

/**
 * @param isCompressed whether the text is in gzip.
 * @throws UniSpeechError `bad-checkpoint` that names the line, or says that the gzip is damaged; `out-of-memory`.
 */
export async function readArpa(
  source: ByteSource,
  isCompressed: boolean,
  collectsWords: boolean,
  signal?: AbortSignal,
): Promise<ArpaModel> {
  const { name } = source;
  const byteLength = isCompressed ? undefined : source.byteLength;
  const reader = new ArpaReader({ name, byteLength, collectsWords });
  try {
    const blocks = blocksOf(source, signal);
    await pushLines(name, isCompressed ? inflated(name, blocks) : blocks, reader);
    return { model: new ProbingModel(reader.finish()), words: reader.words };
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new UniSpeechError(
      'out-of-memory',
      `${name} needs more memory in one piece than there is: ${messageOf(cause)}.`,
      'Use a smaller language model, or build a KenLM binary of it (build_binary trie).',
      { cause },
    );
  }
}

async function* blocksOf(
  source: ByteSource,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  for (let start = 0; start < source.byteLength; start += BLOCK_BYTE_LENGTH) {
    const length = Math.min(BLOCK_BYTE_LENGTH, source.byteLength - start);
    yield Uint8Array.from(await source.read(start, length, signal));
  }
}

/** What gzip holds. @throws UniSpeechError `bad-checkpoint` where it is damaged. */
async function* inflated(
  name: string,
  blocks: AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined>,
): AsyncGenerator<Uint8Array, void, undefined> {
  let failure: { readonly error: unknown } | undefined;
  const compressed = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      try {
        const { done, value } = await blocks.next();
        if (done) controller.close();
        else controller.enqueue(value);
      } catch (error) {
        // What the source throws must not look like damage.
        failure = { error };
        controller.error(error);
      }
    },
  });
  try {
    yield* streamBlocks(compressed.pipeThrough(new DecompressionStream('gzip')));
  } catch (cause) {
    if (failure) throw failure.error;
    throw damagedModel(`${name} is damaged: its gzip cannot be read (${messageOf(cause)}).`);
  }
}

async function pushLines(name: string, blocks: AsyncIterable<Uint8Array>, reader: ArpaReader): Promise<void> {
  const line = new ArpaLine();
  let rest = new Uint8Array(0);
  for await (const block of blocks) {
    const bytes = new Uint8Array(rest.length + block.length);
    bytes.set(rest);
    bytes.set(block, rest.length);
    let start = 0;
    for (;;) {
      const end = bytes.indexOf(LINE_FEED, start);
      if (end < 0) break;
      line.bytes = bytes;
      line.start = start;
      line.end = end;
      reader.push(line);
      start = end + 1;
    }
    rest = bytes.slice(start);
    if (rest.length > MAX_LINE_BYTE_LENGTH)
      throw damagedModel(
        `${name} is no language model: it has a line of more than ${MAX_LINE_BYTE_LENGTH} bytes.`,
      );
  }
  if (rest.length === 0) return;
  line.bytes = rest;
  line.start = 0;
  line.end = rest.length;
  reader.push(line);
}
