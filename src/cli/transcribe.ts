/** `unispeech transcribe`: one line of text, or of JSON, for each file; or the captions of one. */
import { addAbortSignal } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { SpeechRecognitionOutput } from '../pipelines/recognition-output.ts';
import { shownLocation } from '../base/shown-location.ts';
import { toSrt } from '../captions/srt.ts';
import { toVtt } from '../captions/vtt.ts';
import { pipeline } from '../pipelines/pipeline.ts';
import { Wav2Vec2PhonemeCTCTokenizer } from '../text/phoneme-tokenizer.ts';
import { describeError } from './describe-error.ts';
import { printable, printableJson } from './printable.ts';
import { formatTable } from './table.ts';
import { terminalProgress } from './terminal-progress.ts';
import type { TranscribeCommand } from './usage.ts';

/** Transcribes the files one after the other; returns the exit code. @throws the signal's reason. */
export async function transcribe(command: TranscribeCommand, signal: AbortSignal): Promise<number> {
  const progress = terminalProgress();
  const loading = pipeline('automatic-speech-recognition', command.model, {
    signal,
    dtype: command.dtype ?? null,
    progress_callback: (info) => {
      if (info.status === 'warning') process.stderr.write(`unispeech: ${printable(info.message)}\n`);
      else progress.callback?.(info);
    },
  }).finally(() => progress.clear());
  await using recognize = await loading;
  const nameWidth = command.files.reduce((width, file) => Math.max(width, printable(file).length), 0);
  // Models of phonemes know no words: their captions are of phonemes.
  const captionUnit = recognize.tokenizer instanceof Wav2Vec2PhonemeCTCTokenizer ? 'char' : 'word';
  let exitCode = 0;
  for (const file of command.files) {
    try {
      // Node's Buffers may share their memory with others; a copy is what the pipeline is promised.
      const audio =
        file === '-' ? Uint8Array.from(await buffer(addAbortSignal(signal, process.stdin))) : file;
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
    } catch (error) {
      signal.throwIfAborted();
      process.stderr.write(`unispeech: ${printable(shownLocation(file))}: ${describeError(error)}\n`);
      exitCode = 1;
    }
  }
  return exitCode;
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
