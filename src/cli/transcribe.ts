/** `unispeech transcribe`: one line of text, or of JSON, for each file; or the captions of one. */
import type { SpeechRecognitionOutput } from '../pipelines/recognition-output.ts';
import { toSrt } from '../captions/srt.ts';
import { toVtt } from '../captions/vtt.ts';
import { Wav2Vec2PhonemeCTCTokenizer } from '../text/phoneme-tokenizer.ts';
import { eachFile, openPipeline } from './audio-files.ts';
import { printable, printableJson } from './printable.ts';
import { formatTable } from './table.ts';
import type { TranscribeCommand } from './usage.ts';

/** Transcribes the files one after the other; returns the exit code. @throws the signal's reason. */
export async function transcribe(command: TranscribeCommand, signal: AbortSignal): Promise<number> {
  await using recognize = await openPipeline('automatic-speech-recognition', command, signal);
  const nameWidth = command.files.reduce((width, file) => Math.max(width, printable(file).length), 0);
  // Models of phonemes know no words: their captions are of phonemes.
  const captionUnit = recognize.tokenizer instanceof Wav2Vec2PhonemeCTCTokenizer ? 'char' : 'word';
  return await eachFile(command.files, signal, async (file, audio) => {
    const output = await recognize(audio, {
      return_timestamps: command.captions ? captionUnit : command.timestamps,
      chunk_length_s: command.chunkSeconds,
      ...(command.maxSeconds !== undefined && { max_duration_s: command.maxSeconds }),
      return_timing: true,
      signal,
    });
    process.stdout.write(
      command.captions
        ? toCaptions(output, command.captions)
        : command.json
          ? toJson(file, output)
          : toText(file, output, command, nameWidth),
    );
  });
}

const toJson = (file: string, { text, chunks, timing, warnings }: SpeechRecognitionOutput): string =>
  `${printableJson({ file, text, ...(chunks && { chunks }), ...timing, ...(warnings && { warnings }) })}\n`;

function toCaptions({ text, chunks }: SpeechRecognitionOutput, format: 'srt' | 'vtt'): string {
  const shown = chunks?.map((chunk) => ({ ...chunk, text: printable(chunk.text) }));
  return (format === 'srt' ? toSrt : toVtt)({ text: printable(text), chunks: shown });
}

/** The text, behind the file's name where there are several files. */
function toText(
  file: string,
  { text, chunks }: SpeechRecognitionOutput,
  { files }: TranscribeCommand,
  nameWidth: number,
): string {
  const shown = printable(text);
  const line = files.length === 1 ? shown : `${printable(file).padEnd(nameWidth)}  ${shown}`.trimEnd();
  if (chunks === undefined || chunks.length === 0) return `${line}\n`;
  const rows = chunks.map(({ text: part, timestamp: [start, end] }) => [
    '',
    start.toFixed(2),
    end.toFixed(2),
    printable(part),
  ]);
  return `${line}\n${formatTable(rows, [1, 2])}\n`;
}
