/** Opens a language model of n-grams, whatever its form: the first bytes say it, never the name of the file. */
import type { ByteSource } from '../../base/files.ts';
import { damagedModel } from './damaged-model.ts';
import { isKenlmBinary } from './header.ts';
import { isGzip, readArpa } from './read-arpa.ts';
import { type KenlmMemory, readKenlmBinary } from './read-binary.ts';
import type { NgramModel } from './ngram-model.ts';

const SNIFFED_BYTE_LENGTH = 64;

export interface OpenedModel {
  readonly model: NgramModel;
  /** The words with a back-off in an ARPA text, where they were asked for; undefined for a binary. */
  readonly words: readonly string[] | undefined;
  /** Whether the model goes on reading the file, which must stay open. */
  readonly needsFile: boolean;
}

/**
 * @param collectsWords whether the words of an ARPA text are wanted.
 * @throws UniSpeechError `bad-checkpoint`, `unsupported`, `out-of-memory`, or what the source throws.
 */
export async function readNgramModel(
  source: ByteSource,
  collectsWords: boolean,
  memory: KenlmMemory,
  signal?: AbortSignal,
): Promise<OpenedModel> {
  const { name, byteLength } = source;
  if (byteLength === 0) throw damagedModel(`${name} is empty.`);
  const start = await source.read(0, Math.min(SNIFFED_BYTE_LENGTH, byteLength), signal);
  if (isKenlmBinary(start)) return { ...(await readKenlmBinary(source, memory, signal)), words: undefined };
  return { ...(await readArpa(source, isGzip(start), collectsWords, signal)), needsFile: false };
}
