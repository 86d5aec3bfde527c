/** Loading over HTTP from servers that behave, that know no ranges, and that break. */
import { afterEach, describe, expect, test } from 'vitest';
import type { ByteSource } from '../../src/base/files.ts';
import { openCheckpoint } from '../../src/checkpoint/open-checkpoint.ts';
import { httpFiles } from '../../src/files/http-files.ts';
import { withProgress } from '../../src/files/progress.ts';
import { type FileServer, type FileServerOptions, serveFile } from '../helpers/http-server.ts';
import { rampTensor, writeSafetensors } from '../helpers/safetensors-writer.ts';

const CONTENT = Uint8Array.from({ length: 3 * 1024 * 1024 }, (_, i) => (i * 7 + (i >> 9)) % 251);
const QUICK = { retryDelayMs: 1 };

let server: FileServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function openServed(options: FileServerOptions = {}, content = CONTENT): Promise<ByteSource> {
  server = await serveFile(content, options);
  const source = await httpFiles(server.url, QUICK).open('model.bin');
  if (!source) throw new Error('the server has no such file');
  return source;
}

/** Every byte in pieces, as a load reads them. */
async function readThrough(source: ByteSource, pieceByteLength = 400_000): Promise<Uint8Array> {
  const all = new Uint8Array(source.byteLength);
  for (let offset = 0; offset < all.byteLength; offset += pieceByteLength) {
    all.set(await source.read(offset, Math.min(pieceByteLength, all.byteLength - offset)), offset);
  }
  return all;
}

const isSame = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

describe.each([true, false])('a server with ranges: %s', (ranged) => {
  test('is read forwards with one request', async () => {
    const source = await openServed({ ranged });
    expect(source.byteLength).toBe(CONTENT.byteLength);
    expect(source.name).toBe(`${String(server?.url)}/model.bin`);
    expect(isSame(await readThrough(source), CONTENT)).toBe(true);
    expect(server?.ranges).toEqual(['bytes=0-']);
    await source.close();
  });

  test('is read over gaps, backwards, and by several readers at once', async () => {
    const source = await openServed({ ranged });
    const offsets = [10, 500, 2_500_000, 2_499_990, 3, CONTENT.byteLength - 20];
    const pieces = await Promise.all(offsets.map((offset) => source.read(offset, 20)));
    offsets.forEach((offset, i) => expect(pieces[i]).toEqual(CONTENT.slice(offset, offset + 20)));
    expect(server?.ranges).toEqual(
      ranged
        ? ['bytes=0-', 'bytes=2500000-', 'bytes=2499990-', 'bytes=3-', `bytes=${CONTENT.byteLength - 20}-`]
        : ['bytes=0-', 'bytes=2499990-', 'bytes=3-'],
    );
    await source.close();
  });

  test('that drops connections is asked again for what is missing', async () => {
    const source = await openServed({
      ranged,
      cutAfter: (request) => [1_000_000, 2_000_000, 2_000_000][request],
    });
    expect(isSame(await readThrough(source), CONTENT)).toBe(true);
    expect(server?.ranges.length).toBe(4);
    const resumedAt = (server?.ranges ?? []).map((range) => Number(/\d+/.exec(range)?.[0]));
    expect(resumedAt[1]).toBeLessThanOrEqual(1_000_000);
    expect(resumedAt[2]).toBeGreaterThanOrEqual(resumedAt[1] ?? NaN);
    await source.close();
  });

  test('that breaks off more often than three times, but later each time, is read to its end', async () => {
    const source = await openServed({ ranged, cutAfter: (request) => 300_000 * (request + 1) });
    expect(isSame(await source.read(0, CONTENT.byteLength), CONTENT)).toBe(true);
    expect(server?.ranges.length).toBeGreaterThan(6);
    await source.close();
  });

  test('that never sends the rest is given up after three retries', async () => {
    const source = await openServed({ ranged, cutAfter: () => 100_000 });
    await expect(readThrough(source)).rejects.toMatchObject({ code: 'network' });
    await expect(source.read(200_000, 10)).rejects.toThrow(
      `${source.name} stopped at byte 200000 of ${CONTENT.byteLength} and 3 retries brought no more.`,
    );
    await source.close();
  });

  test('whose read is aborted rejects with the reason, and can be read on', async () => {
    const source = await openServed({
      ranged,
      respond: (request, response) => {
        if (request > 0) return false;
        response.writeHead(ranged ? 206 : 200, { 'Content-Length': CONTENT.byteLength });
        response.write(CONTENT.subarray(0, 1000));
        return true;
      },
    });
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error('user gave up')), 30);
    await expect(source.read(0, 2000, controller.signal)).rejects.toThrow('user gave up');
    await expect(source.read(0, 10, controller.signal)).rejects.toThrow('user gave up');
    expect(await source.read(0, 10)).toEqual(CONTENT.slice(0, 10));
    await source.close();
  });

  test('gives a whole checkpoint with one request', async () => {
    const tensors = [rampTensor('a', [300_000]), rampTensor('b', [10])];
    server = await serveFile(writeSafetensors(tensors), { ranged });
    const { url, ranges } = server;
    const renamed: typeof fetch = (_input, init) => fetch(`${url}/model.bin`, init);
    const checkpoint = await openCheckpoint(httpFiles(url, { fetch: renamed }));
    for (const name of checkpoint.tensors.keys()) {
      const values = await checkpoint.readWhole(name);
      expect(values.every((value, i) => value === i)).toBe(true);
    }
    await checkpoint.close();
    expect(ranges).toEqual(['bytes=0-']);
  });
});

describe('httpFiles', () => {
  test('knows an empty file', async () => {
    const ranged = await openServed({}, new Uint8Array());
    expect(ranged.byteLength).toBe(0);
    expect(await ranged.read(0, 0)).toHaveLength(0);
    await server?.close();
    expect((await openServed({ ranged: false }, new Uint8Array())).byteLength).toBe(0);
  });

  test('reads text, and keeps the query of the base URL', async () => {
    server = await serveFile(new TextEncoder().encode('{"a":"ß"}'));
    const requested: string[] = [];
    const files = httpFiles(`${server.url}?token=1`, {
      fetch: (input, init) => {
        requested.push(input instanceof Request ? input.url : String(input));
        return fetch(input, init);
      },
    });
    expect(await files.readText('model.bin')).toBe('{"a":"ß"}');
    expect(requested).toEqual([`${server.url}/model.bin?token=1`]);
  });

  test('resolves to undefined for files that are not there', async () => {
    server = await serveFile(CONTENT);
    expect(await httpFiles(server.url).open('other.bin')).toBeUndefined();
    expect(await httpFiles(server.url).readText('other.json')).toBeUndefined();
  });

  test('names the URL and the status of a refusal', async () => {
    const respond: FileServerOptions['respond'] = (_, response) => {
      response.writeHead(500).end('oops');
      return true;
    };
    server = await serveFile(CONTENT, { respond });
    const message = `${server.url}/model.bin answered with status 500 Internal Server Error.`;
    await expect(httpFiles(server.url).open('model.bin')).rejects.toThrow(message);
    await expect(httpFiles(server.url).readText('model.bin')).rejects.toThrow(message);
  });

  test.each([401, 403])('says that a model behind status %d is closed or not there', async (status) => {
    const respond: FileServerOptions['respond'] = (_, response) => {
      response.writeHead(status).end('who are you?');
      return true;
    };
    server = await serveFile(CONTENT, { respond });
    const files = httpFiles(server.url, { missingFix: 'Check the id.' });
    const error = {
      code: 'not-found',
      message: `${server.url}/model.bin answered with status ${status}: the model is private, gated or not there. Check the id.`,
    };
    await expect(files.open('model.bin')).rejects.toMatchObject(error);
    await expect(files.readText('model.bin')).rejects.toMatchObject(error);
  });

  test('takes an HTML page for a file that is not there, and says so', async () => {
    const respond: FileServerOptions['respond'] = (_, response) => {
      response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' }).end('<!doctype html>');
      return true;
    };
    server = await serveFile(CONTENT, { respond });
    const files = httpFiles(server.url, { missingFix: 'Check the id.' });
    expect(files.missingFix).toBe('Check the id.');
    expect(await files.readText('config.json')).toBeUndefined();
    expect(files.missingFix).toContain('The server sends an HTML page');
    const others = withProgress(httpFiles(server.url), () => undefined);
    await expect(openCheckpoint(others)).rejects.toThrow(
      `${server.url} holds no weights: looked for model.safetensors, model.safetensors.index.json, pytorch_model.bin, pytorch_model.bin.index.json. ` +
        'The server sends an HTML page in place of files that it does not have: check the address of the model.',
    );
  });

  test('asks for no pages', async () => {
    const accepted: unknown[] = [];
    server = await serveFile(CONTENT);
    const files = httpFiles(server.url, {
      fetch: (input, init) => {
        accepted.push(new Headers(init?.headers).get('Accept'));
        return fetch(input, init);
      },
    });
    await files.readText('model.bin');
    await (await files.open('model.bin'))?.close();
    expect(accepted).toEqual(['application/json, text/plain', 'application/octet-stream']);
  });

  test('names the URL of a server that cannot be reached', async () => {
    server = await serveFile(CONTENT);
    const { url } = server;
    await server.close();
    server = undefined;
    await expect(httpFiles(url).open('model.bin')).rejects.toThrow(`${url}/model.bin could not be reached.`);
    await expect(httpFiles(url).readText('model.bin')).rejects.toMatchObject({ code: 'network' });
  });

  test('rejects with the reason of a signal that is aborted already', async () => {
    server = await serveFile(CONTENT);
    const signal = AbortSignal.abort(new Error('stop'));
    await expect(httpFiles(server.url).open('model.bin', signal)).rejects.toThrow('stop');
    await expect(httpFiles(server.url).readText('model.bin', signal)).rejects.toThrow('stop');
  });

  test('resumes where a body ends early without an error', async () => {
    const source = await openServed({
      respond: (request, response) => {
        if (request > 0) return false;
        const { byteLength } = CONTENT;
        response.writeHead(206, { 'Content-Range': `bytes 0-${byteLength - 1}/${byteLength}` });
        response.end(CONTENT.subarray(0, 1000));
        return true;
      },
    });
    expect(await source.read(900, 200)).toEqual(CONTENT.slice(900, 1100));
    expect(server?.ranges).toEqual(['bytes=0-', 'bytes=1000-']);
    await source.close();
  });

  test('refuses a text of more bytes than its server announced', async () => {
    server = await serveFile(CONTENT, {
      respond: (_, response) => {
        response.writeHead(206, { 'Content-Range': 'bytes 0-0/1' }).end(CONTENT);
        return true;
      },
    });
    await expect(httpFiles(server.url, QUICK).readText('model.bin')).rejects.toMatchObject({
      code: 'network',
      message: expect.stringContaining('sent more than the 1 bytes that it announced') as string,
    });
  });

  test('notices a file that changed between two requests', async () => {
    const source = await openServed({
      respond: (request, response) => {
        response.setHeader('ETag', request === 0 ? '"first"' : '"second"');
        return false;
      },
    });
    await source.read(1_000_000, 10);
    const failure: unknown = await source.read(0, 10).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: 'network',
      cause: { message: expect.stringContaining('changed') as string },
    });
    await source.close();
  });

  test('reads nothing past the end or after closing', async () => {
    const source = await openServed();
    await expect(source.read(CONTENT.byteLength - 1, 2)).rejects.toThrow('cannot read bytes');
    const pending = source.read(0, CONTENT.byteLength);
    await source.close();
    await source.close();
    await expect(pending).rejects.toMatchObject({ code: 'disposed' });
    await expect(source.read(0, 1)).rejects.toThrow('is closed');
  });

  test('refuses paths as file names, addresses that are no URL, and unknown options', async () => {
    await expect(httpFiles('http://127.0.0.1:9/').open('../x')).rejects.toMatchObject({ code: 'bad-input' });
    await expect(httpFiles('http://127.0.0.1:9/').readText('http://x')).rejects.toThrow(
      'plain name of a file',
    );
    expect(() => httpFiles('model')).toThrow('Expected the URL of a model\'s folder, found "model".');
    expect(() => httpFiles('http://x', { retries: 1 } as object)).toThrow(
      'httpFiles has no option "retries"',
    );
  });
});
