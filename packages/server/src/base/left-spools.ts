/** Spools of servers and batches that were killed: nobody else removes them. */
import { lstat, mkdtemp, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { isAlive } from './is-alive.ts';

/** That of a server's uploads; the pool's prepared clips lie beside it. */
export const spoolName = (pid: number): string => `unispeech-server-${pid}`;

/** Makes that of a batch. */
export const makeBatchSpool = (folder: string): Promise<string> =>
  mkdtemp(path.join(folder, `unispeech-batch-${process.pid}-`));

const SPOOL_NAMES = [/^unispeech-server-(\d+)(?:-clips)?$/, /^unispeech-batch-(\d+)-\w{6}$/];

/** Removes what dead processes of this user left in the folder. */
export async function removeLeftSpools(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const pid = SPOOL_NAMES.map((pattern) => pattern.exec(name)?.[1]).find((found) => found !== undefined);
    if (pid === undefined || isAlive(Number(pid))) continue;
    const spool = path.join(folder, name);
    const facts = await lstat(spool).catch(() => undefined);
    // Others may make such names in the folder of temporary files.
    if (facts?.isDirectory() !== true || facts.uid !== (process.getuid?.() ?? facts.uid)) continue;
    await rm(spool, { recursive: true, force: true });
  }
}
