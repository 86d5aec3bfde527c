/** What `align` takes from the command line. */
import { MAX_CHUNK_SECONDS } from '../pipelines/recognition-options.ts';
import { type ModelCommand, modelOf } from './audio-command.ts';
import { choiceOf, numberOf, secondsOf, UsageError, type Values } from './words.ts';

const ALIGN_FORMATS = ['text', 'json', 'srt', 'vtt', 'textgrid', 'ctm', 'audacity', 'eaf'] as const;

export interface AlignCommand extends ModelCommand {
  readonly name: 'align';
  /** A path, a URL, or `-` for standard input. */
  readonly audio: string;
  /** A path, or `-`. */
  readonly text: string;
  /** Of a multilingual model; undefined: the model's own. */
  readonly language: string | undefined;
  readonly format: (typeof ALIGN_FORMATS)[number];
  /** Undefined: it is printed. */
  readonly outFile: string | undefined;
  readonly boundaries: 'frames' | 'extended' | 'audio' | undefined;
  readonly utterances: 'sentences' | 'lines' | undefined;
  readonly star: 'none' | 'edges' | 'utterances' | undefined;
  readonly unknown: 'star' | 'skip' | 'error' | undefined;
  /** A file of words and their phonemes. */
  readonly lexiconFile: string | undefined;
  /** Whether WebVTT has the time of each word. */
  readonly karaoke: boolean;
  readonly chunkSeconds: number | undefined;
  readonly maxSeconds: number | undefined;
}

/** @throws UsageError. */
export function alignCommand([audio, text, ...more]: readonly string[], values: Values): AlignCommand {
  if (!audio || !text) throw new UsageError('align needs two files: AUDIO and TEXT');
  if (more[0] !== undefined) throw new UsageError(`align takes AUDIO and TEXT, found also ${more[0]}`);
  if (audio === '-' && text === '-') throw new UsageError('standard input can be read only once');
  const { format: name, json = false, karaoke = false, out: outFile, lexicon: lexiconFile, chunk } = values;
  const format = name === undefined ? (json ? 'json' : 'text') : choiceOf('--format', name, ALIGN_FORMATS);
  if (json && format !== 'json') throw new UsageError(`--json and --format ${format} exclude each other`);
  if (karaoke && format !== 'vtt') throw new UsageError('--karaoke is for --format vtt');
  if (outFile === '') throw new UsageError('--out needs the name of a file');
  const choice = <Choice extends string>(
    option: 'boundaries' | 'utterances' | 'star' | 'unknown',
    choices: readonly Choice[],
  ): Choice | undefined => {
    const value = values[option];
    return value === undefined ? undefined : choiceOf(`--${option}`, value, choices);
  };
  const { 'max-duration': maxDuration } = values;
  return {
    name: 'align',
    ...modelOf('align', values),
    audio,
    text,
    language: values.lang,
    format,
    outFile,
    boundaries: choice('boundaries', ['frames', 'extended', 'audio']),
    utterances: choice('utterances', ['sentences', 'lines']),
    star: choice('star', ['none', 'edges', 'utterances']),
    unknown: choice('unknown', ['star', 'skip', 'error']),
    lexiconFile,
    karaoke,
    chunkSeconds: chunk === undefined ? undefined : numberOf('--chunk', chunk, 0, MAX_CHUNK_SECONDS),
    maxSeconds: maxDuration === undefined ? undefined : secondsOf('--max-duration', maxDuration),
  };
}
