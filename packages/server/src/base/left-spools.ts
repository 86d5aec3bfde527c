/** Spools of servers and batches that were killed: nobody else removes them. */
import { lstat, mkdtemp, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { HOST } from './host.ts';
import { isAlive } from './is-alive.ts';

/** That of the uploads of this server; the pool's prepared clips lie beside it. */
export const serverSpool = (folder: string): string =>
  path.join(folder, `unispeech-server-${HOST}-${process.pid}`);

/** Makes that of this batch. */
export const makeBatchSpool = (folder: string): Promise<string> =>
  mkdtemp(path.join(folder, `unispeech-batch-${HOST}-${process.pid}-`));

const SPOOL_NAMES = [/^unispeech-server-(.+)-(\d+)(?:-clips)?$/, /^unispeech-batch-(.+)-(\d+)-\w{6}$/];

/**
 * Removes what dead processes of this user and this host left in the folder. To be called before this process makes its own: in a container
 * the process that was killed had the same id.
 */
export async function removeLeftSpools(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const [, host, digits] = SPOOL_NAMES.map((pattern) => pattern.exec(name)).find((found) => found) ?? [];
    const pid = Number(digits);
    if (host !== HOST || (pid !== process.pid && isAlive(pid))) continue;
    const spool = path.join(folder, name);
    const facts = await lstat(spool).catch(() => undefined);
    // Others may make such names in the folder of temporary files.
    if (facts?.isDirectory() !== true || facts.uid !== (process.getuid?.() ?? facts.uid)) continue;
    await rm(spool, { recursive: true, force: true });
  }
}
