/** `unispeech cache` on a folder with models of several programs. */
import { mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { cache } from '../../src/cli/cache.ts';
import { parseCommand, type CacheCommand } from '../../src/cli/usage.ts';
import { folderListing } from '../helpers/folder-listing.ts';

const [OLD, NEW] = ['1', '2'].map((digit) => digit.repeat(40)) as [string, string];
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'unispeech-cache-'));
  vi.stubEnv('HF_HUB_CACHE', folder);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

/** One file of 2,000,000 bytes in both revisions, and a small one in each; a download that ended early. */
async function fill(): Promise<void> {
  const model = path.join(folder, 'models--acme--tiny');
  const blob = (name: string) => path.join(model, 'blobs', name);
  for (const below of ['blobs', 'refs/refs/pr', `snapshots/${OLD}`, `snapshots/${NEW}`])
    await mkdir(path.join(model, below), { recursive: true });
  await writeFile(blob('shared'), new Uint8Array(2_000_000));
  await writeFile(blob('other.0.incomplete'), new Uint8Array(500_000));
  await writeFile(path.join(model, 'refs/main'), NEW);
  await writeFile(path.join(model, 'refs/refs/pr/1'), NEW);
  for (const [commit, day] of [
    [OLD, 5],
    [NEW, 7],
  ] as const) {
    await writeFile(blob(commit), new Uint8Array(1000));
    await symlink('../../blobs/shared', path.join(model, 'snapshots', commit, 'model.safetensors'));
    await symlink(`../../blobs/${commit}`, path.join(model, 'snapshots', commit, 'config.json'));
    await symlink('../../blobs/gone', path.join(model, 'snapshots', commit, 'vocab.json'));
    const used = new Date(Date.UTC(2026, 0, day));
    await utimes(blob(commit), used, used);
  }
  const used = new Date(Date.UTC(2026, 0, 5));
  await utimes(blob('shared'), used, used);
  await mkdir(path.join(folder, '.locks/models--acme--tiny'), { recursive: true });
  await mkdir(path.join(folder, 'models--gpt2/refs'), { recursive: true });
  await mkdir(path.join(folder, 'datasets--acme--sounds/snapshots'), { recursive: true });
  await writeFile(path.join(folder, 'CACHEDIR.TAG'), '');
}

/** @param typed what somebody types; undefined where there is no terminal. */
async function run(words: readonly string[], typed?: string): Promise<readonly [number, string, string]> {
  const isTTY = typed !== undefined;
  const stdin = Object.assign(new PassThrough(), { isTTY });
  const stderr = Object.assign(new PassThrough(), { isTTY });
  const stdout = new PassThrough();
  stdin.end(typed ?? '');
  const command = parseCommand(['cache', ...words]) as CacheCommand;
  const code = await cache(command, new AbortController().signal, { stdin, stdout, stderr });
  stdout.end();
  stderr.end();
  return [code, await text(stdout), await text(stderr)];
}

test('lists revisions with their sizes, and counts shared files once', async () => {
  await fill();
  const [code, output] = await run([]);
  expect(code).toBe(0);
  const rows = output.split('\n').map((row) => row.split(/ {2,}/));
  const snapshots = path.join(folder, 'models--acme--tiny/snapshots');
  expect(rows.slice(0, -3).sort()).toEqual(
    [
      ['model', 'revision', 'size', 'last used', 'path'],
      ['acme/tiny', '11111111', '2.0 MB', '2026-01-05', path.join(snapshots, OLD)],
      ['acme/tiny', '22222222 main refs/pr/1', '2.0 MB', '2026-01-07', path.join(snapshots, NEW)],
      ['acme/tiny', 'unfinished', '500.0 kB', path.join(folder, 'models--acme--tiny')],
      ['gpt2', 'unfinished', '0.0 kB', path.join(folder, 'models--gpt2')],
    ].sort(),
  );
  expect(output).toContain(`\n\n2 models, 2.5 MB in ${folder}\n`);
  const [, json] = await run(['--json']);
  expect(JSON.parse(json)).toMatchObject({
    folder,
    models: [{ id: 'acme/tiny', byteLength: 2_502_000, unfinishedByteLength: 500_000 }, { id: 'gpt2' }],
  });
});

test('says that there is nothing, also where there is no folder', async () => {
  expect(await run([])).toEqual([0, `No models in ${folder}\n`, '']);
  await rm(folder, { recursive: true });
  expect(await run([])).toEqual([0, `No models in ${folder}\n`, '']);
});

test('deletes one model with --yes, or when somebody says so', async () => {
  for (const [words, typed] of [
    [['--yes'], undefined],
    [[], 'y\n'],
  ] as const) {
    await fill();
    const [code, output] = await run(['delete', 'acme/tiny', ...words], typed);
    expect([code, output]).toEqual([0, 'Deleted acme/tiny: 2.5 MB\n']);
    expect(await folderListing(folder)).toEqual({ 'CACHEDIR.TAG': '' });
    expect((await run([]))[1]).toContain('1 model, 0.0 kB');
  }
});

test('deletes nothing for any other answer, or if nobody can be asked', async () => {
  await fill();
  const before = await folderListing(folder);
  for (const typed of ['\n', 'no\n', '']) {
    const [code, output, question] = await run(['delete', 'acme/tiny'], typed);
    expect([code, output]).toEqual([1, '']);
    expect(question).toContain('Delete acme/tiny (2.5 MB), which other programs may use, from ');
  }
  await expect(run(['delete', 'acme/tiny'])).rejects.toThrow(
    'asks on a terminal, and there is none: add --yes',
  );
  expect(await run(['delete', 'acme/tinny', '--yes'])).toEqual([
    1,
    '',
    `unispeech: There is no model acme/tinny in ${folder}, did you mean acme/tiny?\n`,
  ]);
  for (const id of ['..', 'acme/../..', 'acme', 'datasets--acme--sounds'])
    expect((await run(['delete', id, '--yes']))[0]).toBe(1);
  expect(await folderListing(folder)).toEqual(before);
});
