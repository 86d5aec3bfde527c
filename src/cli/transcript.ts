/** The result of a recognition as text, JSON or captions. Nothing in it is obeyed by a terminal. */
import type { SpeechRecognitionOutput } from '../pipelines/recognition-output.ts';
import { toSrt } from '../captions/srt.ts';
import { toVtt } from '../captions/vtt.ts';
import { printable, printableJson } from './printable.ts';
import { formatTable } from './table.ts';

/** Also the endings of files. */
export const TRANSCRIPT_FORMATS = ['txt', 'json', 'srt', 'vtt'] as const;
export type TranscriptFormat = (typeof TRANSCRIPT_FORMATS)[number];

export const isCaptions = (format: TranscriptFormat): boolean => format === 'srt' || format === 'vtt';

export interface TranscriptOptions {
  readonly format: TranscriptFormat;
  /** Whether text has a row for each timed part. */
  readonly hasTimes: boolean;
  /** Of the column of names in front of texts; 0: none. */
  readonly nameWidth: number;
}

/** Ends with a line break, unless it is empty. */
export function formatTranscript(
  file: string,
  output: SpeechRecognitionOutput,
  { format, hasTimes, nameWidth }: TranscriptOptions,
): string {
  const { text, chunks, timing, warnings } = output;
  if (format === 'json')
    return `${printableJson({ file, text, ...(chunks && { chunks }), ...timing, ...(warnings && { warnings }) })}\n`;
  if (format === 'txt') {
    const line =
      nameWidth === 0 ? text : `${printable(file).padEnd(nameWidth)}  ${printable(text)}`.trimEnd();
    return `${printable(line)}\n${hasTimes ? tableOf(chunks) : ''}`;
  }
  const shown = chunks?.map((chunk) => ({ ...chunk, text: printable(chunk.text) }));
  return (format === 'srt' ? toSrt : toVtt)({ text: printable(text), chunks: shown });
}

function tableOf(chunks: SpeechRecognitionOutput['chunks'] = []): string {
  if (chunks.length === 0) return '';
  const rows = chunks.map(({ text, timestamp: [start, end] }) => [
    '',
    start.toFixed(2),
    end.toFixed(2),
    printable(text),
  ]);
  return `${formatTable(rows, [1, 2])}\n`;
}
