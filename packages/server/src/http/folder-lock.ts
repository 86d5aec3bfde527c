/** A folder that one server has at a time: a file in it names its process. */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isAlive } from '../base/is-alive.ts';
import { randomId } from './random-id.ts';
import { StartError } from './start-error.ts';

const LOCK_NAME = 'server.lock';
/** Of this process. */
const heldFiles = new Set<string>();

export interface FolderLock {
  readonly release: () => void;
}

/** Takes the folder, which is made if it is missing. The lock of a dead process is taken over. @throws StartError where a server that lives has it. */
export function lockFolder(folder: string): FolderLock {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = path.join(path.resolve(folder), LOCK_NAME);
  for (;;) {
    try {
      writeFileSync(file, lockOwner(process.pid), { flag: 'wx', mode: 0o600 });
      heldFiles.add(file);
      return {
        release() {
          if (heldFiles.delete(file)) rmSync(file, { force: true });
        },
      };
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error;
    }
    const owner = readOwner(file);
    if (owner !== undefined && holds(owner, file)) throw inUse(folder, owner);
    // Of two that see a dead owner, one moves its file away.
    const moved = `${file}.${randomId('')}`;
    try {
      renameSync(file, moved);
    } catch (error) {
      if (hasCode(error, 'ENOENT')) continue;
      throw error;
    }
    const movedOwner = readOwner(moved);
    if (movedOwner !== owner) {
      // The other was faster: its lock goes back.
      renameSync(moved, file);
      throw inUse(folder, movedOwner ?? '');
    }
    rmSync(moved, { force: true });
  }
}

const inUse = (folder: string, owner: string): StartError =>
  new StartError(
    `The folder of jobs ${folder} belongs to a server that runs, process ${owner.split(' ')[0]}: end that one, or give --jobs another folder.`,
  );

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;

function readOwner(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** In a container every server is process 1, so Linux also tells when a process began. */
function holds(owner: string, file: string): boolean {
  const pid = Number(owner.split(' ')[0]);
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  if (pid === process.pid) return heldFiles.has(file);
  return isAlive(pid) && lockOwner(pid) === owner;
}

/** The process and its start, in ticks since the machine's; without that where the system has none. */
export function lockOwner(pid: number): string {
  // The name of the program, in brackets, may hold spaces.
  const [, fields = ''] = /^.*\) (.*)$/s.exec(readOwner(`/proc/${pid}/stat`) ?? '') ?? [];
  return `${pid} ${fields.split(' ')[19] ?? ''}`.trim();
}
