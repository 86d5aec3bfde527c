/** Models of the hub in Node: asked for by commit, kept as Python keeps them, resumed, checked, used offline. */
import { statSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ByteSource, ModelFiles, WarningCode } from '../../../src/base/files.ts';
import type { OpenFilesOptions } from '../../../src/base/platform.ts';
import { BLOCK_BYTE_LENGTH } from '../../../src/files/file-cache.ts';
import { HubFiles } from '../../../src/platform/hub/hub-files.ts';
import { HubFolder } from '../../../src/platform/hub/hub-folder.ts';
import { hubSettings } from '../../../src/platform/hub/hub-settings.ts';
import { folderListing } from '../../helpers/folder-listing.ts';
import { GOOD_TOKEN, gitOid, sendBytes, serveHub, sha256, type TestHub } from '../../helpers/hub-server.ts';

const ID = 'acme/tiny';
const COMMIT = 'a'.repeat(40);
const NEXT_COMMIT = 'b'.repeat(40);
const CONFIG = Buffer.from('{"model_type": "unispeech"}');
const WEIGHTS = Uint8Array.from(
  { length: 2 * BLOCK_BYTE_LENGTH + 123 },
  (_, index) => (index * 7 + (index >> 9)) % 251,
);
const FILES = { 'config.json': CONFIG, 'model.safetensors': WEIGHTS };

let hub: TestHub;
let cacheDir: string;
let warnings: WarningCode[];

beforeEach(async () => {
  cacheDir = await mkdtemp(path.join(os.tmpdir(), 'unispeech-hub-'));
  warnings = [];
  hub = await serveHub({
    [ID]: { files: FILES, large: ['model.safetensors'], refs: { main: COMMIT, v1: COMMIT } },
  });
});
afterEach(async () => {
  await hub.close();
  await rm(cacheDir, { recursive: true });
});

interface TestOptions extends OpenFilesOptions {
  readonly id?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A new load, with the environment of nobody. */
function filesOf({ id = ID, env, revision, ...options }: TestOptions = {}): ModelFiles {
  const settings = hubSettings({ cacheDir, ...options }, { HF_ENDPOINT: hub.url, HF_HOME: cacheDir, ...env });
  const { endpoint, cacheFolder, token, offlineBy, usesLinks } = settings;
  return new HubFiles({
    hub: { endpoint, id, token, revision: revision ?? 'main' },
    folder: new HubFolder(cacheFolder, id, usesLinks, (code) => warnings.push(code)),
    offlineBy,
    retryDelayMs: 1,
    stallTimeoutMs: options.stallTimeoutMs,
  });
}

async function openWeights(files = filesOf()): Promise<ByteSource> {
  const source = await files.open('model.safetensors');
  if (!source) throw new Error('no such file');
  return source;
}

/** Reads as a checkpoint does: in pieces by ascending offset, then the rest. */
async function readAll(source: ByteSource, from = 0): Promise<boolean> {
  try {
    const step = 1_000_000;
    for (let offset = from; offset < source.byteLength; offset += step) {
      const byteLength = Math.min(step, source.byteLength - offset);
      const piece = await source.read(offset, byteLength);
      if (Buffer.compare(piece, WEIGHTS.subarray(offset, offset + byteLength)) !== 0) return false;
    }
    await source.finish?.();
    return source.byteLength === WEIGHTS.byteLength;
  } finally {
    await source.close();
  }
}

const load = async (files = filesOf()): Promise<boolean> => readAll(await openWeights(files));
const asked = (): string[] =>
  hub.requests.splice(0).map(({ host, line }) => (host === 'hub' ? line : 'store'));
const listing = (): Promise<Record<string, string>> => folderListing(cacheDir);
const modelFolder = (): string => path.join(cacheDir, 'models--acme--tiny');
const partials = async (): Promise<string[]> =>
  (await readdir(path.join(modelFolder(), 'blobs'))).filter((name) => name.endsWith('.incomplete'));
const goOffline = (): void => {
  hub.respond = (_request, response) => {
    response.destroy();
    return true;
  };
};
const failure = (files: ModelFiles): Promise<unknown> =>
  files.readText('config.json').catch((error: unknown) => error);

describe('a model of the hub', () => {
  test('is kept as Python keeps it', async () => {
    const files = filesOf();
    expect(await files.readText('config.json')).toBe(String(CONFIG));
    expect(await files.open('model.safetensors.index.json')).toBeUndefined();
    expect(await load(files)).toBe(true);
    expect(await listing()).toEqual({
      'CACHEDIR.TAG': expect.stringContaining('8a477f597d28d172789f06886806bc55') as string,
      [`models--acme--tiny/.no_exist/${COMMIT}/model.safetensors.index.json`]: '',
      [`models--acme--tiny/blobs/${gitOid(CONFIG)}`]: String(CONFIG),
      [`models--acme--tiny/blobs/${sha256(WEIGHTS)}`]: sha256(WEIGHTS),
      'models--acme--tiny/refs/main': COMMIT,
      [`models--acme--tiny/snapshots/${COMMIT}/config.json`]: `-> ../../blobs/${gitOid(CONFIG)}`,
      [`models--acme--tiny/snapshots/${COMMIT}/model.safetensors`]: `-> ../../blobs/${sha256(WEIGHTS)}`,
    });
    expect(warnings).toEqual([]);
  });

  test('is asked for by the commit that the first answer tells', async () => {
    const files = filesOf();
    await files.readText('config.json');
    hub.models[ID] = { files: {}, refs: { main: NEXT_COMMIT, old: COMMIT } };
    expect(asked()).toEqual([
      'HEAD /acme/tiny/resolve/main/config.json',
      `HEAD /api/resolve-cache/models/acme/tiny/${COMMIT}/config.json`,
      `GET /acme/tiny/resolve/${COMMIT}/config.json`,
      `GET /api/resolve-cache/models/acme/tiny/${COMMIT}/config.json`,
    ]);
    expect(await files.open('model.safetensors')).toBeUndefined();
    expect(asked()).toEqual([`GET /acme/tiny/resolve/${COMMIT}/model.safetensors`]);
  });

  test('that is kept needs one question, and none for a commit', async () => {
    await filesOf().readText('config.json');
    await filesOf().open('added_tokens.json');
    await load();
    asked();
    for (const [revision, questions] of [
      ['main', ['HEAD /acme/tiny/resolve/main/model.safetensors']],
      [COMMIT, []],
    ] as const) {
      const files = filesOf({ revision });
      expect(await load(files)).toBe(true);
      expect(await files.readText('config.json')).toBe(String(CONFIG));
      expect(await files.open('added_tokens.json')).toBeUndefined();
      expect(asked()).toEqual(questions);
    }
  });

  test('shares what two revisions have in common', async () => {
    await load();
    const files = { ...FILES, 'config.json': Buffer.from('{}') };
    hub.models[ID] = { files, large: ['model.safetensors'], refs: { main: NEXT_COMMIT } };
    asked();
    const next = filesOf();
    expect(await next.readText('config.json')).toBe('{}');
    expect(await load(next)).toBe(true);
    const names = Object.keys(await listing());
    expect(names.filter((name) => name.includes('/blobs/'))).toHaveLength(2);
    expect(await readFile(path.join(modelFolder(), 'refs/main'), 'utf8')).toBe(NEXT_COMMIT);
  });

  test('has revisions with a slash', async () => {
    hub.models[ID] = { files: FILES, refs: { 'refs/pr/3': COMMIT } };
    await filesOf({ revision: 'refs/pr/3' }).readText('config.json');
    expect(asked()[0]).toBe('HEAD /acme/tiny/resolve/refs%2Fpr%2F3/config.json');
    expect(await readFile(path.join(modelFolder(), 'refs/refs/pr/3'), 'utf8')).toBe(COMMIT);
  });

  test('is read while it is written', async () => {
    const source = await openWeights();
    hub.cutStoreAt = BLOCK_BYTE_LENGTH + 5;
    expect(await source.read(3, 10)).toEqual(WEIGHTS.slice(3, 13));
    expect(await partials()).toHaveLength(1);
    await source.close();
  });

  test('is read from its end first, as zip files are, and still downloaded in order', async () => {
    const zip = new Uint8Array(5 * BLOCK_BYTE_LENGTH + 7).fill(9);
    hub.models[ID] = {
      files: { 'pytorch_model.bin': zip },
      large: ['pytorch_model.bin'],
      refs: { main: COMMIT },
    };
    const source = await filesOf().open('pytorch_model.bin');
    expect(await source?.read(zip.byteLength - 5, 5)).toEqual(zip.slice(-5));
    const ranges = hub.requests.filter(({ host }) => host === 'store').map(({ range }) => range);
    expect(ranges).toEqual(['bytes=0-', `bytes=${5 * BLOCK_BYTE_LENGTH}-`]);
    await source?.finish?.();
    await source?.close();
    expect((await listing())[`models--acme--tiny/blobs/${sha256(zip)}`]).toBe(sha256(zip));
  });

  test('is used where nothing can be stored, with one warning', async () => {
    const file = path.join(cacheDir, 'file');
    await writeFile(file, '');
    const files = filesOf({ cacheDir: path.join(file, 'hub') });
    expect(await files.readText('config.json')).toBe(String(CONFIG));
    expect(await files.open('vocab.json')).toBeUndefined();
    expect(await load(files)).toBe(true);
    expect(warnings).toEqual(['cache-unavailable']);
  });

  test('stops with the signal, and what was downloaded stays for the next load', async () => {
    const controller = new AbortController();
    const source = await filesOf().open('model.safetensors', controller.signal);
    await source?.read(BLOCK_BYTE_LENGTH, 1, controller.signal);
    controller.abort(new Error('enough'));
    await expect(source?.read(BLOCK_BYTE_LENGTH + 1, 1, controller.signal)).rejects.toThrow('enough');
    await source?.close();
    hub.requests.length = 0;
    expect(await load()).toBe(true);
    expect(hub.requests.at(-1)?.range).toBe(`bytes=${2 * BLOCK_BYTE_LENGTH}-`);
  });

  test('copies where links are not wanted', async () => {
    const env = { HF_HUB_DISABLE_SYMLINKS: '1' };
    expect(await load(filesOf({ env }))).toBe(true);
    expect(await load(filesOf({ env, revision: COMMIT }))).toBe(true);
    expect(Object.keys(await listing()).filter((name) => name.includes('blobs'))).toEqual([]);
  });

  test('appears whole in a revision that takes a copy of it', async () => {
    const folder = new HubFolder(cacheDir, ID, false, (code) => warnings.push(code));
    await folder.prepare(COMMIT);
    const content = new Uint8Array(2 ** 25).fill(1);
    await writeFile(path.join(folder.blobs, 'etag'), content);
    let isCopied = false;
    const copying = folder.link(COMMIT, 'a', 'etag', false).finally(() => (isCopied = true));
    const lengths = new Set<number | undefined>();
    const file = path.join(folder.snapshot(COMMIT), 'a');
    while (!isCopied) {
      lengths.add(statSync(file, { throwIfNoEntry: false })?.size);
      await setImmediate();
    }
    await copying;
    lengths.add(statSync(file).size);
    expect(lengths).toEqual(new Set([undefined, content.byteLength]));
  });
});

describe('a download', () => {
  test('goes on where the last one ended, also of a process that is gone', async () => {
    hub.cutStoreAt = BLOCK_BYTE_LENGTH + 1000;
    await expect(load()).rejects.toThrow('retries brought no more');
    const [left = ''] = await partials();
    // As a process that was killed leaves it: no process has so high a number.
    const gone = left.replace(/-\d+-(\w+\.incomplete)$/, '-4194305-$1');
    await rename(path.join(modelFolder(), 'blobs', left), path.join(modelFolder(), 'blobs', gone));
    hub.cutStoreAt = undefined;
    hub.requests.length = 0;
    expect(await load()).toBe(true);
    const ranges = hub.requests.filter(({ host }) => host === 'store').map(({ range }) => range);
    expect(ranges).toEqual(['bytes=0-', `bytes=${BLOCK_BYTE_LENGTH}-`]);
    expect(await partials()).toEqual([]);
  });

  test('of another process is left alone while that runs, and for an hour where its host is another', async () => {
    await filesOf().readText('config.json');
    const blobs = path.join(modelFolder(), 'blobs');
    const digest = sha256(WEIGHTS);
    const source = await openWeights();
    const [own = ''] = await partials();
    const ofParent = own.replace(/-\d+-(\w+\.incomplete)$/, `-${process.ppid}-$1`);
    const elsewhere = `${digest}.00000000-1-01234567.incomplete`;
    const old = `${digest}.00000000-2-01234567.incomplete`;
    const ofPython = `${digest}.0123abcd.incomplete`;
    for (const name of [ofParent, elsewhere, old, ofPython]) await writeFile(path.join(blobs, name), 'x');
    const twoHoursAgo = Date.now() / 1000 - 7200;
    await utimes(path.join(blobs, old), twoHoursAgo, twoHoursAgo);
    expect(await load()).toBe(true);
    expect((await partials()).sort()).toEqual([elsewhere, ofParent, ofPython, own].sort());
    // The one that still ran ends well too.
    expect(await readAll(source)).toBe(true);
  });

  test('that is not what the hub says is refused, and nothing of it stays', async () => {
    const damaged = WEIGHTS.slice();
    damaged[0] = 1 + (WEIGHTS[0] ?? 0);
    hub.respond = ({ host, range }, response) => {
      if (host !== 'store') return false;
      sendBytes(damaged, range, response);
      return true;
    };
    // Ends early, and the next load goes on with it.
    expect(await load()).toBe(false);
    expect(await partials()).toHaveLength(1);
    const source = await openWeights();
    await expect(source.finish?.()).rejects.toMatchObject({
      code: 'bad-checkpoint',
      message: expect.stringMatching(/has the SHA-256 \w{64}, but the server says that it is/) as string,
    });
    await source.close();
    hub.respond = undefined;
    expect(await load()).toBe(true);
    expect(await partials()).toEqual([]);
  });

  test('of a small file is compared with the name that git gives it', async () => {
    hub.respond = ({ line }, response) => {
      if (!line.startsWith('GET /api/')) return false;
      const headers = { ETag: `"${gitOid(CONFIG)}"`, 'X-Repo-Commit': COMMIT };
      response.writeHead(200, headers).end('{"model_type": "unispeecH"}');
      return true;
    };
    await expect(filesOf().readText('config.json')).rejects.toThrow('has the SHA-1 of git');
    expect(Object.keys(await listing()).filter((name) => name.includes('blobs/'))).toEqual([]);
  });
});

describe('without the hub', () => {
  test('what is kept is used, and what is not kept is said', async () => {
    await filesOf().readText('config.json');
    await load();
    asked();
    for (const [options, reason] of [
      [{ localFilesOnly: true }, 'local_files_only'],
      [{ env: { HF_HUB_OFFLINE: '1' } }, 'HF_HUB_OFFLINE'],
      [{ env: { TRANSFORMERS_OFFLINE: 'true' } }, 'TRANSFORMERS_OFFLINE'],
    ] as const) {
      const files = filesOf(options);
      expect(await load(files)).toBe(true);
      expect(await files.readText('config.json')).toBe(String(CONFIG));
      expect(await files.readText('vocab.json')).toBeUndefined();
      expect(files.missingFix).toBe(
        `Only part of the model is in ${modelFolder()}, and nothing was downloaded: ${reason}.`,
      );
      for (const other of [{ id: 'acme/other' }, { revision: 'v1' }, { revision: NEXT_COMMIT }])
        expect(await failure(filesOf({ ...options, ...other }))).toMatchObject({
          code: 'not-found',
          message: expect.stringContaining(`and nothing may be downloaded: ${reason}.`) as string,
        });
    }
    expect(asked()).toEqual([]);
  });

  test('that does not answer, what is kept is used; a part of it is no model', async () => {
    await filesOf().readText('config.json');
    goOffline();
    const files = filesOf();
    expect(await files.readText('config.json')).toBe(String(CONFIG));
    expect(await files.open('model.safetensors')).toBeUndefined();
    expect(files.missingFix).toMatch(/Only part of the model is in .*: .* could not be reached\.$/);
    expect(await failure(filesOf({ id: 'acme/other' }))).toMatchObject({ code: 'network' });
  });

  test('a page that is none is no answer', async () => {
    hub.respond = (_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/html' }).end('<p>Log in to the network');
      return true;
    };
    expect(await failure(filesOf())).toMatchObject({
      message: expect.stringContaining('without the header X-Repo-Commit') as string,
    });
  });
});

describe('access', () => {
  test('a token goes to the hub and never to the store', async () => {
    hub.models[ID] = {
      files: FILES,
      large: ['model.safetensors'],
      refs: { main: COMMIT },
      access: 'private',
    };
    const files = filesOf({ token: GOOD_TOKEN });
    expect(await files.readText('config.json')).toBe(String(CONFIG));
    expect(await load(files)).toBe(true);
    expect(
      new Set(hub.requests.map(({ host, authorization }) => `${host} ${String(authorization)}`)),
    ).toEqual(new Set([`hub Bearer ${GOOD_TOKEN}`, 'store undefined']));
  });

  test.each([
    ['private', {}, 'has no model acme/tiny, or a private one.'],
    ['private', { token: 'hf_other' }, 'or a private one that the token from the option token may not read.'],
    ['gated', {}, 'only to those who have accepted its terms, and no token says who asks.'],
    ['gated', { env: { HF_TOKEN: 'hf_other' } }, 'and the account of the token from HF_TOKEN has not.'],
    ['public', { token: 'nonsense' }, 'does not accept the token from the option token.'],
    ['public', { revision: 'v9' }, 'has no revision "v9" of acme/tiny.'],
    ['public', { id: 'acme/none' }, 'has no model acme/none, or a private one.'],
  ] as const)('%s, %j: one sentence', async (access, options, message) => {
    hub.models[ID] = { files: FILES, refs: { main: COMMIT }, access };
    const error = await failure(filesOf(options));
    expect(error).toMatchObject({ name: 'UniSpeechError', code: 'not-found' });
    expect((error as Error).message).toContain(`${new URL(hub.url).host} `);
    expect((error as Error).message).toContain(message);
    expect((error as Error).message).not.toContain('hf_other');
  });

  test('a hub that is busy is asked again when it wants, and not if that takes too long', async () => {
    let busy = 1;
    let seconds = 0;
    hub.respond = (_request, response) => {
      if (busy-- <= 0) return false;
      response.writeHead(429, { 'Retry-After': seconds }).end();
      return true;
    };
    expect(await filesOf().readText('config.json')).toBe(String(CONFIG));
    busy = 1;
    seconds = 300;
    const error = await failure(filesOf({ id: 'acme/other' }));
    expect((error as Error).message).toContain(
      'answered with status 429: there were too many requests from here, and it wants none for 300 s. Wait, then',
    );
  });
});

test('a folder with a language model is listed by the hub, kept, and then listed from what is kept', async () => {
  const arpa = Buffer.from('text');
  hub.models[ID] = {
    files: { ...FILES, 'language_model/lm.arpa': arpa, 'language_model/attrs.json': CONFIG },
    large: ['language_model/lm.arpa'],
    refs: { main: COMMIT },
  };
  const listed: unknown[] = [
    { type: 'file', path: 'language_model/lm.arpa' },
    { type: 'file', path: 'language_model/attrs.json' },
    { type: 'directory', path: 'language_model/more' },
  ];
  hub.respond = ({ line }, response) => {
    if (line !== `GET /api/models/${ID}/tree/${COMMIT}/language_model`) return false;
    response.end(JSON.stringify(listed));
    return true;
  };
  const files = filesOf();
  expect(await files.listLanguageModel?.()).toEqual(['lm.arpa', 'attrs.json']);
  expect(await files.readText('language_model/attrs.json')).toBe(CONFIG.toString());
  const source = await files.open('language_model/lm.arpa');
  expect(Buffer.from((await source?.read(0, 4)) ?? []).toString()).toBe('text');
  await source?.finish?.();
  await source?.close();
  const offline = filesOf({ localFilesOnly: true });
  expect((await offline.listLanguageModel?.())?.toSorted()).toEqual(['attrs.json', 'lm.arpa']);
  expect(await offline.readText('language_model/attrs.json')).toBe(CONFIG.toString());
  // A model without such a folder.
  hub.respond = ({ line }, response) => {
    if (!line.includes('/tree/')) return false;
    response.writeHead(404).end();
    return true;
  };
  expect(await filesOf().listLanguageModel?.()).toEqual([]);
});
