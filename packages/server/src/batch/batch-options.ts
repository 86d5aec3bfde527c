/** The words of the commands `batch` and `work`, checked. Pure. */
import { parseArgs } from 'node:util';
import { UniSpeechError } from 'unispeech-webgpu/captions';
import { messageOf } from '../base/message-of.ts';
import type { Identity } from './output-key.ts';
import { parseQueueAddress, type QueueAddress } from './queue-address.ts';

/** What runs the model. */
export interface EngineWords {
  readonly model: string;
  readonly dtype: string | undefined;
  /** Names of adapters, an engine process each. */
  readonly devices: readonly string[];
  /** Files under way at once: the batches of the engines are filled from them. */
  readonly concurrency: number;
}

export interface QueueWords {
  readonly address: QueueAddress;
  readonly queueName: string;
}

export type BatchCommand =
  | {
      readonly name: 'batch';
      readonly location: string;
      readonly outFolder: string;
      readonly identity: Identity;
      readonly engine: EngineWords;
      /** Undefined: all is done by this process. */
      readonly queue: QueueWords | undefined;
      /** Of the queue: adds the files and ends, instead of waiting for them. */
      readonly isDetached: boolean;
    }
  | {
      readonly name: 'work';
      readonly outFolder: string;
      readonly root: string | undefined;
      readonly engine: EngineWords;
      readonly queue: QueueWords;
    }
  | {
      readonly name: 'status' | 'retry' | 'cancel';
      readonly outFolder: string | undefined;
      /** Undefined: every batch of the queue. */
      readonly location: string | undefined;
      readonly queue: QueueWords;
    };

export type CommandNamed<Name> = Extract<BatchCommand, { readonly name: Name }>;

export const BATCH_USAGE = `usage:
  unispeech-server batch MANIFEST|FOLDER --out DIR --model MODEL [--dtype D] [--device NAME]… [--workers N]
                   [--concurrency N] [--identity content|stat] [--queue URL [--queue-name NAME] [--detach]]
  unispeech-server work --queue URL --out DIR --model MODEL [--root DIR] [--dtype D] [--device NAME]… [--workers N] [--concurrency N]
  unispeech-server batch status|retry|cancel [MANIFEST|FOLDER] --queue URL [--queue-name NAME] [--out DIR]`;

const OPTIONS = {
  out: { type: 'string' },
  model: { type: 'string' },
  dtype: { type: 'string' },
  device: { type: 'string', multiple: true },
  workers: { type: 'string' },
  concurrency: { type: 'string' },
  identity: { type: 'string' },
  queue: { type: 'string' },
  'queue-name': { type: 'string' },
  root: { type: 'string' },
  detach: { type: 'boolean' },
} as const;

type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS; allowPositionals: true }>>['values'];

/** The engines' batches have 8 pieces at most: twice that always leaves some to choose from. */
const DEFAULT_CONCURRENCY = 16;
const CONTROLS = ['status', 'retry', 'cancel'] as const;

/**
 * @param words of the command line, from `batch` or `work` on.
 * @throws UniSpeechError `bad-option`.
 */
export function parseBatchCommand(words: readonly string[]): BatchCommand {
  const [name = '', ...rest] = words;
  let parsed;
  try {
    parsed = parseArgs({ args: rest, options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw usageError(messageOf(error));
  }
  const { values, positionals } = parsed;
  const [first, second, ...more] = positionals;
  if (more.length > 0) throw usageError(`There is a word too many, ${JSON.stringify(more[0])}.`);
  if (name === 'work') {
    if (first !== undefined)
      throw usageError(`"work" takes no ${JSON.stringify(first)}: the queue has the files.`);
    refuse(values, name, ['detach', 'identity']);
    return {
      name,
      outFolder: needed(values, 'out', name),
      root: values.root,
      engine: engineWords(values, name),
      queue: queueWords(values, name),
    };
  }
  const control = CONTROLS.find((each) => each === first);
  if (control) {
    refuse(values, control, [
      'detach',
      'identity',
      'model',
      'dtype',
      'device',
      'workers',
      'concurrency',
      'root',
    ]);
    return { name: control, outFolder: values.out, location: second, queue: queueWords(values, control) };
  }
  if (first === undefined) throw usageError('"batch" needs a manifest or a folder.');
  if (second !== undefined)
    throw usageError(`"batch" takes one manifest or folder, and then ${JSON.stringify(second)}.`);
  refuse(values, name, ['root']);
  if (values.queue === undefined) refuse(values, 'batch without --queue', ['queue-name', 'detach']);
  return {
    name: 'batch',
    location: first,
    outFolder: needed(values, 'out', name),
    identity: identityOf(values.identity),
    engine: engineWords(values, name),
    queue: values.queue === undefined ? undefined : queueWords(values, name),
    isDetached: values.detach === true,
  };
}

function engineWords(values: Values, name: string): EngineWords {
  const { device, workers } = values;
  if (device !== undefined && workers !== undefined)
    throw usageError(
      '--workers counts engines on the best adapter, and --device names adapters: give one of them.',
    );
  return {
    model: needed(values, 'model', name),
    dtype: values.dtype,
    devices: device ?? new Array<string>(countOf('workers', workers, 1)).fill('auto'),
    concurrency: countOf('concurrency', values.concurrency, DEFAULT_CONCURRENCY),
  };
}

function queueWords(values: Values, name: string): QueueWords {
  const queueName = values['queue-name'] ?? 'unispeech';
  if (!/^[\w-]{1,64}$/.test(queueName))
    throw usageError(`--queue-name is ${JSON.stringify(queueName)}, expected letters, digits, - and _.`);
  return { address: parseQueueAddress(needed(values, 'queue', name)), queueName };
}

function identityOf(value: string | undefined): Identity {
  if (value === undefined || value === 'content') return 'content';
  if (value === 'stat') return value;
  throw usageError(`--identity is ${JSON.stringify(value)}, expected content or stat.`);
}

function countOf(option: string, value: string | undefined, otherwise: number): number {
  if (value === undefined) return otherwise;
  const count = Number(value);
  if (!/^\d+$/.test(value) || count < 1 || count > 1024)
    throw usageError(`--${option} is ${JSON.stringify(value)}, expected a whole number from 1 to 1024.`);
  return count;
}

function needed(values: Values, option: 'out' | 'model' | 'queue', name: string): string {
  const value = values[option];
  if (value === undefined || value === '') throw usageError(`"${name}" needs --${option}.`);
  return value;
}

function refuse(values: Values, name: string, options: readonly (keyof Values)[]): void {
  const given = options.find((option) => values[option] !== undefined);
  if (given !== undefined) throw usageError(`"${name}" takes no --${given}.`);
}

const usageError = (sentence: string): UniSpeechError =>
  new UniSpeechError('bad-option', sentence, 'unispeech-server batch --help says how it is used.');
