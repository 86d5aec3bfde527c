/** Files kept while they are downloaded: resumed, healed, replaced, used offline, and let go when storage fails. */
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { WarningCode } from '../../src/base/files.ts';
import {
  BLOCK_BYTE_LENGTH,
  FileCache,
  listFiles,
  removeFolder,
  splitFileUrl,
} from '../../src/files/file-cache.ts';
import { httpFiles } from '../../src/files/http-files.ts';
import { type Page, type Site, type SiteOptions, serveSite } from '../browser/helpers/site.ts';
import { type MemoryCache, memoryCache } from '../helpers/memory-cache.ts';

const contentOf = (seed: number): Uint8Array =>
  Uint8Array.from({ length: 2 * BLOCK_BYTE_LENGTH + 123 }, (_, i) => (i * seed + (i >> 9)) % 251);
const CONTENT = contentOf(7);
const PATH = '/m/model.bin';
const SECOND_BLOCK = `GET ${PATH} bytes=${BLOCK_BYTE_LENGTH}-`;
const FROM_START = `GET ${PATH} bytes=0-`;
const HEAD = `HEAD ${PATH} bytes=0-`;

let site: Site;
let pages: Record<string, Page>;
let respond: SiteOptions['respond'];
let cache: MemoryCache;
let warnings: WarningCode[];

beforeEach(async () => {
  pages = { [PATH]: { body: CONTENT } };
  respond = undefined;
  cache = memoryCache();
  warnings = [];
  site = await serveSite({ pages, folders: {}, respond: (...args) => respond?.(...args) ?? false });
});
afterEach(() => site.close());

const files = (openCache: () => Promise<Cache> = () => Promise.resolve(cache), query = '') =>
  httpFiles(`${site.url}/m${query}`, {
    retryDelayMs: 1,
    cache: new FileCache(openCache, (code) => warnings.push(code)),
  });

/** Loads the file as a checkpoint does: in pieces by ascending offset, then the rest. */
async function load(from = files(), signal?: AbortSignal): Promise<Uint8Array> {
  site.requests.length = 0;
  const source = await from.open('model.bin', signal);
  if (!source) throw new Error('no such file');
  try {
    const all = new Uint8Array(source.byteLength);
    const step = 1_000_000;
    for (let offset = 0; offset < all.byteLength; offset += step) {
      all.set(await source.read(offset, Math.min(step, all.byteLength - offset), signal), offset);
    }
    await source.finish?.(signal);
    return all;
  } finally {
    await source.close();
  }
}

const isSame = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;
const kept = async () =>
  (await listFiles(cache)).map(({ keptByteLength, complete }) => ({ keptByteLength, complete }));
const keyOf = (query: string): string => {
  const key = [...cache.contents.keys()].find((name) => name.includes(query));
  if (key === undefined) throw new Error(`nothing is kept as ${query}`);
  return key;
};
const goOffline = (): void => {
  respond = (request) => {
    request.destroy();
    return true;
  };
};
/** Breaks every connection behind so many bytes of the file. */
const cutAt = (byteLength: number): void => {
  respond = (request, response) => {
    if (request.method !== 'GET') return false;
    const start = Number(/\d+/.exec(request.headers.range ?? '')?.[0]);
    if (start >= byteLength) {
      request.destroy();
      return true;
    }
    response.writeHead(206, {
      ETag: `"${CONTENT.byteLength.toString(16)}"`,
      'Content-Range': `bytes ${start}-${CONTENT.byteLength - 1}/${CONTENT.byteLength}`,
    });
    response.write(CONTENT.subarray(start, byteLength), () => response.destroy());
    return true;
  };
};

describe('a file that is kept', () => {
  test('is downloaded once, then only asked after', async () => {
    expect(isSame(await load(), CONTENT)).toBe(true);
    expect(site.requests).toEqual([FROM_START]);
    expect(await kept()).toEqual([{ keptByteLength: CONTENT.byteLength, complete: true }]);
    expect(isSame(await load(), CONTENT)).toBe(true);
    expect(site.requests).toEqual([HEAD]);
    expect(warnings).toEqual([]);
  });

  test('is whole, also where only parts were read', async () => {
    const source = await files().open('model.bin');
    expect(await source?.read(5, 10)).toEqual(CONTENT.slice(5, 15));
    expect(await source?.read(CONTENT.byteLength - 10, 5)).toEqual(CONTENT.slice(-10, -5));
    expect(await source?.read(7, 10)).toEqual(CONTENT.slice(7, 17));
    let rest = 0;
    await source?.finish?.(undefined, (byteLength) => (rest += byteLength));
    await source?.close();
    expect(rest).toBe(0);
    expect(await kept()).toMatchObject([{ complete: true }]);
    expect(site.requests).toEqual([FROM_START]);
  });

  test('tells how much is read at the end', async () => {
    const source = await files().open('model.bin');
    await source?.read(0, 8);
    let rest = 0;
    await source?.finish?.(undefined, (byteLength) => (rest += byteLength));
    await source?.close();
    expect(rest).toBe(CONTENT.byteLength - BLOCK_BYTE_LENGTH);
  });

  test('goes on from where a broken connection left it', async () => {
    cutAt(BLOCK_BYTE_LENGTH + 100_000);
    await expect(load()).rejects.toMatchObject({ code: 'network' });
    expect(await kept()).toEqual([{ keptByteLength: BLOCK_BYTE_LENGTH, complete: false }]);
    respond = undefined;
    expect(isSame(await load(), CONTENT)).toBe(true);
    expect(site.requests).toEqual([HEAD, SECOND_BLOCK]);
    expect(await kept()).toMatchObject([{ complete: true }]);
    expect(warnings).toEqual([]);
  });

  test('goes on from where it was aborted', async () => {
    const controller = new AbortController();
    const source = await files().open('model.bin', controller.signal);
    await source?.read(0, BLOCK_BYTE_LENGTH + 1, controller.signal);
    controller.abort(new Error('enough'));
    await expect(source?.read(0, 1, controller.signal)).rejects.toThrow('enough');
    await expect(source?.finish?.(controller.signal)).rejects.toThrow('enough');
    await source?.close();
    expect(await kept()).toEqual([{ keptByteLength: 2 * BLOCK_BYTE_LENGTH, complete: false }]);
    expect(isSame(await load(), CONTENT)).toBe(true);
    expect(site.requests).toEqual([HEAD, `GET ${PATH} bytes=${2 * BLOCK_BYTE_LENGTH}-`]);
  });

  test('heals where it was damaged', async () => {
    await load();
    const block = cache.contents.get(keyOf('block=1'));
    if (block) block.body[100] = (block.body[100] ?? 0) ^ 1;
    expect(isSame(await load(), CONTENT)).toBe(true);
    expect(site.requests).toEqual([HEAD, SECOND_BLOCK]);
    expect(warnings).toEqual(['cache-corrupt']);
    expect(isSame(await load(), CONTENT)).toBe(true);
    expect(site.requests).toEqual([HEAD]);
    expect(warnings).toHaveLength(1);
  });

  test('heals where a part is gone or too short, with one warning', async () => {
    await load();
    cache.contents.delete(keyOf('block=0'));
    const block = cache.contents.get(keyOf('block=1'));
    if (block) block.body = block.body.slice(1);
    expect(isSame(await load(), CONTENT)).toBe(true);
    expect(warnings).toEqual(['cache-corrupt']);
  });

  test('heals where the server gave a tag then, or gives one only now', async () => {
    const untag: SiteOptions['respond'] = (request, response) => {
      const start = Number(/\d+/.exec(request.headers.range ?? '')?.[0]);
      response.writeHead(206, {
        'Content-Range': `bytes ${start}-${CONTENT.byteLength - 1}/${CONTENT.byteLength}`,
        'Content-Length': CONTENT.byteLength - start,
      });
      response.end(request.method === 'HEAD' ? undefined : CONTENT.subarray(start));
      return true;
    };
    const damage = (): void => {
      const block = cache.contents.get(keyOf('block=1'));
      if (block) block.body[100] = (block.body[100] ?? 0) ^ 1;
    };
    for (const [first, second] of [
      [undefined, untag],
      [untag, undefined],
    ] as const) {
      cache.contents.clear();
      respond = first;
      await load();
      damage();
      respond = second;
      expect(isSame(await load(), CONTENT)).toBe(true);
    }
    expect(warnings).toEqual(['cache-corrupt', 'cache-corrupt']);
  });

  test('outlives an HTML page in its place, but not its removal', async () => {
    await load();
    respond = (_, response) => {
      response.writeHead(200, { 'Content-Type': 'text/html' }).end('<!doctype html>log in');
      return true;
    };
    expect(isSame(await load(), CONTENT)).toBe(true);
    respond = (_, response) => {
      response.writeHead(404).end();
      return true;
    };
    expect(await files().open('model.bin')).toBeUndefined();
    expect([...cache.contents.keys()].filter((key) => key.includes('block='))).toEqual([]);
  });

  test('is fetched anew where nobody can read what is known of it', async () => {
    await load();
    const record = cache.contents.get(keyOf('?record'));
    if (record) record.body = new TextEncoder().encode('{');
    expect(isSame(await load(), CONTENT)).toBe(true);
    expect(site.requests).toEqual([FROM_START]);
  });

  test('is replaced by its next version', async () => {
    await load();
    const next = contentOf(11);
    pages[PATH] = { body: next, headers: { ETag: '"next"' } };
    expect(isSame(await load(), next)).toBe(true);
    expect(site.requests).toEqual([HEAD, FROM_START]);
    expect(await kept()).toEqual([{ keptByteLength: next.byteLength, complete: true }]);
    expect([...cache.contents.keys()].filter((key) => key.includes('block='))).toHaveLength(3);
  });

  test('never mixes two versions', async () => {
    cutAt(BLOCK_BYTE_LENGTH);
    await expect(load()).rejects.toMatchObject({ code: 'network' });
    respond = undefined;
    const next = contentOf(11);
    pages[PATH] = { body: next, headers: { ETag: '"next"' } };
    expect(isSame(await load(), next)).toBe(true);
  });

  test('that changes during the download is an error, and its next version comes with the next load', async () => {
    cutAt(BLOCK_BYTE_LENGTH + 100_000);
    const cut = respond;
    const next = contentOf(11);
    respond = (request, response) => {
      if (site.requests.length === 1) return cut?.(request, response) ?? false;
      pages[PATH] = { body: next, headers: { ETag: '"next"' } };
      return false;
    };
    const failure: unknown = await load().catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: 'network',
      cause: { message: expect.stringContaining('changed') as string },
    });
    respond = undefined;
    expect(isSame(await load(), next)).toBe(true);
  });

  test('without any tag is begun again when it was cut, and believed by its length when it is whole', async () => {
    const { byteLength } = CONTENT;
    const untagged: SiteOptions['respond'] = (request, response) => {
      const start = Number(/\d+/.exec(request.headers.range ?? '')?.[0]);
      const contentRange = `bytes ${start}-${byteLength - 1}/${byteLength}`;
      response.writeHead(206, { 'Content-Range': contentRange });
      response.end(request.method === 'HEAD' ? undefined : CONTENT.subarray(start));
      return true;
    };
    respond = untagged;
    const source = await files().open('model.bin');
    await source?.read(0, 10);
    await source?.close();
    await load();
    expect(site.requests).toEqual([HEAD, FROM_START]);
    await load();
    expect(site.requests).toEqual([HEAD]);
  });

  test('has no signature in its name: they change', async () => {
    await load(files(undefined, '?signature=1'));
    await load(files(undefined, '?signature=2'));
    expect(site.requests).toEqual([HEAD]);
    expect([...cache.contents.keys()].join()).not.toContain('signature');
  });

  test('has the rest of the query in its name: two revisions never mix', async () => {
    const asked: string[] = [];
    // The same length, and no tag: nothing but the query tells them apart.
    respond = ({ url = '', method }, response) => {
      asked.push(`${String(method)} ${url}`);
      const body = url.includes('rev=A') ? CONTENT : OTHER;
      response.writeHead(200, { 'Content-Length': body.byteLength });
      response.end(method === 'HEAD' ? undefined : body);
      return true;
    };
    const OTHER = CONTENT.map((byte) => byte ^ 1);
    const loadRevision = (query: string) => load(files(undefined, query));
    for (let round = 0; round < 2; round++) {
      expect(isSame(await loadRevision('?rev=A&token=1'), CONTENT)).toBe(true);
      expect(isSame(await loadRevision('?rev=B&token=2'), OTHER)).toBe(true);
    }
    expect(asked).toEqual([
      `GET ${PATH}?rev=A&token=1`,
      `GET ${PATH}?rev=B&token=2`,
      `HEAD ${PATH}?rev=A&token=1`,
      `HEAD ${PATH}?rev=B&token=2`,
    ]);
    // The folder of a language model is part of its model.
    expect(splitFileUrl('https://x.test/m/language_model/lm.bin?rev=A')).toEqual({
      location: 'https://x.test/m?rev=A',
      name: 'language_model/lm.bin',
    });
    const locations = async () => (await listFiles(cache)).map(({ url }) => splitFileUrl(url));
    expect(await locations()).toEqual([
      { location: `${site.url}/m?rev=A`, name: 'model.bin' },
      { location: `${site.url}/m?rev=B`, name: 'model.bin' },
    ]);
    expect(await removeFolder(cache, `${site.url}/m`)).toBe(false);
    expect(await removeFolder(cache, `${site.url}/m?rev=A`)).toBe(true);
    expect(await locations()).toEqual([{ location: `${site.url}/m?rev=B`, name: 'model.bin' }]);
    goOffline();
    expect(isSame(await loadRevision('?rev=B&token=3'), OTHER)).toBe(true);
    await expect(loadRevision('?rev=A&token=3')).rejects.toMatchObject({ code: 'network' });
  });

  test('may have a path in its query', async () => {
    await load(files(undefined, '?rev=refs/pr/1'));
    expect(await removeFolder(cache, `${site.url}/m?rev=refs/pr/1`)).toBe(true);
    expect(cache.contents.size).toBe(0);
  });
});

describe('servers', () => {
  test('that refuse HEAD are asked with GET', async () => {
    await load();
    respond = (request, response) => {
      if (request.method !== 'HEAD') return false;
      response.writeHead(405).end();
      return true;
    };
    expect(isSame(await load(), CONTENT)).toBe(true);
    expect(site.requests).toEqual([HEAD, FROM_START]);
  });

  test('without ranges: what is kept is not lost, and the file is whole', async () => {
    cutAt(BLOCK_BYTE_LENGTH + 1);
    await expect(load()).rejects.toMatchObject({ code: 'network' });
    respond = (request, response) => {
      response.writeHead(200, {
        ETag: `"${CONTENT.byteLength.toString(16)}"`,
        'Content-Length': CONTENT.byteLength,
      });
      response.end(request.method === 'HEAD' ? undefined : CONTENT);
      return true;
    };
    expect(isSame(await load(), CONTENT)).toBe(true);
    expect(site.requests).toEqual([HEAD, SECOND_BLOCK]);
    expect(await kept()).toMatchObject([{ complete: true }]);
  });

  test('that cannot be reached: what is whole is used, texts and files that are not there too', async () => {
    pages['/m/config.json'] = { body: '{"a":"ß"}' };
    const online = files();
    await load(online);
    expect(await online.readText('config.json')).toBe('{"a":"ß"}');
    expect(await online.readText('vocab.json')).toBeUndefined();
    expect(await online.open('model.safetensors')).toBeUndefined();
    goOffline();
    const offline = files();
    expect(isSame(await load(offline), CONTENT)).toBe(true);
    expect(await offline.readText('config.json')).toBe('{"a":"ß"}');
    expect(await offline.readText('vocab.json')).toBeUndefined();
    expect(await offline.open('model.safetensors')).toBeUndefined();
    await expect(offline.readText('other.json')).rejects.toMatchObject({ code: 'network' });
    expect(warnings).toEqual([]);
  });

  test('that cannot be reached: what is not whole is an error, and stays', async () => {
    const source = await files().open('model.bin');
    await source?.read(0, 10);
    await source?.close();
    goOffline();
    await expect(load()).rejects.toMatchObject({ code: 'network' });
    expect(await kept()).toEqual([{ keptByteLength: BLOCK_BYTE_LENGTH, complete: false }]);
  });

  test('whose texts change, come or go are believed', async () => {
    pages['/m/config.json'] = { body: 'one' };
    expect(await files().readText('config.json')).toBe('one');
    pages['/m/config.json'] = { body: 'three' };
    expect(await files().readText('config.json')).toBe('three');
    delete pages['/m/config.json'];
    expect(await files().readText('config.json')).toBeUndefined();
    pages['/m/config.json'] = { body: 'four' };
    expect(await files().readText('config.json')).toBe('four');
    goOffline();
    expect(await files().readText('config.json')).toBe('four');
  });
});

describe('storage that fails', () => {
  test('when it is full: the load goes on, one warning, nothing of the file stays', async () => {
    let puts = 0;
    cache.beforePut = (key) => {
      if (key.includes('block=') && ++puts === 2) throw new DOMException('full', 'QuotaExceededError');
    };
    const loader = files();
    expect(isSame(await load(loader), CONTENT)).toBe(true);
    expect(await loader.readText('vocab.json')).toBeUndefined();
    expect(warnings).toEqual(['cache-full']);
    expect(cache.contents.size).toBe(0);
    expect(site.requests[0]).toBe(FROM_START);
  });

  test('when there is none: the load goes on, one warning', async () => {
    const loader = files(() => Promise.reject(new DOMException('not allowed here', 'SecurityError')));
    expect(isSame(await load(loader), CONTENT)).toBe(true);
    expect(await loader.readText('vocab.json')).toBeUndefined();
    expect(warnings).toEqual(['cache-unavailable']);
    expect(site.requests).toEqual([FROM_START, 'GET /m/vocab.json']);
  });
});

describe('SHA-256', () => {
  test('is not what a plain tag of 64 digits means', async () => {
    const tag = createHash('sha256').update('something else').digest('hex');
    pages[PATH] = { body: CONTENT, headers: { ETag: `"${tag}"` } };
    expect(isSame(await load(), CONTENT)).toBe(true);
    expect(await kept()).toMatchObject([{ complete: true }]);
    expect(isSame(await load(), CONTENT)).toBe(true);
    expect(site.requests).toEqual([HEAD]);
    expect(isSame(await load(httpFiles(`${site.url}/m`)), CONTENT)).toBe(true);
  });

  const digest = (content: Uint8Array): Buffer => createHash('sha256').update(content).digest();
  const right = digest(CONTENT);
  const wrong = digest(contentOf(11));
  const headers: readonly [string, (hash: Buffer) => Readonly<Record<string, string>>][] = [
    ['X-Linked-ETag', (hash) => ({ 'X-Linked-ETag': `"${hash.toString('hex')}"` })],
    ['Repr-Digest', (hash) => ({ 'Repr-Digest': `sha-512=:AAAA:, sha-256=:${hash.toString('base64')}:` })],
    ['Content-Digest', (hash) => ({ 'Content-Digest': `sha-256=:${hash.toString('base64')}:` })],
    ['Digest', (hash) => ({ Digest: `SHA-256=${hash.toString('base64')}` })],
  ];

  test.each(headers)('of %s is compared', async (_, headersOf) => {
    pages[PATH] = { body: CONTENT, headers: headersOf(right) };
    expect(isSame(await load(), CONTENT)).toBe(true);
    await removeFolder(cache, `${site.url}/m`);
    pages[PATH] = { body: CONTENT, headers: headersOf(wrong) };
    await expect(load()).rejects.toMatchObject({
      code: 'bad-checkpoint',
      message: expect.stringContaining(
        `${site.url}/m/model.bin has the SHA-256 ${right.toString('hex')}, ` +
          `but the server says that it is ${wrong.toString('hex')}.`,
      ) as string,
    });
    expect(cache.contents.size).toBe(0);
  });

  test('is compared without a cache as well', async () => {
    pages[PATH] = { body: CONTENT, headers: { 'X-Linked-ETag': wrong.toString('hex') } };
    await expect(load(httpFiles(`${site.url}/m`))).rejects.toMatchObject({ code: 'bad-checkpoint' });
    pages[PATH] = { body: CONTENT, headers: { 'X-Linked-ETag': right.toString('hex') } };
    expect(isSame(await load(httpFiles(`${site.url}/m`)), CONTENT)).toBe(true);
  });

  test('is compared for a file that was begun another time', async () => {
    pages[PATH] = { body: CONTENT, headers: { 'X-Linked-ETag': wrong.toString('hex') } };
    const source = await files().open('model.bin');
    await source?.read(0, 10);
    await source?.close();
    await expect(load()).rejects.toMatchObject({ code: 'bad-checkpoint' });
    expect(site.requests).toEqual([HEAD, SECOND_BLOCK]);
    expect(cache.contents.size).toBe(0);
  });

  test.each(['"abc"', '"686897696a7c876b7e"'])('is not what X-Linked-ETag: %s holds', async (tag) => {
    pages[PATH] = { body: CONTENT, headers: { 'X-Linked-ETag': tag } };
    expect(isSame(await load(), CONTENT)).toBe(true);
  });
});

test('lists and removes folder by folder', async () => {
  pages['/m/sub/config.json'] = { body: '{}' };
  await load();
  await httpFiles(`${site.url}/m/sub`, {
    cache: new FileCache(
      () => Promise.resolve(cache),
      (code) => warnings.push(code),
    ),
  }).readText('config.json');
  await files().readText('missing.json');
  const urls = async () => (await listFiles(cache)).map(({ url }) => url);
  expect(await urls()).toEqual([`${site.url}/m/model.bin`, `${site.url}/m/sub/config.json`]);
  expect(await removeFolder(cache, `${site.url}/m`)).toBe(true);
  expect(await removeFolder(cache, `${site.url}/m`)).toBe(false);
  expect(await urls()).toEqual([`${site.url}/m/sub/config.json`]);
});
