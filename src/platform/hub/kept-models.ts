/** The models in the cache folder of the Hugging Face hub, whoever fetched them: lists and removes them. */
import { lstat, readdir, readFile, realpath, rm } from 'node:fs/promises';
import path from 'node:path';
import { folderNameOf } from './hub-folder.ts';

export interface KeptRevision {
  readonly commit: string;
  /** Branches and tags that had this commit when they were last asked for. */
  readonly refs: readonly string[];
  /** Of its files; what it shares with other revisions counts here too. */
  readonly byteLength: number;
  /** When one of its files was last read, as far as the file system notes that; undefined where it has none. */
  readonly lastUsedAt: Date | undefined;
  readonly path: string;
}

export interface KeptModel {
  readonly id: string;
  readonly path: string;
  /** Of everything in its folder, each content once. */
  readonly byteLength: number;
  /** Of downloads that ended early or still run. */
  readonly unfinishedByteLength: number;
  readonly revisions: readonly KeptRevision[];
}

const PREFIX = 'models--';

/** In the order of their names; none where there is no such folder. */
export async function listKeptModels(cacheFolder: string): Promise<readonly KeptModel[]> {
  const names = (await entriesOf(cacheFolder)).filter(
    (entry) => entry.isDirectory() && entry.name.startsWith(PREFIX),
  );
  const models: KeptModel[] = [];
  for (const { name } of names.sort((a, b) => (a.name < b.name ? -1 : 1)))
    models.push(await keptModel(path.join(cacheFolder, name), name.slice(PREFIX.length)));
  return models;
}

/** Removes a model in all its revisions, and what other programs lock it by. */
export async function removeKeptModel(cacheFolder: string, id: string): Promise<void> {
  const name = folderNameOf(id);
  await rm(path.join(cacheFolder, name), { recursive: true, force: true });
  await rm(path.join(cacheFolder, '.locks', name), { recursive: true, force: true });
}

async function keptModel(folder: string, name: string): Promise<KeptModel> {
  // The owner's name has no two dashes in a row; older models have no owner.
  const id = name.replace('--', '/');
  const refs = await refsIn(path.join(folder, 'refs'), '');
  const contents = new Map<string, number>();
  const revisions: KeptRevision[] = [];
  for (const { name: commit } of await entriesOf(path.join(folder, 'snapshots'))) {
    const snapshot = path.join(folder, 'snapshots', commit);
    let byteLength = 0;
    let usedMs = 0;
    for (const file of await contentsIn(snapshot)) {
      const stats = await lstat(file);
      contents.set(file, stats.size);
      byteLength += stats.size;
      usedMs = Math.max(usedMs, stats.atimeMs);
    }
    const ofCommit = refs.filter((ref) => ref.commit === commit).map((ref) => ref.revision);
    revisions.push({
      commit,
      refs: ofCommit,
      byteLength,
      lastUsedAt: usedMs === 0 ? undefined : new Date(usedMs),
      path: snapshot,
    });
  }
  let unfinishedByteLength = 0;
  for (const file of await contentsIn(path.join(folder, 'blobs'))) {
    const { size } = await lstat(file);
    contents.set(file, size);
    if (file.endsWith('.incomplete')) unfinishedByteLength += size;
  }
  const byteLength = [...contents.values()].reduce((total, size) => total + size, 0);
  return { id, path: folder, byteLength, unfinishedByteLength, revisions };
}

const entriesOf = (folder: string) => readdir(folder, { withFileTypes: true }).catch(() => []);

/** Where the contents of the files below a folder lie. Links that lead nowhere are left out. */
async function contentsIn(folder: string): Promise<readonly string[]> {
  const files = (await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => [])).filter(
    (entry) => !entry.isDirectory(),
  );
  const found = files.map(async (entry) => {
    const target = await realpath(path.join(entry.parentPath, entry.name)).catch(() => undefined);
    return target === undefined ? [] : [target];
  });
  return (await Promise.all(found)).flat();
}

async function refsIn(
  folder: string,
  start: string,
): Promise<readonly { readonly revision: string; readonly commit: string }[]> {
  const found = (await entriesOf(folder)).map(async (entry) => {
    const file = path.join(folder, entry.name);
    const revision = start + entry.name;
    if (entry.isDirectory()) return refsIn(file, `${revision}/`);
    return [{ revision, commit: (await readFile(file, 'utf8')).trim() }];
  });
  return (await Promise.all(found)).flat();
}
