/** The command line: what it accepts, and what to say when it is not understood. */
import { parseArgs } from 'node:util';

export const HELP = `Speech recognition with UniSpeech models on WebGPU.

Usage
  unispeech transcribe FILE... --model DIR   print what is said in audio files
  unispeech doctor                           show the adapter and test every kernel on it

transcribe
  FILE                     WAV, FLAC, MP3, Ogg Vorbis or Ogg Opus: a path, a URL, or - for standard input
  -m, --model DIR          folder or URL of a model: config.json, model.safetensors, vocab.json
      --timestamps UNIT    also print when each "word" or "char" was spoken
      --chunk SECONDS      cut long audio into overlapping pieces of this length
      --json               print one JSON object a line for each file

doctor
      --json               print the report as JSON

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
  readonly timestamps: 'word' | 'char' | undefined;
  readonly chunkSeconds: number | undefined;
  readonly json: boolean;
}

export type Command =
  | TranscribeCommand
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
  if (name !== 'transcribe') throw new UsageError(`unknown command ${name}`);
  if (files.length === 0) throw new UsageError('transcribe needs at least one FILE');
  if (files.filter((file) => file === '-').length > 1)
    throw new UsageError('standard input can be read only once');
  const { model, timestamps, chunk } = values;
  if (model === undefined) throw new UsageError('transcribe needs --model DIR');
  if (timestamps !== undefined && timestamps !== 'word' && timestamps !== 'char')
    throw new UsageError(`--timestamps is "${timestamps}", expected word or char`);
  const chunkSeconds = chunk === undefined ? undefined : Number(chunk);
  if (chunkSeconds !== undefined && !(chunkSeconds > 0 && Number.isFinite(chunkSeconds)))
    throw new UsageError(`--chunk is "${chunk ?? ''}", expected a positive number of seconds`);
  return { name, files, model, timestamps, chunkSeconds, json: values.json ?? false };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        model: { type: 'string', short: 'm' },
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
