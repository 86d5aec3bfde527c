/** Spools of servers that were killed: nobody else removes them. */
import { lstat, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { isAlive } from './is-alive.ts';

/** That of uploads; the pool's prepared clips lie beside it. */
export const spoolName = (pid: number): string => `unispeech-server-${pid}`;

const SPOOL_NAME = /^unispeech-server-(\d+)(-clips)?$/;

/** Removes what dead servers of this user left in the folder. */
export async function removeLeftSpools(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const [, pid] = SPOOL_NAME.exec(name) ?? [];
    if (pid === undefined || isAlive(Number(pid))) continue;
    const spool = path.join(folder, name);
    const facts = await lstat(spool).catch(() => undefined);
    // Others may make such names in the folder of temporary files.
    if (facts?.isDirectory() !== true || facts.uid !== (process.getuid?.() ?? facts.uid)) continue;
    await rm(spool, { recursive: true, force: true });
  }
}
