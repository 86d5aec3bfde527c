/** Downloads from the hub in processes of their own: two at once, one that is killed, and one whose disk is full. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { BLOCK_BYTE_LENGTH } from '../../src/files/file-cache.ts';
import { folderListing } from '../helpers/folder-listing.ts';
import { serveHub, sha256, type TestHub } from '../helpers/hub-server.ts';
import { repositoryFolder } from '../helpers/run-node.ts';

const ID = 'acme/tiny';
const COMMIT = 'c'.repeat(40);
const WEIGHTS = Uint8Array.from(
  { length: 2 * BLOCK_BYTE_LENGTH + 123 },
  (_, index) => (index * 11 + (index >> 8)) % 251,
);
const BLOB = sha256(WEIGHTS);
const script = path.join(repositoryFolder, '.cache', `hub-child-${process.pid}.mjs`);

let hub: TestHub;
let home: string;

beforeAll(async () => {
  await build({
    entryPoints: [path.join(repositoryFolder, 'test/helpers/hub-child.ts')],
    outfile: script,
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
  });
});
afterAll(() => rm(script));
beforeEach(async () => {
  home = await mkdtemp(path.join(os.tmpdir(), 'unispeech-hub-'));
  hub = await serveHub({
    [ID]: { files: { 'model.safetensors': WEIGHTS }, large: ['model.safetensors'], refs: { main: COMMIT } },
  });
});
afterEach(async () => {
  await hub.close();
  await rm(home, { recursive: true });
});

interface Child {
  readonly process: ChildProcess;
  /** Settles with the first line that it prints, or its end. */
  readonly reading: Promise<void>;
  /** What it prints in the end, or the signal that ended it. */
  readonly done: Promise<unknown>;
}

/** @param maxFileKilobytes the length of the longest file that it may write. */
function start(maxFileKilobytes?: number): Child {
  const limit = maxFileKilobytes === undefined ? '' : `ulimit -f ${maxFileKilobytes}; `;
  const child = spawn('bash', ['-c', `${limit}exec "$0" "$@"`, process.execPath, script, ID], {
    env: { ...process.env, HF_ENDPOINT: hub.url, HF_HOME: home, HF_HUB_CACHE: '', HF_TOKEN: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const done = new Promise<unknown>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (signal !== null) resolve(signal);
      else if (code === 0) resolve(JSON.parse(output.trim().split('\n').at(-1) ?? ''));
      else reject(new Error(errors));
    });
  });
  const reading = new Promise<void>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      resolve();
    });
    child.on('close', () => resolve());
  });
  return { process: child, reading, done };
}

/** The store sends this much of an answer, and the rest when it is released. */
function holdAt(byteLength: number): { release(): void } {
  const waiting: (() => void)[] = [];
  let isHeld = true;
  hub.respond = ({ host, range }, response) => {
    if (host !== 'store' || !isHeld) return false;
    const start = Number(/\d+/.exec(range)?.[0] ?? 0);
    response.writeHead(206, {
      'Content-Range': `bytes ${start}-${WEIGHTS.byteLength - 1}/${WEIGHTS.byteLength}`,
    });
    response.write(WEIGHTS.subarray(start, byteLength));
    waiting.push(() => response.end(WEIGHTS.subarray(Math.max(start, byteLength))));
    return true;
  };
  return {
    release: () => {
      isHeld = false;
      for (const send of waiting) send();
    },
  };
}

const blobs = (): Promise<string[]> => readdir(path.join(home, 'hub/models--acme--tiny/blobs'));
const good = { sha256: BLOB, warnings: [] };

test('two processes at once read the right bytes and leave one blob', async () => {
  const hold = holdAt(BLOCK_BYTE_LENGTH + 1);
  const children = [start(), start()];
  await Promise.all(children.map(({ reading }) => reading));
  expect((await blobs()).filter((name) => name.endsWith('.incomplete'))).toHaveLength(2);
  hold.release();
  expect(await Promise.all(children.map(({ done }) => done))).toEqual([good, good]);
  expect(await blobs()).toEqual([BLOB]);
  expect((await folderListing(home))[`hub/models--acme--tiny/blobs/${BLOB}`]).toBe(BLOB);
});

test('what a killed process has downloaded is not downloaded again', async () => {
  const hold = holdAt(BLOCK_BYTE_LENGTH + 1);
  const killed = start();
  await killed.reading;
  // The block is written while the next one comes in.
  await expect.poll(async () => (await readLengths()).at(0), { timeout: 20_000 }).toBe(BLOCK_BYTE_LENGTH);
  killed.process.kill('SIGKILL');
  expect(await killed.done).toBe('SIGKILL');
  hold.release();
  hub.respond = undefined;
  hub.requests.length = 0;
  expect(await start().done).toEqual(good);
  const ranges = hub.requests.filter(({ host }) => host === 'store').map(({ range }) => range);
  expect(ranges).toEqual(['bytes=0-', `bytes=${BLOCK_BYTE_LENGTH}-`]);
  expect(await blobs()).toEqual([BLOB]);
});

test('a disk without room leaves no file behind, and the load goes on', async () => {
  expect(await start((BLOCK_BYTE_LENGTH + 2 ** 20) / 1024).done).toEqual({
    sha256: BLOB,
    warnings: [
      `cache-full: There is no room in ${path.join(home, 'hub')}: the model is used without being kept.`,
    ],
  });
  expect(await blobs()).toEqual([]);
  expect(await start().done).toEqual(good);
});

async function readLengths(): Promise<number[]> {
  const folder = path.join(home, 'hub/models--acme--tiny/blobs');
  return Promise.all((await readdir(folder)).map(async (name) => (await stat(path.join(folder, name))).size));
}
