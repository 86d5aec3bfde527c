/** What `phones` and `pronounce` take from the command line. */
import { MAX_CHUNK_SECONDS } from '../pipelines/recognition-options.ts';
import { type AudioCommand, audioCommand } from './audio-command.ts';
import { choiceOf, numberOf, UsageError, type Values } from './words.ts';

const PHONE_FORMATS = ['text', 'json', 'srt', 'vtt', 'textgrid', 'ctm', 'audacity', 'eaf'] as const;
export type PhoneFormat = (typeof PHONE_FORMATS)[number];

export interface PhonesCommand extends AudioCommand {
  readonly name: 'phones';
  readonly format: PhoneFormat;
  readonly visemes: boolean;
  readonly chunkSeconds: number | undefined;
  readonly temperature: number | undefined;
}

const PRONOUNCE_FORMATS = ['text', 'json', 'textgrid'] as const;

export interface PronounceCommand extends AudioCommand {
  readonly name: 'pronounce';
  readonly audio: string;
  /** Phonemes, or words where there is a lexicon. */
  readonly expected: string;
  readonly format: (typeof PRONOUNCE_FORMATS)[number];
  /** A file of words and their phonemes. */
  readonly lexiconFile: string | undefined;
  /** Whether JSON has what regressions on human scores use. */
  readonly features: boolean;
  readonly temperature: number | undefined;
}

/** @throws UsageError. */
export function phonesCommand(files: readonly string[], values: Values): PhonesCommand {
  const command = audioCommand('phones', files, values);
  const { visemes = false, chunk } = values;
  const format = formatOf(values, PHONE_FORMATS);
  if (visemes && !['text', 'json', 'textgrid'].includes(format))
    throw new UsageError('--visemes is for --format text, json or textgrid');
  if (files.length > 1 && !['text', 'json', 'ctm'].includes(format))
    throw new UsageError(`--format ${format} prints the phonemes of one FILE, found ${files.length}`);
  return {
    name: 'phones',
    ...command,
    format,
    visemes,
    chunkSeconds: chunk === undefined ? undefined : numberOf('--chunk', chunk, 0, MAX_CHUNK_SECONDS),
    temperature: temperatureOf(values),
  };
}

/** @throws UsageError. */
export function pronounceCommand(
  [audio, expected, ...more]: readonly string[],
  values: Values,
): PronounceCommand {
  if (!audio || expected === undefined)
    throw new UsageError('pronounce needs AUDIO and what is expected: phonemes such as "o l a | m u n d o"');
  if (more[0] !== undefined)
    throw new UsageError(`pronounce takes AUDIO and EXPECTED in quotes, found also ${more[0]}`);
  const { lexicon: lexiconFile, features = false } = values;
  const format = formatOf(values, PRONOUNCE_FORMATS);
  if (features && format !== 'json') throw new UsageError('--features is for --format json');
  return {
    name: 'pronounce',
    ...audioCommand('pronounce', [audio], values),
    audio,
    expected,
    format,
    lexiconFile,
    features,
    temperature: temperatureOf(values),
  };
}

/** @throws UsageError. */
function formatOf<Format extends string>(
  { format, json = false }: Values,
  formats: readonly Format[],
): Format | 'text' | 'json' {
  if (format === undefined) return json ? 'json' : 'text';
  const known = choiceOf('--format', format, formats);
  if (json && known !== 'json') throw new UsageError(`--json and --format ${format} exclude each other`);
  return known;
}

const temperatureOf = ({ temperature }: Values): number | undefined =>
  temperature === undefined ? undefined : numberOf('--temperature', temperature, 0.01, 1000);
