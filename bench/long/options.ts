/** The command line of `npm run bench -- long`. */
import { count, list, positive } from '../lib/option-values.ts';
import { suiteOptions } from '../lib/suite-options.ts';

export const LONG_ROWS = [
  'decode',
  'stream',
  'chromium-decode',
  'chromium-stream',
  'files',
  'text',
  'cuts',
] as const;
export type LongRow = (typeof LONG_ROWS)[number];

export interface LongOptions {
  readonly rows: readonly LongRow[];
  /** Of the long file. */
  readonly hours: number;
  readonly fileCount: number;
  /** Of each file. */
  readonly seconds: number;
  /** Files that are recognised one way and then the other. */
  readonly blockSize: number;
  /** Seconds of the pieces whose texts are compared. */
  readonly chunkSeconds: number;
  /** One with transformers. */
  readonly python: string;
}

export const HELP = `Hours of audio and many files, with the model of the demo: peak memory, seconds of audio per second, and the same text as transformers.

Usage: npm run bench -- long [options]
  --only LIST        of ${LONG_ROWS.join(', ')} (default all): an MP3 to mono at
                     16 kHz, the same through recognize.stream, both in a page of headless Chromium, files one after another beside
                     recognize.each, and the text of a WAV with cut: 'fixed' beside that of transformers' chunked pipeline,
                     and how the place where pieces are joined changes the text of the demo clips
  --hours N          of the MP3, two channels at 44.1 kHz, and of the WAV (default 3)
  --files N          how many files (default 1000)
  --seconds N        of each file (default 3)
  --block N          files in a paired round (default 100)
  --chunk N          seconds of the pieces whose texts are compared (default 10)
  --python PATH      a Python with transformers and torch (default: UNISPEECH_PYTHON, else python3)
`;

const OPTIONS = {
  only: { type: 'string', default: LONG_ROWS.join(',') },
  hours: { type: 'string', default: '3' },
  files: { type: 'string', default: '1000' },
  seconds: { type: 'string', default: '3' },
  block: { type: 'string', default: '100' },
  chunk: { type: 'string', default: '10' },
  python: { type: 'string', default: process.env.UNISPEECH_PYTHON ?? 'python3' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/** @returns undefined where help is asked for. @throws BenchUsageError. */
export function parseOptions(argv: readonly string[]): LongOptions | undefined {
  const values = suiteOptions(argv, OPTIONS);
  if (values.help) return undefined;
  return {
    rows: list('--only', values.only, LONG_ROWS),
    hours: positive('--hours', values.hours),
    fileCount: count('--files', values.files),
    seconds: positive('--seconds', values.seconds),
    blockSize: count('--block', values.block),
    chunkSeconds: positive('--chunk', values.chunk),
    python: values.python,
  };
}
