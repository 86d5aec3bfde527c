/** What `transcribe` takes from the command line. */
import { type AudioCommand, audioCommand } from './audio-command.ts';
import type { BeamSettings } from '../beam/pipeline-decoder.ts';
import { decoderChoice } from './decoder-choice.ts';
import { MAX_CHUNK_SECONDS } from '../pipelines/recognition-options.ts';
import { isOfManyFiles, isTimed, TRANSCRIPT_FORMATS, type TranscriptFormat } from './transcript.ts';
import { choiceOf, numberOf, UsageError, type Values } from './words.ts';

export interface TranscribeCommand extends AudioCommand {
  readonly name: 'transcribe';
  /** Of a multilingual model; undefined: the model's own. */
  readonly language: string | undefined;
  readonly timestamps: 'word' | 'char' | undefined;
  /** 0: one piece. Undefined: as the engine picks it. */
  readonly chunkSeconds: number | undefined;
  readonly cut: 'quiet' | 'fixed' | undefined;
  /** Undefined: what comes with the model. */
  readonly decoder: 'greedy' | BeamSettings | undefined;
  /** A file of the words of the language. */
  readonly unigramsFile: string | undefined;
  /** At least one; without `outFolder` no other. */
  readonly formats: readonly TranscriptFormat[];
  /** Whether WebVTT has the time of each word. */
  readonly karaoke: boolean;
  /** Whether results say how sure the model is of texts and words. */
  readonly confidence: boolean;
  /** Whether they have the log probability of each token. */
  readonly logprobs: boolean;
  readonly temperature: number | undefined;
  /** Where files of results are made; undefined: results are printed. */
  readonly outFolder: string | undefined;
  /** Whether folders in folders are looked through. */
  readonly isRecursive: boolean;
  /** Whether files that have their results are skipped. */
  readonly isResumed: boolean;
}

const CUTS = ['quiet', 'fixed'] as const;

/** @throws UsageError. */
export function transcribeCommand(files: readonly string[], values: Values): TranscribeCommand {
  const command = audioCommand('transcribe', files, values);
  const {
    timestamps,
    chunk,
    cut,
    out: outFolder,
    recursive = false,
    resume = false,
    karaoke = false,
    confidence = false,
    logprobs = false,
    temperature,
  } = values;
  const formats = formatsOf(values);
  const timed = formats.find(isTimed);
  if (timestamps !== undefined && timestamps !== 'word' && timestamps !== 'char')
    throw new UsageError(`--timestamps is "${timestamps}", expected word or char`);
  if (timed !== undefined && timestamps === 'char')
    throw new UsageError(`--format ${timed} is made of words: leave --timestamps char out`);
  if (karaoke && !formats.includes('vtt')) throw new UsageError('--karaoke is for --format vtt');
  if (confidence && !formats.some((format) => format === 'json' || format === 'ctm'))
    throw new UsageError('--confidence is for --format json or ctm');
  if (logprobs && !formats.includes('json')) throw new UsageError('--logprobs is for --format json');
  if (temperature !== undefined && !confidence && !logprobs)
    throw new UsageError('--temperature is for --confidence or --logprobs');
  if (outFolder === '') throw new UsageError('--out needs the name of a folder');
  if (outFolder === undefined) {
    if (resume) throw new UsageError('--resume skips files that have their results in --out DIR: add that');
    if (formats.length > 1)
      throw new UsageError(
        `--format ${formats.join()} makes ${formats.length} results of each FILE: add --out DIR`,
      );
    checkPrintedCaptions(formats, files.length);
  }
  return {
    name: 'transcribe',
    ...command,
    language: values.lang,
    timestamps,
    chunkSeconds: chunk === undefined ? undefined : numberOf('--chunk', chunk, 0, MAX_CHUNK_SECONDS),
    cut: cut === undefined ? undefined : choiceOf('--cut', cut, CUTS),
    decoder: decoderChoice(values),
    unigramsFile: values.unigrams,
    formats,
    karaoke,
    confidence,
    logprobs,
    temperature: temperature === undefined ? undefined : numberOf('--temperature', temperature, 0.01, 1000),
    outFolder,
    isRecursive: recursive,
    isResumed: resume,
  };
}

/**
 * Captions of several files cannot follow each other, nor can most lists of words.
 * @throws UsageError.
 */
export function checkPrintedCaptions([format]: readonly TranscriptFormat[], fileCount: number): void {
  if (format !== undefined && !isOfManyFiles(format) && fileCount > 1)
    throw new UsageError(
      `--format ${format} prints the words of one FILE, found ${fileCount}: add --out DIR`,
    );
}

function formatsOf({ format, json = false }: Values): readonly TranscriptFormat[] {
  if (format === undefined) return json ? ['json'] : ['txt'];
  const formats = format.split(',').map((name) => {
    const known = choiceOf('--format', name, ['text', ...TRANSCRIPT_FORMATS]);
    return known === 'text' ? 'txt' : known;
  });
  if (json && formats.some((name) => name !== 'json'))
    throw new UsageError(`--json and --format ${format} exclude each other`);
  return [...new Set(formats)];
}
