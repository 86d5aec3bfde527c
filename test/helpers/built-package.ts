/**
 * The package built from this very source: once for all test files, however many processes they run in. What was built is kept in
 * `node_modules/.cache` under a digest of everything that goes into it; tests get copies, which they may do with as they like.
 */
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { repositoryFolder, runNode } from './run-node.ts';

/** Everything that the build reads. */
const INPUTS = ['src', 'shaders', 'kernels', 'scripts', 'package.json', 'package-lock.json'];
const TYPE_INPUTS = ['tsconfig.json', 'tsconfig.build.json'];
const kept = path.join(repositoryFolder, 'node_modules', '.cache', 'unispeech-build');
/** What nobody asked for in this time goes. */
const MAX_AGE_MS = 24 * 3_600_000;

/** For the hooks that copy: the first one on a busy machine builds. */
export const BUILD_TIMEOUT_MS = 300_000;

type DistPart = 'bundles' | 'types';

/**
 * Copies the built package, its package.json first of all, into a folder, which is made where it is missing.
 * @param options.types also the type declarations, which take as long as the rest.
 */
export async function copyBuiltPackage(folder: string, { types = false } = {}): Promise<void> {
  await copyBuiltFiles(path.join(folder, 'dist'), 'bundles');
  if (types) await copyBuiltFiles(path.join(folder, 'dist'), 'types');
  cpSync(path.join(repositoryFolder, 'package.json'), path.join(folder, 'package.json'));
}

/** Copies one part of `dist` into a folder beside what it holds. */
export async function copyBuiltFiles(dist: string, part: DistPart = 'bundles'): Promise<void> {
  cpSync(await built(part), dist, { recursive: true });
}

/** The folder of a part that is built, by whichever process comes first. */
async function built(part: DistPart): Promise<string> {
  const folder = path.join(
    kept,
    `${part}-${digestOf(part === 'types' ? [...INPUTS, ...TYPE_INPUTS] : INPUTS)}`,
  );
  const lock = `${folder}.lock`;
  while (!existsSync(folder)) {
    if (takeLock(lock)) {
      try {
        if (!existsSync(folder)) await buildInto(folder, part);
      } finally {
        rmSync(lock, { recursive: true, force: true });
      }
    } else await sleep(200);
  }
  return folder;
}

async function buildInto(folder: string, part: DistPart): Promise<void> {
  const scratch = `${folder}.${process.pid}`;
  const { exitCode, stderr } = await runNode(['scripts/build.mjs', '--only', part, '--outdir', scratch]);
  if (exitCode !== 0) throw new Error(`The package could not be built:\n${stderr}`);
  // A folder of this name is whole: nobody sees it before. Where another process made it meanwhile, it is the same.
  if (existsSync(folder)) rmSync(scratch, { recursive: true });
  else renameSync(scratch, folder);
  for (const name of readdirSync(kept)) {
    const other = path.join(kept, name);
    const age = Date.now() - (statSync(other, { throwIfNoEntry: false })?.mtimeMs ?? Infinity);
    if (age > MAX_AGE_MS) rmSync(other, { recursive: true, force: true });
  }
}

/** @returns false where a process that is alive holds it. */
function takeLock(lock: string): boolean {
  mkdirSync(kept, { recursive: true });
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch {
    const holder = existsSync(lock) ? Number(readFileSync(lock, 'utf8')) : NaN;
    // An empty file has a holder that is about to write its number.
    if (holder > 0 && !isAlive(holder)) rmSync(lock, { force: true });
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Of names and contents of files and of whole folders. */
function digestOf(inputs: readonly string[]): string {
  const hash = createHash('sha256');
  for (const input of inputs) {
    const start = path.join(repositoryFolder, input);
    const isFolder = statSync(start).isDirectory();
    const names = isFolder ? readdirSync(start, { recursive: true, encoding: 'utf8' }).sort() : [''];
    for (const name of names) {
      const file = path.join(start, name);
      if (!statSync(file).isFile()) continue;
      const content = readFileSync(file);
      hash.update(`${input}/${name} ${content.byteLength}\n`).update(content);
    }
  }
  return hash.digest('hex').slice(0, 16);
}
