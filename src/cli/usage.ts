/** The commands: what each takes from the command line, and the errors for wrong usage. */
import { isQuantizedDtype, QUANTIZED_DTYPES, type QuantizedDtype } from '../speech/encoder/weight-dtype.ts';
import { shownLocation } from '../base/shown-location.ts';
import { type AlignCommand, alignCommand } from './align-command.ts';
import { type AudioCommand, audioCommand, type ModelCommand, modelOf } from './audio-command.ts';
import {
  type DiarizeCommand,
  diarizeCommand,
  type VerifyCommand,
  verifyCommand,
} from './speaker-commands.ts';
import { type ScoreCommand, scoreCommand } from './score-command.ts';
import {
  type PhonesCommand,
  phonesCommand,
  type PronounceCommand,
  pronounceCommand,
} from './phone-commands.ts';
import { suggestionFor } from './suggestion.ts';
import { type TranscribeCommand, transcribeCommand } from './transcribe-command.ts';
import { choiceOf, countOf, parseWords, secondsOf, UsageError, type Values } from './words.ts';

export interface QuantizeCommand {
  readonly name: 'quantize';
  readonly input: string;
  readonly output: string;
  readonly dtype: QuantizedDtype;
}

export interface ConvertCommand {
  readonly name: 'convert';
  readonly input: string;
  readonly output: string;
  /** Of all weights; each tensor keeps its own when left out. */
  readonly dtype: 'fp32' | 'fp16' | undefined;
}

/** The first labels of each file, the likeliest first. */
export interface ClassifyCommand extends AudioCommand {
  readonly name: 'classify';
  /** How many labels; undefined: the default. */
  readonly topK: number | undefined;
  readonly functionToApply: 'softmax' | 'sigmoid' | 'none' | undefined;
  readonly json: boolean;
}

export interface EmbedCommand extends AudioCommand {
  readonly name: 'embed';
  readonly outFile: string;
  readonly format: 'npy' | 'safetensors';
  /** The mean of each file instead of all its frames. */
  readonly pooled: boolean;
  /** The embedding of the speaker of each file; undefined: if the model is one of speakers. */
  readonly speaker: boolean | undefined;
  readonly normalize: boolean;
}

export interface ProfileCommand extends ModelCommand {
  readonly name: 'profile';
  /** Path or URL; undefined for noise. */
  readonly file: string | undefined;
  /** Length of the noise. */
  readonly seconds: number;
  /** Recognises the file in windows of this length; undefined: one forward pass. */
  readonly chunkSeconds: number | undefined;
  readonly traceFile: string | undefined;
  readonly json: boolean;
}

export interface TuneCommand extends ModelCommand {
  readonly name: 'tune';
}

export interface CacheCommand {
  readonly name: 'cache';
  /** The model to delete; undefined to list all. */
  readonly deletedId: string | undefined;
  /** Whether it is deleted without a question. */
  readonly isSure: boolean;
  readonly json: boolean;
}

export interface DoctorCommand {
  readonly name: 'doctor';
  /** The model to look at; undefined: the machine. */
  readonly model: string | undefined;
  readonly json: boolean;
}

export type Command =
  | TranscribeCommand
  | AlignCommand
  | PhonesCommand
  | PronounceCommand
  | ClassifyCommand
  | DiarizeCommand
  | VerifyCommand
  | EmbedCommand
  | ProfileCommand
  | QuantizeCommand
  | ConvertCommand
  | TuneCommand
  | CacheCommand
  | DoctorCommand
  | ScoreCommand
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
  if (name === 'phones') return phonesCommand(files, values);
  if (name === 'pronounce') return pronounceCommand(files, values);
  if (name === 'align') return alignCommand(files, values);
  if (name === 'classify') return classifyCommand(files, values);
  if (name === 'diarize') return diarizeCommand(files, values);
  if (name === 'verify') return verifyCommand(files, values);
  if (name === 'embed') return embedCommand(files, values);
  if (name === 'profile') return profileCommand(files, values);
  if (name === 'quantize') return quantizeCommand(files, values);
  if (name === 'cache') return cacheCommand(files, values);
  if (name === 'convert') return convertCommand(files, values);
  if (name === 'score') return scoreCommand(files, values);
  if (name === 'doctor') return doctorCommand(files, values);
  if (files[0] !== undefined) throw new UsageError(`${name} takes no argument, found ${files[0]}`);
  return { name, ...modelOf(name, values) };
}

const OPTIONS_OF: Readonly<Record<Exclude<Command['name'], 'help' | 'version'>, readonly string[]>> = {
  phones: ['model', 'dtype', 'chunk', 'max-duration', 'format', 'json', 'visemes', 'temperature'],
  pronounce: [...['model', 'dtype', 'max-duration', 'format', 'json', 'lexicon', 'features', 'temperature']],
  align: [
    ...['model', 'dtype', 'lang', 'chunk', 'max-duration', 'format', 'json', 'karaoke', 'out'],
    ...['boundaries', 'utterances', 'star', 'unknown', 'lexicon'],
  ],
  classify: ['model', 'dtype', 'max-duration', 'top-k', 'function', 'json'],
  diarize: [
    ...['model', 'dtype', 'max-duration', 'threshold', 'min-duration', 'min-gap'],
    ...['format', 'json', 'rttm'],
  ],
  verify: ['model', 'dtype', 'max-duration', 'threshold', 'json'],
  embed: ['model', 'dtype', 'max-duration', 'out', 'pooling', 'speaker', 'normalize'],
  transcribe: [
    ...['model', 'dtype', 'lang', 'timestamps', 'chunk', 'cut', 'max-duration'],
    ...['recursive', 'out', 'format', 'karaoke', 'confidence', 'logprobs', 'temperature', 'json', 'resume'],
    ...['lm', 'unigrams', 'alpha', 'beta', 'beam-width', 'hotwords', 'hotword-weight'],
  ],
  doctor: ['json'],
  score: ['unit', 'show', 'keyed', 'json'],
  quantize: ['dtype'],
  convert: ['dtype'],
  profile: ['model', 'dtype', 'seconds', 'chunk', 'trace', 'json'],
  tune: ['model', 'dtype'],
  cache: ['json', 'yes'],
};
const isCommandName = (name: string): name is keyof typeof OPTIONS_OF => Object.hasOwn(OPTIONS_OF, name);

function doctorCommand([model, second]: readonly string[], { json = false }: Values): DoctorCommand {
  if (second !== undefined) throw new UsageError(`doctor takes one MODEL, found also ${second}`);
  return { name: 'doctor', model, json };
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

const FUNCTIONS = ['softmax', 'sigmoid', 'none'] as const;

function classifyCommand(files: readonly string[], values: Values): ClassifyCommand {
  const { 'top-k': topK, function: functionName, json = false } = values;
  return {
    name: 'classify',
    ...audioCommand('classify', files, values),
    topK: topK === undefined ? undefined : countOf('--top-k', topK),
    functionToApply: functionName === undefined ? undefined : choiceOf('--function', functionName, FUNCTIONS),
    json,
  };
}

function embedCommand(files: readonly string[], values: Values): EmbedCommand {
  const command = audioCommand('embed', files, values);
  const { out: outFile, pooling, speaker, normalize = false } = values;
  if (!outFile) throw new UsageError('embed needs --out FILE');
  const format = (['npy', 'safetensors'] as const).find((ending) => outFile.endsWith(`.${ending}`));
  if (format === undefined)
    throw new UsageError(`--out is "${outFile}", expected a name in .npy or .safetensors`);
  const pooled = choiceOf('--pooling', pooling ?? 'none', ['none', 'mean']) === 'mean';
  if (speaker && pooling !== undefined)
    throw new UsageError('--speaker gives one row for each file: leave --pooling out');
  if (format === 'npy' && !pooled && !speaker && files.length > 1)
    throw new UsageError(
      `a .npy file holds one array, and ${files.length} files have different numbers of frames: add --pooling mean (or --speaker), or write .safetensors`,
    );
  const names = files.map((file) => shownLocation(file));
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (format === 'safetensors' && twice !== undefined)
    throw new UsageError(`a .safetensors file holds one array of each name, found ${twice} twice`);
  return {
    name: 'embed',
    ...command,
    outFile,
    format,
    pooled,
    // Who asks for a kind of frames does not want the speaker.
    speaker: pooling === undefined ? speaker : false,
    normalize,
  };
}

/** @throws UsageError. */
function twoFolders(name: string, [input, output, ...more]: readonly string[]) {
  if (!input || !output || more.length > 0) throw new UsageError(`${name} needs two folders: IN and OUT`);
  return { input, output };
}

function convertCommand(files: readonly string[], { dtype }: Values): ConvertCommand {
  const folders = twoFolders('convert', files);
  if (dtype !== undefined && dtype !== 'fp32' && dtype !== 'fp16')
    throw new UsageError(`--dtype is "${dtype}", expected fp32 or fp16 (unispeech quantize makes others)`);
  return { name: 'convert', ...folders, dtype };
}

function quantizeCommand(files: readonly string[], { dtype }: Values): QuantizeCommand {
  const folders = twoFolders('quantize', files);
  if (!isQuantizedDtype(dtype))
    throw new UsageError(`quantize needs --dtype, one of ${QUANTIZED_DTYPES.join(', ')}`);
  return { name: 'quantize', ...folders, dtype };
}

const DEFAULT_PROFILE_SECONDS = 5;

function profileCommand([file, second]: readonly string[], values: Values): ProfileCommand {
  if (second !== undefined) throw new UsageError(`profile takes one FILE, found also ${second}`);
  const command = modelOf('profile', values);
  const { seconds, chunk, trace: traceFile, json = false } = values;
  if (file !== undefined && seconds !== undefined)
    throw new UsageError('--seconds is the length of noise, but a FILE is given');
  if (file === undefined && chunk !== undefined)
    throw new UsageError('--chunk cuts a FILE, but none is given: --seconds is the length of noise');
  if (traceFile === '') throw new UsageError('--trace needs the name of a file');
  return {
    name: 'profile',
    file,
    ...command,
    seconds: seconds === undefined ? DEFAULT_PROFILE_SECONDS : secondsOf('--seconds', seconds),
    chunkSeconds: chunk === undefined ? undefined : secondsOf('--chunk', chunk),
    traceFile,
    json,
  };
}
