/** The command line: what it accepts, and what to say when it is not understood. */
import { parseArgs } from 'node:util';
import {
  DTYPES,
  isDtype,
  isQuantizedDtype,
  QUANTIZED_DTYPES,
  type Dtype,
  type QuantizedDtype,
} from '../model/weight-dtype.ts';

export const HELP = `Speech recognition with UniSpeech models on WebGPU.

Usage
  unispeech transcribe FILE... --model DIR   print what is said in audio files
  unispeech doctor                           show the adapter and test every kernel on it
  unispeech quantize IN OUT --dtype TYPE     write a model with smaller weights

transcribe
  FILE                     WAV, FLAC, MP3, Ogg Vorbis or Ogg Opus: a path, a URL, or - for standard input
  -m, --model DIR          folder or URL of a model: config.json, model.safetensors, vocab.json
      --dtype TYPE     weights on the GPU: fp32 (default), fp16, q8, q4
      --timestamps UNIT    also print when each "word" or "char" was spoken
      --chunk SECONDS      cut long audio into overlapping pieces of this length
      --json               print one JSON object a line for each file

doctor
      --json               print the report as JSON

quantize
  IN OUT                   folder of a model, and the folder to make
      --dtype TYPE         fp16 (half the size), q8 (about a quarter) or q4 (about an eighth)

  -h, --help               print this help
  -V, --version            print the version

Exit codes: 0 done, 1 something failed (other files are still transcribed), 2 wrong usage, 130 interrupted.
`;

/** A command line that is not understood: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export interface TranscribeCommand {
  readonly name: 'transcribe';
  /** Paths, URLs, `-` for standard input. */
  readonly files: readonly string[];
  readonly model: string;
  readonly dtype: Dtype | undefined;
  readonly timestamps: 'word' | 'char' | undefined;
  readonly chunkSeconds: number | undefined;
  readonly json: boolean;
}

export interface QuantizeCommand {
  readonly name: 'quantize';
  readonly input: string;
  readonly output: string;
  readonly dtype: QuantizedDtype;
}

export type Command =
  | TranscribeCommand
  | QuantizeCommand
  | { readonly name: 'doctor'; readonly json: boolean }
  | { readonly name: 'help' | 'version' };

/** @throws UsageError. */
export function parseCommand(argv: readonly string[]): Command {
  const { values, positionals } = parse(argv);
  if (values.help) return { name: 'help' };
  if (values.version) return { name: 'version' };
  const [name, ...files] = positionals;
  if (name === undefined) throw new UsageError('no command given');
  if (name === 'doctor') {
    const foreign = Object.keys(values).find((option) => option !== 'json');
    if (foreign !== undefined) throw new UsageError(`doctor has no option --${foreign}`);
    if (files[0] !== undefined) throw new UsageError(`doctor takes no argument, found ${files[0]}`);
    return { name, json: values.json ?? false };
  }
  if (name === 'quantize') return parseQuantize(values, files);
  if (name !== 'transcribe') throw new UsageError(`unknown command ${name}`);
  if (files.length === 0) throw new UsageError('transcribe needs at least one FILE');
  if (files.filter((file) => file === '-').length > 1)
    throw new UsageError('standard input can be read only once');
  const { model, dtype, timestamps, chunk } = values;
  if (model === undefined) throw new UsageError('transcribe needs --model DIR');
  if (dtype !== undefined && !isDtype(dtype))
    throw new UsageError(`--dtype is "${dtype}", expected ${DTYPES.join(', ')}`);
  if (timestamps !== undefined && timestamps !== 'word' && timestamps !== 'char')
    throw new UsageError(`--timestamps is "${timestamps}", expected word or char`);
  const chunkSeconds = chunk === undefined ? undefined : Number(chunk);
  if (chunkSeconds !== undefined && !(chunkSeconds > 0 && Number.isFinite(chunkSeconds)))
    throw new UsageError(`--chunk is "${chunk ?? ''}", expected a positive number of seconds`);
  return { name, files, model, dtype, timestamps, chunkSeconds, json: values.json ?? false };
}

function parseQuantize(
  values: ReturnType<typeof parse>['values'],
  [input, output, ...more]: readonly string[],
): QuantizeCommand {
  if (input === undefined || output === undefined || more.length > 0)
    throw new UsageError('quantize needs two folders: IN and OUT');
  const foreign = Object.keys(values).find((option) => option !== 'dtype');
  if (foreign !== undefined) throw new UsageError(`quantize has no option --${foreign}`);
  const { dtype } = values;
  if (!isQuantizedDtype(dtype))
    throw new UsageError(`quantize needs --dtype, one of ${QUANTIZED_DTYPES.join(', ')}`);
  return { name: 'quantize', input, output, dtype };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        model: { type: 'string', short: 'm' },
        dtype: { type: 'string' },
        timestamps: { type: 'string' },
        chunk: { type: 'string' },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
        version: { type: 'boolean', short: 'V' },
      },
    });
  } catch (error) {
    // Node explains the use of "--" at length; its first sentence says what is wrong.
    const [firstSentence = ''] = (error instanceof Error ? error.message : String(error)).split('. ');
    throw new UsageError(firstSentence.charAt(0).toLowerCase() + firstSentence.slice(1), { cause: error });
  }
}
