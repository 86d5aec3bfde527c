/** `unispeech align`: when each word of a text is said in an audio file. */
import { readFile } from 'node:fs/promises';
import { align as alignText } from '../align/align.ts';
import { messageOf } from '../base/checks.ts';
import { UniSpeechError } from '../base/errors.ts';
import type { AlignCommand } from './align-command.ts';
import { formatAlignment, notesOf } from './alignment-output.ts';
import { audioOf, openPipeline, writeNote } from './audio-files.ts';
import { readLexicon } from './lexicon-file.ts';
import { oneLine } from './printable.ts';
import { isOfPhonemes } from './recognition-call.ts';
import { checkOutputFile, writeWholeFile } from './write-file.ts';

/** @returns the exit code. @throws UniSpeechError; the signal's reason. */
export async function align(command: AlignCommand, signal: AbortSignal): Promise<number> {
  const { outFile, chunkSeconds, maxSeconds, boundaries, unknown, star, utterances } = command;
  const output = outFile === undefined ? undefined : { file: outFile, what: 'the alignment' };
  // All that can be wrong is found before the model is loaded.
  if (output) await checkOutputFile(output);
  const lexicon =
    command.lexiconFile === undefined
      ? undefined
      : readLexicon(await readTextFile(command.lexiconFile, signal));
  const text = await readTextFile(command.text, signal);
  await using recognizer = await openPipeline('automatic-speech-recognition', command, signal);
  const alignment = await alignText(recognizer, audioOf(command.audio, signal), text, {
    ...(boundaries && { boundaries }),
    ...(unknown && { unknown }),
    ...(star && { star }),
    ...(utterances && { utterances }),
    ...(lexicon && { lexicon }),
    ...(chunkSeconds !== undefined && { chunk_length_s: chunkSeconds }),
    ...(maxSeconds !== undefined && { max_duration_s: maxSeconds }),
    signal,
  });
  for (const note of notesOf(alignment)) writeNote(oneLine(note));
  const content = formatAlignment(alignment, command, isOfPhonemes(recognizer));
  if (output) await writeWholeFile(output, [content]);
  else process.stdout.write(content);
  return 0;
}

/** @param file a path, or `-` for standard input. @throws UniSpeechError `not-found`, `bad-input`. */
async function readTextFile(file: string, signal: AbortSignal): Promise<string> {
  let bytes: Uint8Array;
  try {
    bytes = file === '-' ? await bytesOf(audioOf(file, signal)) : await readFile(file, { signal });
  } catch (cause) {
    signal.throwIfAborted();
    throw new UniSpeechError(
      'not-found',
      `The text ${file} cannot be read: ${messageOf(cause)}.`,
      'Give a file of plain text, or - for standard input.',
      { cause },
    );
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new UniSpeechError('bad-input', `The text ${file} is not UTF-8.`, 'Save it as UTF-8.', { cause });
  }
}

async function bytesOf(stream: ReturnType<typeof audioOf>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  // Of a text or a stream, only the stream is ever read.
  if (typeof stream !== 'string') for await (const chunk of stream) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}
