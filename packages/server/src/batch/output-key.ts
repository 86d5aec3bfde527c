/** The key of an output: equal where a new run would give the same file. */
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { BatchItem } from './batch-item.ts';

/** Of the JSON that `output-file.ts` writes. A change of its meaning is a new version, and all outputs are made again. */
export const OUTPUT_VERSION = 1;

/** How a file is told from another: by all of its bytes, or by name, size and time, which reads nothing. */
export type Identity = 'content' | 'stat';

/** What all items of a batch share. */
export interface ModelIdentity {
  /** SHA-256 of the model's files. */
  readonly digest: string;
  readonly dtype: string;
}

/**
 * Hex of SHA-256.
 * @param file where the item lies on this machine.
 */
export async function outputKey(
  file: string,
  item: BatchItem,
  identity: Identity,
  model: ModelIdentity,
): Promise<string> {
  const content = identity === 'content' ? await contentDigest(file) : await statDigest(file, item.file);
  const { timestamps = 'word' } = item.options;
  return createHash('sha256')
    .update(JSON.stringify([content, model.digest, model.dtype, { timestamps }, OUTPUT_VERSION]))
    .digest('hex');
}

/** SHA-256 of a file, read in blocks. */
async function contentDigest(file: string): Promise<string> {
  return (await addFile(createHash('sha256'), file)).digest('hex');
}

/** @param name that is the same on every machine. */
async function statDigest(file: string, name: string): Promise<string> {
  const { size, mtimeMs } = await stat(file);
  return `${name}|${size}|${mtimeMs}`;
}

async function addFile(hash: Hash, file: string): Promise<Hash> {
  for await (const block of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(block as Buffer);
  return hash;
}

/**
 * SHA-256 over the names and bytes of a model's files. A gigabyte takes about a second, once for each process.
 * @param location folder of the model, or a name that is not a folder: then the name alone counts.
 */
export async function modelDigest(location: string): Promise<string> {
  const hash = createHash('sha256');
  const found = await stat(location).catch(() => undefined);
  if (!found?.isDirectory()) return hash.update(location).digest('hex');
  const names = (await readdir(location, { withFileTypes: true }))
    .filter((entry) => entry.isFile() && /\.(json|safetensors|bin|txt|arpa)$/.test(entry.name))
    .map(({ name }) => name)
    .sort();
  for (const name of names) {
    hash.update(`${name}\0`);
    await addFile(hash, path.join(location, name));
  }
  return hash.digest('hex');
}

/** @param engine the location of a model, and the dtype that was asked for. */
export const modelIdentity = async ({
  model,
  dtype = 'fp32',
}: {
  readonly model: string;
  readonly dtype: string | undefined;
}): Promise<ModelIdentity> => ({ digest: await modelDigest(model), dtype });
