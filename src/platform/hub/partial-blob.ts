/**
 * A file of the hub while it is downloaded: blocks are written behind one another, then it is renamed to its blob. The name of
 * the partial file tells whose it is, so that another process takes over the download of one that is gone, and never of one that
 * still runs. Would two processes write the same partial file nonetheless, they would write the same bytes to the same places.
 */
import { createHash, randomBytes } from 'node:crypto';
import { type FileHandle, open, readdir, rename, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { BlockStore } from '../../files/block-source.ts';
import { BLOCK_BYTE_LENGTH, type FileRecord } from '../../files/file-cache.ts';
import { isRecord } from '../../base/checks.ts';
import { writeAll } from '../whole-files.ts';
import type { HubFolder } from './hub-folder.ts';

/** A partial file that was not written to for so long is nobody's: its host may be another, its process number used again. */
const ABANDONED_MS = 3_600_000;

/** What the partial file becomes. */
export interface BlobTarget {
  readonly etag: string;
  readonly byteLength: number;
  readonly commit: string;
  readonly fileName: string;
}

const OWNER = /^\.([\da-f]{8})-(\d+)-[\da-f]{8}\.incomplete$/;
const hostDigest = (): string => createHash('sha1').update(os.hostname()).digest('hex').slice(0, 8);

/** Paths of the partial files that this process is writing. */
const running = new Set<string>();

export class PartialBlob implements BlockStore {
  readonly #folder: HubFolder;
  readonly #target: BlobTarget;
  readonly #path: string;
  readonly #handle: FileHandle;
  /** How much of the file is there, from its start on. */
  #byteLength: number;
  #isOpen = true;
  #isWhole = false;
  #writing = Promise.resolve();

  private constructor(
    folder: HubFolder,
    target: BlobTarget,
    file: string,
    handle: FileHandle,
    byteLength: number,
  ) {
    this.#folder = folder;
    this.#target = target;
    this.#path = file;
    this.#handle = handle;
    this.#byteLength = byteLength;
  }

  /**
   * Begins the download of a file, or goes on with one that ended early.
   * @throws whatever the system throws.
   */
  static async open(folder: HubFolder, target: BlobTarget): Promise<PartialBlob> {
    await folder.prepare(target.commit);
    const id = randomBytes(4).toString('hex');
    const name = `${target.etag}.${hostDigest()}-${process.pid}-${id}.incomplete`;
    const file = path.join(folder.blobs, name);
    running.add(file);
    try {
      const isTaken = await takeOver(folder.blobs, target, file);
      const handle = await open(file, isTaken ? 'r+' : 'wx+');
      const { size } = await handle.stat();
      const wholeBlocks = size - (size === target.byteLength ? 0 : size % BLOCK_BYTE_LENGTH);
      return new PartialBlob(folder, target, file, handle, wholeBlocks);
    } catch (error) {
      running.delete(file);
      throw error;
    }
  }

  /** Whether a part of the file was there before. */
  get isResumed(): boolean {
    return this.#byteLength > 0;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  async readBlock(
    _file: FileRecord,
    index: number,
    block: Uint8Array<ArrayBuffer>,
  ): Promise<'good' | 'missing'> {
    const byteOffset = index * BLOCK_BYTE_LENGTH;
    await this.#writing;
    if (!this.#isOpen || byteOffset + block.byteLength > this.#byteLength) return 'missing';
    for (let filled = 0; filled < block.byteLength;) {
      const { bytesRead } = await this.#handle
        .read(block, filled, block.byteLength - filled, byteOffset + filled)
        .catch(() => ({ bytesRead: 0 }));
      if (bytesRead === 0) return 'missing';
      filled += bytesRead;
    }
    return 'good';
  }

  /** Has taken its copy of `bytes` when it returns the promise. */
  putBlock(_file: FileRecord, index: number, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const copy = bytes.slice();
    this.#writing = this.#writing.then(async () => {
      // Where a block was not written, those behind it would leave a hole.
      const byteOffset = index * BLOCK_BYTE_LENGTH;
      if (!this.#isOpen || byteOffset > this.#byteLength) return;
      try {
        await writeAll(this.#handle, copy, byteOffset);
        this.#byteLength = Math.max(this.#byteLength, byteOffset + copy.byteLength);
      } catch (error) {
        await this.#giveUp(error);
      }
    });
    return this.#writing;
  }

  /** Makes it the blob once it is complete. */
  async putRecord({ complete }: FileRecord): Promise<void> {
    await this.#writing;
    const { etag, byteLength, commit, fileName } = this.#target;
    if (!complete || !this.#isOpen || this.#byteLength < byteLength) return;
    try {
      await this.#handle.truncate(byteLength);
      await rename(this.#path, path.join(this.#folder.blobs, etag));
      this.#isWhole = true;
      await this.#folder.link(commit, fileName, etag, true);
    } catch (error) {
      await this.#giveUp(error);
    }
  }

  async remove(): Promise<void> {
    this.#isOpen = false;
    await rm(this.#path, { force: true }).catch(() => undefined);
  }

  /** Nothing is damaged here that would be fetched again. */
  warn(): void {
    return;
  }

  async close(): Promise<void> {
    await this.#writing;
    if (this.#byteLength === 0 && !this.#isWhole) await this.remove();
    await this.#handle.close().catch(() => undefined);
    running.delete(this.#path);
  }

  async #giveUp(error: unknown): Promise<void> {
    this.#folder.fail(error);
    await this.remove();
    // A full disk gets its room back at once: an open file would keep it.
    await this.#handle.close().catch(() => undefined);
  }
}

/**
 * Renames the longest partial file that nobody writes any more, and removes the others.
 * @returns whether there was any.
 */
async function takeOver(blobs: string, { etag, byteLength }: BlobTarget, to: string): Promise<boolean> {
  const found: { readonly file: string; readonly size: number }[] = [];
  for (const name of await readdir(blobs)) {
    const owner = name.startsWith(`${etag}.`) ? OWNER.exec(name.slice(etag.length)) : null;
    const file = path.join(blobs, name);
    const stats = owner && (await stat(file).catch(() => undefined));
    if (!owner || !stats) continue;
    const [, host, processId] = owner;
    const isOld = Date.now() - stats.mtimeMs > ABANDONED_MS;
    const isEnded = host === hostDigest() && !isRunning(file, Number(processId));
    if (isOld || isEnded) found.push({ file, size: stats.size > byteLength ? 0 : stats.size });
  }
  found.sort((a, b) => b.size - a.size);
  let isTaken = false;
  for (const { file, size } of found) {
    if (isTaken || size === 0) await rm(file, { force: true });
    // Another process may be faster.
    else
      isTaken = await rename(file, to).then(
        () => true,
        () => false,
      );
  }
  return isTaken;
}

function isRunning(file: string, processId: number): boolean {
  if (processId === process.pid) return running.has(file);
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    // A process of another user may not be signalled, but it is there.
    return !isRecord(error) || error.code !== 'ESRCH';
  }
}
