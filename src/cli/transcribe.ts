/** `unispeech transcribe`: prints what is said in audio files, or makes files of it. */
import { UniSpeechError } from '../base/errors.ts';
import { eachFile, openPipeline, writeNote } from './audio-files.ts';
import { type AudioListing, listAudio } from './audio-listing.ts';
import { pieceNote } from './piece-note.ts';
import { oneLine, printable } from './printable.ts';
import { recognitionOptions, isOfPhonemes } from './recognition-call.ts';
import { leftAloneLines } from './run-status.ts';
import { checkPrintedCaptions, type TranscribeCommand } from './transcribe-command.ts';
import { transcribeToFiles } from './transcribe-to-files.ts';
import { formatTranscript } from './transcript.ts';

/** @returns the exit code. @throws the signal's reason. */
export async function transcribe(command: TranscribeCommand, signal: AbortSignal): Promise<number> {
  const { files, outFolder } = command;
  const listing = await listAudio(files, command, signal);
  for (const line of listing.failures) writeNote(oneLine(line));
  if (listing.audio.length === 0) throw nothingFound(command, listing);
  const exitCode =
    outFolder === undefined
      ? await printEach(command, listing, signal)
      : await transcribeToFiles({ command, outFolder, audio: listing.audio }, signal);
  for (const line of leftAloneLines(listing)) writeNote(oneLine(line));
  return listing.failures.length > 0 ? 1 : exitCode;
}

function nothingFound({ files }: TranscribeCommand, listing: AudioListing): UniSpeechError {
  const [first = '', ...more] = files;
  return new UniSpeechError(
    'not-found',
    `There is no audio in ${more.length === 0 ? first : `${first} and ${more.length} more`}.`,
    leftAloneLines(listing).join(' ') || 'Give audio files, or a folder that holds some.',
  );
}

/** Prints the result of one file after the other. */
async function printEach(
  command: TranscribeCommand,
  { audio }: AudioListing,
  signal: AbortSignal,
): Promise<number> {
  const { formats, timestamps, karaoke } = command;
  const [format = 'txt'] = formats;
  const files = audio.map(({ file }) => file);
  checkPrintedCaptions(formats, files.length);
  // A text stands behind the name of its file where there are several.
  const nameWidth =
    files.length === 1 ? 0 : files.reduce((width, file) => Math.max(width, printable(file).length), 0);
  await using recognize = await openPipeline('automatic-speech-recognition', command, signal);
  const options = recognitionOptions(command, recognize, signal);
  const notePieces = pieceNote(command, writeNote);
  const hasTimes = timestamps !== undefined;
  const how = { format, hasTimes, nameWidth, karaoke, isOfPhonemes: isOfPhonemes(recognize) };
  return await eachFile(files, signal, async (file, source) => {
    const output = await recognize(source, options);
    notePieces(output.timing);
    process.stdout.write(formatTranscript(file, output, how));
  });
}
