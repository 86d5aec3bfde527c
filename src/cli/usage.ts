/** The commands: what each takes from the command line, and the errors for wrong usage. */
import {
  isQuantizedDtype,
  QUANTIZED_DTYPES,
  type Dtype,
  type QuantizedDtype,
} from '../speech/encoder/weight-dtype.ts';
import { suggestionFor } from './suggestion.ts';
import { dtypeOf, parseWords, secondsOf, UsageError, type Values } from './words.ts';

export interface TranscribeCommand {
  readonly name: 'transcribe';
  /** Paths, URLs, `-` for standard input. */
  readonly files: readonly string[];
  readonly model: string;
  readonly dtype: Dtype | undefined;
  readonly timestamps: 'word' | 'char' | undefined;
  readonly chunkSeconds: number | undefined;
  readonly maxSeconds: number | undefined;
  readonly json: boolean;
  /** Captions in this format, instead of text or JSON. */
  readonly captions: 'srt' | 'vtt' | undefined;
}

export interface QuantizeCommand {
  readonly name: 'quantize';
  readonly input: string;
  readonly output: string;
  readonly dtype: QuantizedDtype;
}

export interface ProfileCommand {
  readonly name: 'profile';
  /** Path or URL; undefined for noise. */
  readonly file: string | undefined;
  readonly model: string;
  readonly dtype: Dtype | undefined;
  /** Length of the noise. */
  readonly seconds: number;
  readonly traceFile: string | undefined;
  readonly json: boolean;
}

export interface TuneCommand {
  readonly name: 'tune';
  readonly model: string;
  readonly dtype: Dtype | undefined;
}

export interface CacheCommand {
  readonly name: 'cache';
  /** The model to delete; undefined to list all. */
  readonly deletedId: string | undefined;
  /** Whether it is deleted without a question. */
  readonly isSure: boolean;
  readonly json: boolean;
}

export type Command =
  | TranscribeCommand
  | ProfileCommand
  | QuantizeCommand
  | TuneCommand
  | CacheCommand
  | { readonly name: 'doctor'; readonly json: boolean }
  | { readonly name: 'help' | 'version' };

/** @throws UsageError. */
export function parseCommand(argv: readonly string[]): Command {
  const { values, positionals } = parseWords(argv);
  if (values.help) return { name: 'help' };
  if (values.version) return { name: 'version' };
  const [name, ...files] = positionals;
  if (name === undefined) throw new UsageError('no command given');
  if (!isCommandName(name))
    throw new UsageError(`unknown command ${name}${suggestionFor(name, Object.keys(OPTIONS_OF))}`);
  const foreign = Object.keys(values).find((option) => !OPTIONS_OF[name].includes(option));
  if (foreign !== undefined) throw new UsageError(`${name} has no option --${foreign}`);
  if (name === 'transcribe') return transcribeCommand(files, values);
  if (name === 'profile') return profileCommand(files, values);
  if (name === 'quantize') return quantizeCommand(files, values);
  if (name === 'cache') return cacheCommand(files, values);
  if (files[0] !== undefined) throw new UsageError(`${name} takes no argument, found ${files[0]}`);
  if (name === 'doctor') return { name, json: values.json ?? false };
  if (!values.model) throw new UsageError('tune needs --model DIR');
  return { name, model: values.model, dtype: dtypeOf(values) };
}

const OPTIONS_OF: Readonly<
  Record<'transcribe' | 'doctor' | 'profile' | 'quantize' | 'tune' | 'cache', readonly string[]>
> = {
  transcribe: ['model', 'dtype', 'timestamps', 'chunk', 'max-duration', 'format', 'json'],
  doctor: ['json'],
  quantize: ['dtype'],
  profile: ['model', 'dtype', 'seconds', 'trace', 'json'],
  tune: ['model', 'dtype'],
  cache: ['json', 'yes'],
};
const isCommandName = (name: string): name is keyof typeof OPTIONS_OF => Object.hasOwn(OPTIONS_OF, name);

function transcribeCommand(files: readonly string[], values: Values): TranscribeCommand {
  if (files.length === 0) throw new UsageError('transcribe needs at least one FILE');
  if (files.filter((file) => file === '-').length > 1)
    throw new UsageError('standard input can be read only once');
  const { model, timestamps, chunk, 'max-duration': maxDuration } = values;
  const format = formatOf(values);
  const captions = format === 'srt' || format === 'vtt' ? format : undefined;
  if (!model) throw new UsageError('transcribe needs --model DIR');
  if (timestamps !== undefined && timestamps !== 'word' && timestamps !== 'char')
    throw new UsageError(`--timestamps is "${timestamps}", expected word or char`);
  if (captions !== undefined && files.length > 1)
    throw new UsageError(
      `--format ${captions} makes the captions of one FILE, found ${files.length}: run it for each of them`,
    );
  if (captions !== undefined && timestamps === 'char')
    throw new UsageError(`--format ${captions} is made of words: leave --timestamps char out`);
  return {
    name: 'transcribe',
    files,
    model,
    dtype: dtypeOf(values),
    timestamps,
    chunkSeconds: chunk === undefined ? undefined : secondsOf('--chunk', chunk),
    maxSeconds: maxDuration === undefined ? undefined : secondsOf('--max-duration', maxDuration),
    json: format === 'json',
    captions,
  };
}

function cacheCommand(words: readonly string[], { json = false, yes = false }: Values): CacheCommand {
  const [action, id, ...more] = words;
  if (action === undefined) {
    if (yes) throw new UsageError('--yes belongs to cache delete ID');
    return { name: 'cache', deletedId: undefined, isSure: false, json };
  }
  if (action !== 'delete') throw new UsageError(`cache takes nothing or delete ID, found ${action}`);
  if (!id || more.length > 0) throw new UsageError('cache delete needs one ID such as owner/name');
  if (json) throw new UsageError('--json belongs to the list, not to cache delete');
  return { name: 'cache', deletedId: id, isSure: yes, json };
}

const FORMATS = ['text', 'json', 'srt', 'vtt'] as const;

function formatOf({ format, json = false }: Values): (typeof FORMATS)[number] {
  if (format === undefined) return json ? 'json' : 'text';
  const known = FORMATS.find((name) => name === format);
  if (known === undefined) throw new UsageError(`--format is "${format}", expected ${FORMATS.join(', ')}`);
  if (json && known !== 'json') throw new UsageError(`--json and --format ${known} exclude each other`);
  return known;
}

function quantizeCommand([input, output, ...more]: readonly string[], { dtype }: Values): QuantizeCommand {
  if (!input || !output || more.length > 0) throw new UsageError('quantize needs two folders: IN and OUT');
  if (!isQuantizedDtype(dtype))
    throw new UsageError(`quantize needs --dtype, one of ${QUANTIZED_DTYPES.join(', ')}`);
  return { name: 'quantize', input, output, dtype };
}

const DEFAULT_PROFILE_SECONDS = 5;

function profileCommand([file, second]: readonly string[], values: Values): ProfileCommand {
  if (second !== undefined) throw new UsageError(`profile takes one FILE, found also ${second}`);
  const { model, seconds, trace: traceFile, json = false } = values;
  if (!model) throw new UsageError('profile needs --model DIR');
  if (file !== undefined && seconds !== undefined)
    throw new UsageError('--seconds is the length of noise, but a FILE is given');
  if (traceFile === '') throw new UsageError('--trace needs the name of a file');
  return {
    name: 'profile',
    file,
    model,
    dtype: dtypeOf(values),
    seconds: seconds === undefined ? DEFAULT_PROFILE_SECONDS : secondsOf('--seconds', seconds),
    traceFile,
    json,
  };
}
