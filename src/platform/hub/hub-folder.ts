/**
 * One model in the cache folder of the Hugging Face hub, laid out as Python's `huggingface_hub` does, so that a model that
 * either of them fetched is found by the other:
 *
 *     CACHEDIR.TAG                               tells backup programs to skip the folder
 *     models--OWNER--NAME/
 *       blobs/ETAG                               the content of a file, once
 *       blobs/ETAG.HOST-PROCESS-ID.incomplete    a download of it: see `PartialBlob`
 *       refs/REVISION                            the commit of a branch or tag, when it was last asked for
 *       snapshots/COMMIT/FILE                    a relative link to the blob
 *       .no_exist/COMMIT/FILE                    an empty file: the hub has no such file
 *
 * Whatever is written gets its name when it is whole, by renaming. Python also takes locks, which Node cannot; they only spare a
 * second download.
 */
import { copyFile, mkdir, readFile, rename, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { isError, isRecord } from '../../base/checks.ts';
import type { WarningCallback } from '../../base/files.ts';
import { writeWhole } from '../whole-files.ts';

const TAG =
  'Signature: 8a477f597d28d172789f06886806bc55\n' +
  '# This file is a cache directory tag created by huggingface_hub.\n' +
  '# For information about cache directory tags, see:\n' +
  '#\thttps://bford.info/cachedir/\n';

/** `owner/name` → `models--owner--name`. */
export const folderNameOf = (id: string): string => ['models', ...id.split('/')].join('--');

const COMMIT = /^[\da-f]{40}$/;

export const isCommit = (revision: string): boolean => COMMIT.test(revision);

export const exists = (file: string): Promise<boolean> =>
  stat(file).then(
    () => true,
    () => false,
  );

/** Storage that fails is warned of once and then left alone: the load goes on without it. */
export class HubFolder {
  readonly path: string;
  readonly #cacheFolder: string;
  readonly #usesLinks: boolean;
  readonly #onWarning: WarningCallback;
  /** False once a write has failed. */
  #isWritable = true;

  constructor(cacheFolder: string, id: string, usesLinks: boolean, onWarning: WarningCallback) {
    this.path = path.join(cacheFolder, folderNameOf(id));
    this.#cacheFolder = cacheFolder;
    this.#usesLinks = usesLinks;
    this.#onWarning = onWarning;
  }

  get blobs(): string {
    return path.join(this.path, 'blobs');
  }

  snapshot(commit: string): string {
    return path.join(this.path, 'snapshots', commit);
  }

  /** The commit that a branch or tag had when it was last asked for. */
  async commitOf(revision: string): Promise<string | undefined> {
    const text = await readFile(this.#ref(revision), 'utf8').catch(() => undefined);
    const commit = text?.trim() ?? '';
    return isCommit(commit) ? commit : undefined;
  }

  hasFile(commit: string, fileName: string): Promise<boolean> {
    return exists(path.join(this.snapshot(commit), fileName));
  }

  hasBlob(etag: string): Promise<boolean> {
    return exists(path.join(this.blobs, etag));
  }

  /** Whether the hub has said that there is no such file. */
  lacksFile(commit: string, fileName: string): Promise<boolean> {
    return exists(this.#absence(commit, fileName));
  }

  async keepCommit(revision: string, commit: string): Promise<void> {
    if (revision === commit || (await this.commitOf(revision)) === commit) return;
    await this.try(() => this.#write(this.#ref(revision), commit));
  }

  async keepAbsence(commit: string, fileName: string): Promise<void> {
    await this.try(() => this.#write(this.#absence(commit, fileName), ''));
  }

  /** Makes the folders for the files of a commit. */
  async prepare(commit: string): Promise<void> {
    await mkdir(this.blobs, { recursive: true });
    await mkdir(this.snapshot(commit), { recursive: true });
    await writeFile(path.join(this.#cacheFolder, 'CACHEDIR.TAG'), TAG, { flag: 'wx' }).catch(() => undefined);
  }

  async keepText(commit: string, fileName: string, etag: string, bytes: Uint8Array): Promise<void> {
    await this.try(async () => {
      await this.prepare(commit);
      await this.#write(path.join(this.blobs, etag), bytes);
      await this.link(commit, fileName, etag, true);
    });
  }

  /**
   * Makes a blob a file of a commit.
   * @param isNew whether no other commit has it, so that it may be moved where there are no links.
   */
  async link(commit: string, fileName: string, etag: string, isNew: boolean): Promise<void> {
    const blob = path.join(this.blobs, etag);
    const file = path.join(this.snapshot(commit), fileName);
    await mkdir(path.dirname(file), { recursive: true });
    if (this.#usesLinks) {
      try {
        const target = path.relative(path.dirname(file), blob);
        await writeWhole(file, (temporary) => symlink(target, temporary));
        return;
      } catch (error) {
        // Windows lets only some users make links.
        if (!hasCode(error, 'EPERM', 'ENOSYS', 'ENOTSUP', 'UNKNOWN')) throw error;
      }
    }
    if (isNew) await rename(blob, file);
    else await writeWhole(file, (temporary) => copyFile(blob, temporary));
  }

  /** The result of `use`, or undefined where the folder cannot be written to. */
  async try<T>(use: () => Promise<T>): Promise<T | undefined> {
    if (!this.#isWritable) return undefined;
    try {
      return await use();
    } catch (error) {
      this.fail(error);
      return undefined;
    }
  }

  /** Nothing is written any more. */
  fail(error: unknown): void {
    if (!this.#isWritable) return;
    this.#isWritable = false;
    const isFull = hasCode(error, 'ENOSPC', 'EDQUOT', 'EFBIG');
    const problem = isFull
      ? `There is no room in ${this.#cacheFolder}`
      : `Nothing can be stored in ${this.#cacheFolder} (${isError(error) ? error.message : String(error)})`;
    // On its own: a listener that throws must not fail the load.
    queueMicrotask(() =>
      this.#onWarning(
        isFull ? 'cache-full' : 'cache-unavailable',
        `${problem}: the model is used without being kept.`,
      ),
    );
  }

  #ref(revision: string): string {
    return path.join(this.path, 'refs', ...revision.split('/'));
  }

  #absence(commit: string, fileName: string): string {
    return path.join(this.path, '.no_exist', commit, fileName);
  }

  async #write(file: string, content: string | Uint8Array): Promise<void> {
    await mkdir(path.dirname(file), { recursive: true });
    await writeWhole(file, (temporary) => writeFile(temporary, content));
  }
}

const hasCode = (error: unknown, ...codes: readonly string[]): boolean =>
  isRecord(error) && codes.some((code) => code === error.code);
