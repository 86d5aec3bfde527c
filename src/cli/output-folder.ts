/** The folder of a model that a command makes: complete or not there at all. */
import {
  access,
  constants,
  copyFile,
  lstat,
  mkdir,
  readdir,
  readlink,
  realpath,
  rename,
  rm,
  rmdir,
  stat,
} from 'node:fs/promises';
import path from 'node:path';
import { isRecord, messageOf } from '../base/checks.ts';
import { UniSpeechError } from '../base/errors.ts';
import type { OpenCheckpoint } from '../checkpoint/checkpoint.ts';
import { listNames } from '../checkpoint/names.ts';
import { oneLine, printable } from './printable.ts';
import { formatTable } from './table.ts';

export const WEIGHTS_FILE = 'model.safetensors';
/** For commands that read a folder on disk. */
export const INPUT_FIX =
  'Give a folder that holds config.json and the weights; "unispeech cache" lists those of downloaded models.';

const OTHER_WEIGHTS = /\.(safetensors|bin|pt|pth|h5|msgpack|onnx|gguf)(\.index(\.[\w.-]+)?\.json)?$/;

/** The weights of a language, which are loaded onto a model of any dtype: they stay as they are. */
const LANGUAGE_WEIGHTS = /^adapter\.[\w-]+\.(safetensors|bin)$/;

/**
 * Writes a temporary folder beside OUT and renames it.
 * @param command shown in errors.
 * @param write fills the temporary folder.
 * @throws UniSpeechError that says what is wrong; the signal's reason.
 */
export async function makeOutputFolder<T>(
  output: string,
  command: string,
  signal: AbortSignal,
  write: (folder: string) => Promise<T>,
): Promise<T> {
  // A link to an empty folder stands for that folder, because a folder cannot be renamed to a link.
  const out = await realpath(output).catch(() => path.resolve(output));
  await checkOutput(out, command);
  const partial = `${out}.${process.pid}.partial`;
  let firstMade: string | undefined;
  let isBegun = false;
  let isDone = false;
  try {
    firstMade = await mkdir(path.dirname(out), { recursive: true });
    await mkdir(partial);
    isBegun = true;
    const result = await write(partial);
    signal.throwIfAborted();
    await rmdir(out).catch(() => undefined);
    await rename(partial, out);
    isDone = true;
    return result;
  } catch (error) {
    signal.throwIfAborted();
    throw explainFailure(error, output);
  } finally {
    if (isBegun) await rm(partial, { recursive: true, force: true });
    if (!isDone && firstMade !== undefined) await removeEmpty(path.dirname(out), firstMade);
  }
}

/** Adds the path to errors of the file system, such as a full disk, which do not name it. */
function explainFailure(error: unknown, output: string): unknown {
  if (!isRecord(error) || typeof error.syscall !== 'string') return error;
  return new UniSpeechError(
    'bad-input',
    `${output} cannot be written: ${messageOf(error)}.`,
    'Make room, or choose another place; nothing was left there.',
    { cause: error },
  );
}

/** Removes the empty folders from `folder` up to `last`. */
async function removeEmpty(folder: string, last: string): Promise<void> {
  for (let each = folder; each.length >= last.length; each = path.dirname(each)) {
    try {
      await rmdir(each);
    } catch {
      return;
    }
  }
}

/**
 * The files beside the weights, with those of languages. Links are followed, because a snapshot in the Hugging Face cache consists of links.
 * @throws UniSpeechError `bad-input` for a broken link.
 */
export async function companionFiles(folder: string): Promise<readonly string[]> {
  const names: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (OTHER_WEIGHTS.test(entry.name) && !LANGUAGE_WEIGHTS.test(entry.name)) continue;
    if (entry.isFile()) names.push(entry.name);
    if (!entry.isSymbolicLink()) continue;
    const link = path.join(folder, entry.name);
    const target = await stat(link).catch(() => undefined);
    if (target === undefined) {
      throw new UniSpeechError(
        'bad-input',
        `${link} is a link to ${await readlink(link)}, and there is nothing.`,
        'Fetch the model again, or remove the link.',
      );
    }
    if (target.isFile()) names.push(entry.name);
  }
  return names;
}

/** @throws UniSpeechError if OUT exists and is not an empty folder. */
async function checkOutput(out: string, command: string): Promise<void> {
  const found = await lstat(out).catch(() => undefined);
  if (found === undefined) return;
  if (found.isDirectory() && (await readdir(out)).length === 0) return;
  throw new UniSpeechError(
    'bad-input',
    `${out} exists already, and ${command} never writes over anything.`,
    'Give a folder that does not exist yet.',
  );
}

/** Says what is odd about the input's weights, and which of its tensors are left out. */
export function noteLeftOut({ warning }: OpenCheckpoint, names: readonly string[]): void {
  if (warning !== undefined) process.stderr.write(`${oneLine(warning)}\n`);
  if (names.length > 0) process.stderr.write(`${oneLine(`Left out: ${listNames(names)}`)}\n`);
}

/** Bytes of all tensors of the input. */
export const weightsByteLength = ({ tensors }: OpenCheckpoint): number =>
  [...tensors.values()].reduce((sum, { byteLength }) => sum + byteLength, 0);

/** Says how large the weights were and are. */
export async function printSizes(
  input: string,
  byteLength: number,
  output: string,
  dtype: string,
): Promise<void> {
  const { size } = await stat(path.join(output, WEIGHTS_FILE));
  const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
  process.stdout.write(
    `${formatTable([
      ['from', printable(input), megabytes(byteLength)],
      ['to', printable(output), megabytes(size), dtype],
    ])}\n`,
  );
}

/** Copies files from one folder to another. */
export async function copyFiles(
  names: readonly string[],
  from: string,
  to: string,
  signal: AbortSignal,
): Promise<void> {
  for (const name of names) {
    signal.throwIfAborted();
    const file = path.join(from, name);
    await access(file, constants.R_OK).catch((cause: unknown) => {
      const message = `${file} cannot be read: ${messageOf(cause)}.`;
      throw new UniSpeechError('not-found', message, 'Change who may read it.', { cause });
    });
    await copyFile(file, path.join(to, name));
  }
}
