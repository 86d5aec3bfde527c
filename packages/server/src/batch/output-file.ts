/**
 * The outputs of a batch. A file that is there is the truth: it was written under another name, forced to the disk and renamed, so it is whole or
 * missing, whatever was killed.
 */
import { mkdir, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { HOST } from '../base/host.ts';
import { replaceFile } from '../base/replace-file.ts';
import type { BatchItem } from './batch-item.ts';
import { OUTPUT_VERSION } from './output-key.ts';

/** What a transcriber gives for a file. */
export interface BatchTranscript {
  readonly text: string;
  readonly duration: number;
  /** The words, or with `timestamps: 'char'` the characters. */
  readonly chunks: readonly {
    readonly text: string;
    readonly timestamp: readonly [start: number, end: number];
    /** From 0 to 1. */
    readonly confidence?: number;
  }[];
  readonly warnings?: readonly string[];
}

/** A temporary file of this host that is older was left by a process that was killed. */
const MAX_TEMPORARY_AGE_MILLISECONDS = 24 * 3_600_000;
const TEMPORARY = /^\..+\.([\w-]+)\.\d+\.tmp$/s;

/** An output as it is to be. */
export interface ExpectedOutput extends Pick<BatchItem, 'output'> {
  /** Undefined where the audio cannot be read from here, such as from a machine that only has the list. */
  readonly key: string | undefined;
}

const outputPath = (folder: string, { output }: Pick<BatchItem, 'output'>): string =>
  path.join(folder, ...`${output}.json`.split('/'));

/** Whether an output is there, of the same file, model, options and version; any whole one where its key is not known. */
export const isWritten = async (folder: string, expected: ExpectedOutput): Promise<boolean> =>
  (await writtenSeconds(folder, expected)) !== undefined;

/** How much sound an output is of; undefined where it is not written. */
export async function writtenSeconds(folder: string, expected: ExpectedOutput): Promise<number | undefined> {
  const output = await readOutput(outputPath(folder, expected));
  if (typeof output.key !== 'string' || (expected.key !== undefined && output.key !== expected.key))
    return undefined;
  return typeof output.duration === 'number' ? output.duration : 0;
}

/** Nothing where it cannot be read. */
async function readOutput(file: string): Promise<{ readonly key?: unknown; readonly duration?: unknown }> {
  try {
    return Object(JSON.parse(await readFile(file, 'utf8'))) as object;
  } catch {
    return {};
  }
}

/**
 * Writes an output as a whole. It holds nothing of the machine or the time, so two workers that do the same file write the same bytes.
 * @returns its length in bytes.
 */
export async function writeOutput(
  folder: string,
  item: BatchItem,
  key: string,
  transcript: BatchTranscript,
): Promise<number> {
  const file = outputPath(folder, item);
  const content = `${JSON.stringify({ version: OUTPUT_VERSION, key, file: item.file, ...transcript }, null, 1)}\n`;
  const parent = path.dirname(file);
  await mkdir(parent, { recursive: true });
  const temporary = path.join(parent, `.${path.basename(file)}.${HOST}.${process.pid}.tmp`);
  await replaceFile(file, temporary, content, { flags: 'w' });
  await syncFolder(parent);
  return Buffer.byteLength(content);
}

/** The rename itself is on the disk only with its folder. Windows cannot open folders. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Removes what processes of this host left behind a day ago or earlier. */
export async function removeOldTemporaries(folder: string, now = Date.now()): Promise<number> {
  let count = 0;
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    if (!entry.isFile() || TEMPORARY.exec(entry.name)?.[1] !== HOST) continue;
    const file = path.join(entry.parentPath, entry.name);
    const found = await stat(file).catch(() => undefined);
    if (found === undefined || now - found.mtimeMs < MAX_TEMPORARY_AGE_MILLISECONDS) continue;
    await rm(file, { force: true });
    count += 1;
  }
  return count;
}
