/** The command line: its help, its options, and the errors for wrong usage. */
import { messageOf } from '../base/checks.ts';
import { parseArgs } from 'node:util';
import {
  DTYPES,
  isDtype,
  isQuantizedDtype,
  QUANTIZED_DTYPES,
  type Dtype,
  type QuantizedDtype,
} from '../speech/encoder/weight-dtype.ts';
import { oneLine } from './printable.ts';
import { suggestionFor } from './suggestion.ts';

export const HELP = `Speech recognition with UniSpeech models on WebGPU.

Usage
  unispeech transcribe FILE... --model DIR   print what is said in audio files
  unispeech doctor                           show the adapter and test every kernel on it
  unispeech quantize IN OUT --dtype TYPE     write a model with smaller weights
  unispeech profile [FILE] --model DIR       show how long each kernel of a forward pass takes
  unispeech tune --model DIR                 measure which variants of a model's kernels are fastest here

transcribe
  FILE                     a path, a URL, or - for standard input: WAV, AIFF, FLAC, MP3, Ogg Vorbis, Ogg Opus,
                           and every format that ffmpeg reads, if it is installed
  -m, --model DIR          folder or URL of a model: config.json, model.safetensors, vocab.json
      --dtype TYPE         weights on the GPU: fp32, fp16, q8, q4 (default fp32, or the dtype of a quantized folder)
      --timestamps UNIT    also print the time of each "word" or "char"
      --chunk SECONDS      cut long audio into overlapping pieces of this length
      --max-duration SECONDS
                           refuse longer files (default 14400, four hours)
      --format FORMAT      what is printed: text (default), json (one object a line for each file), or captions of one
                           FILE: srt or vtt
      --json               the same as --format json

  Captions have at most two lines of 42 characters, last at most 7 seconds and end at a pause of a second. Models of
  phonemes give captions of phonemes.

doctor
      --json               print the report as JSON

quantize
  IN OUT                   folder of a model, and the folder to make
      --dtype TYPE         fp16 (half the size), q8 (about a quarter) or q4 (about an eighth)

profile
  FILE                     audio, a path or URL; without one the input is noise
  -m, --model DIR          as for transcribe
      --dtype TYPE         as for transcribe
      --seconds N          length of the noise (default 5)
      --trace FILE         also write a trace for https://ui.perfetto.dev or chrome://tracing: a span for every kernel,
                           with its bytes and operations, and the host's activities
      --json               print the profile as JSON, with every step

  One pass warms up, the next is timed. GFLOP counts a multiply-add as two; MB is what a kernel must read and write
  at least once. To be timed each kernel gets a compute pass of its own, so together they may take a little longer than
  a usual run. On an adapter without GPU timestamps the work is printed without times, no trace is written, and the
  exit code is 1. In a page the same spans appear in DevTools through unispeech-webgpu/profile; Chromium rounds them
  to 100 microseconds, Node does not.

tune
  -m, --model DIR          as for transcribe
      --dtype TYPE         as for transcribe

  Measures every variant of the matrix product on the sizes of the model, at 1, 5 and 15 seconds, and keeps the fastest in the
  user's folder for caches (or UNISPEECH_CACHE) for all later loads on this adapter. A variant other than the static
  choice is taken where it is at least 5 % faster; it may change the last bits of results.

  -h, --help               print this help
  -V, --version            print the version

Exit codes: 0 done, 1 something failed (other files are still transcribed), 2 wrong usage, 130 interrupted.
`;

/** Wrong usage of the command line: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';

  /** @param message may contain typed text. It becomes one line of bounded length without control characters. */
  constructor(message: string, options?: ErrorOptions) {
    const line = oneLine(message);
    super(line.length > LONGEST_MESSAGE ? `${line.slice(0, LONGEST_MESSAGE - 3)}...` : line, options);
  }
}

const LONGEST_MESSAGE = 400;

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

export type Command =
  | TranscribeCommand
  | ProfileCommand
  | QuantizeCommand
  | TuneCommand
  | { readonly name: 'doctor'; readonly json: boolean }
  | { readonly name: 'help' | 'version' };

/** @throws UsageError. */
export function parseCommand(argv: readonly string[]): Command {
  const { values, positionals } = parse(argv);
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
  if (files[0] !== undefined) throw new UsageError(`${name} takes no argument, found ${files[0]}`);
  if (name === 'doctor') return { name, json: values.json ?? false };
  if (!values.model) throw new UsageError('tune needs --model DIR');
  return { name, model: values.model, dtype: dtypeOf(values) };
}

const OPTIONS_OF: Readonly<
  Record<'transcribe' | 'doctor' | 'profile' | 'quantize' | 'tune', readonly string[]>
> = {
  transcribe: ['model', 'dtype', 'timestamps', 'chunk', 'max-duration', 'format', 'json'],
  doctor: ['json'],
  quantize: ['dtype'],
  profile: ['model', 'dtype', 'seconds', 'trace', 'json'],
  tune: ['model', 'dtype'],
};
const isCommandName = (name: string): name is keyof typeof OPTIONS_OF => Object.hasOwn(OPTIONS_OF, name);

type Values = ReturnType<typeof parse>['values'];

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

function dtypeOf({ dtype }: Values): Dtype | undefined {
  if (dtype === undefined || isDtype(dtype)) return dtype;
  throw new UsageError(`--dtype is "${dtype}", expected ${DTYPES.join(', ')}`);
}

function secondsOf(option: string, text: string): number {
  const seconds = Number(text);
  if (seconds > 0 && Number.isFinite(seconds)) return seconds;
  throw new UsageError(`${option} is "${text}", expected a positive number of seconds`);
}

const PARSED_OPTIONS = {
  model: { type: 'string', short: 'm' },
  dtype: { type: 'string' },
  timestamps: { type: 'string' },
  chunk: { type: 'string' },
  'max-duration': { type: 'string' },
  format: { type: 'string' },
  seconds: { type: 'string' },
  trace: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'V' },
} as const;

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], allowPositionals: true, options: PARSED_OPTIONS });
  } catch (error) {
    // Node explains the use of "--" at length. Its first sentence says what is wrong.
    const [firstSentence = ''] = messageOf(error).split(/\.\s/);
    const unknown = /^Unknown option '--([^']*)'/.exec(firstSentence)?.[1];
    const suggestion = unknown === undefined ? '' : suggestionFor(unknown, Object.keys(PARSED_OPTIONS), '--');
    throw new UsageError(firstSentence.charAt(0).toLowerCase() + firstSentence.slice(1) + suggestion, {
      cause: error,
    });
  }
}
