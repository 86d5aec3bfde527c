/** `unispeech align`: when each word of a text is said in an audio file. */
import { align as alignText } from '../align/align.ts';
import type { AlignCommand } from './align-command.ts';
import { formatAlignment, notesOf } from './alignment-output.ts';
import { audioOf, openPipeline, writeNote } from './audio-files.ts';
import { readLexicon } from './lexicon-file.ts';
import { oneLine } from './printable.ts';
import { isOfPhonemes } from './recognition-call.ts';
import { readTextFile } from './text-file.ts';
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
