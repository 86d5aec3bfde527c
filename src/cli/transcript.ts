/** The result of a recognition as text, JSON, captions or times of words. Nothing in it is obeyed by a terminal. */
import { toAudacityLabels } from '../captions/audacity.ts';
import { toCtm } from '../captions/ctm.ts';
import { toEaf } from '../captions/eaf.ts';
import { toSrt } from '../captions/srt.ts';
import { toTextGrid } from '../captions/to-textgrid.ts';
import { toVtt } from '../captions/vtt.ts';
import type { SpeechRecognitionOutput } from '../pipelines/recognition-output.ts';
import { printable, printableJson } from './printable.ts';
import { eafOptions, rttmName } from './rttm-name.ts';
import { formatTable } from './table.ts';

export const TRANSCRIPT_FORMATS = [
  'txt',
  'json',
  'srt',
  'vtt',
  'textgrid',
  'ctm',
  'audacity',
  'eaf',
] as const;
export type TranscriptFormat = (typeof TRANSCRIPT_FORMATS)[number];

/** Of files; where they differ from the name of the format. Audacity reads its labels from .txt, which texts have. */
const ENDINGS: Readonly<Partial<Record<TranscriptFormat, string>>> = {
  textgrid: 'TextGrid',
  audacity: 'labels.txt',
};
export const endingOf = (format: TranscriptFormat): string => ENDINGS[format] ?? format;

/** Whether a format is made of words and their times. */
export const isTimed = (format: TranscriptFormat): boolean => format !== 'txt' && format !== 'json';

/** Whether a format names the audio of each line, so that several files may follow each other. */
export const isOfManyFiles = (format: TranscriptFormat): boolean => !isTimed(format) || format === 'ctm';

export interface TranscriptOptions {
  readonly format: TranscriptFormat;
  /** Whether text has a row for each timed part. */
  readonly hasTimes: boolean;
  /** Of the column of names in front of texts; 0: none. */
  readonly nameWidth: number;
  /** Whether WebVTT has the time of each word. */
  readonly karaoke: boolean;
  /** Whether what stands for words are phonemes. */
  readonly isOfPhonemes: boolean;
}

/** Ends with a line break, unless it is empty. */
export function formatTranscript(
  file: string,
  output: SpeechRecognitionOutput,
  { format, hasTimes, nameWidth, karaoke, isOfPhonemes }: TranscriptOptions,
): string {
  const { text, chunks, timing, warnings } = output;
  if (format === 'json') {
    const { timing: _, warnings: __, ...recognized } = output;
    return `${printableJson({ file, ...recognized, ...timing, ...(warnings && { warnings }) })}\n`;
  }
  if (format === 'txt') {
    const line =
      nameWidth === 0 ? text : `${printable(file).padEnd(nameWidth)}  ${printable(text)}`.trimEnd();
    return `${printable(line)}\n${hasTimes ? tableOf(chunks) : ''}`;
  }
  const shown = chunks?.map((chunk) => ({ ...chunk, text: printable(chunk.text) }));
  const source = { text: printable(text), chunks: shown };
  if (format === 'srt') return toSrt(source);
  if (format === 'vtt') return toVtt(source, { karaoke });
  if (format === 'ctm') return toCtm(source, { uri: rttmName(file) });
  if (format === 'audacity') return toAudacityLabels(source);
  const tier_name = isOfPhonemes ? 'phones' : 'words';
  if (format === 'eaf') return toEaf(source, { ...eafOptions(file), tier_name });
  return toTextGrid(source, { duration_s: timing?.audio_seconds, tier_name });
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
