/** A token for a server, and loads that may request nothing. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FileCache } from '../../src/files/file-cache.ts';
import { httpFiles, type HttpFilesOptions } from '../../src/files/http-files.ts';
import { requestsRefusedBy } from '../../src/files/http-request.ts';
import { openModelFiles } from '../../src/platform/node-model-files.ts';
import { serve, type Server } from '../helpers/http-server.ts';
import { memoryCache } from '../helpers/memory-cache.ts';

let server: Server;
let requests: (string | undefined)[];

beforeEach(async () => {
  requests = [];
  server = await serve(({ url, headers }, response) => {
    requests.push(headers.authorization);
    if (headers.authorization === 'Bearer wrong') response.writeHead(401).end();
    else if (url === '/m/config.json') response.end('{}');
    else if (url === '/m/model.bin') response.writeHead(200, { 'Content-Length': 4 }).end('1234');
    else response.writeHead(404).end();
  });
});
afterEach(() => server.close());

const open = (options: HttpFilesOptions) => httpFiles(`${server.url}/m`, { retryDelayMs: 1, ...options });

test('a token is sent, and said to be refused without being shown', async () => {
  expect(await open({ token: 'right' }).readText('config.json')).toBe('{}');
  expect(requests).toEqual(['Bearer right']);
  const error: unknown = await open({ token: 'wrong' })
    .readText('config.json')
    .catch((caught: unknown) => caught);
  expect(String(error)).toContain('answered with status 401: it refuses the token, or');
  expect(String(error)).not.toContain('wrong');
});

test('what is stored can be all that is used', async () => {
  const cache = new FileCache(
    () => Promise.resolve(memory),
    () => undefined,
  );
  const memory = memoryCache();
  const online = open({ cache });
  await online.readText('config.json');
  expect(await online.open('added.json')).toBeUndefined();
  const source = await online.open('model.bin');
  await source?.finish?.();
  await source?.close();
  requests.length = 0;
  const offline = open({ cache, fetch: requestsRefusedBy('local_files_only') });
  expect(await offline.readText('config.json')).toBe('{}');
  expect(await offline.open('added.json')).toBeUndefined();
  expect(String(await (await offline.open('model.bin'))?.read(1, 2))).toBe('50,51');
  await expect(offline.open('other.bin')).rejects.toMatchObject({
    code: 'not-found',
    message: `${server.url}/m/other.bin is not stored, and local_files_only allows no request. Load the model once without that.`,
  });
  expect(requests).toEqual([]);
});

test('Node stores nothing of a URL, and says so', () => {
  const url = `${server.url}/m`;
  expect(() => openModelFiles(url, { cache: true })).toThrow('only Hugging Face ids are stored');
  expect(() => openModelFiles(url, { cacheDir: 'x' })).toThrow(`cache_dir is given, but in Node only`);
  expect(() => openModelFiles(url, { token: 'hf_x' })).toThrow(`A token was given, but "${url}" is not`);
  expect(() => openModelFiles(url, { localFilesOnly: true })).toThrow(
    'local_files_only is true, but in Node only',
  );
  expect(requests).toEqual([]);
});

test('what may be neither requested nor stored is refused', () => {
  vi.stubEnv('HF_HUB_OFFLINE', '1');
  try {
    expect(() => openModelFiles('owner/name', { cache: false })).toThrow(
      'cache is false, but it must be true where HF_HUB_OFFLINE allows stored files alone.',
    );
  } finally {
    vi.unstubAllEnvs();
  }
});

test('a folder with a language model is listed where the address is that of a model of a hub', async () => {
  const asked: string[] = [];
  const answer =
    (body: string): typeof fetch =>
    (input) => {
      asked.push(String(input instanceof Request ? input.url : input));
      return Promise.resolve(new Response(body, { headers: { 'content-type': 'application/json' } }));
    };
  const list = JSON.stringify([
    { type: 'file', path: 'language_model/lm.bin' },
    { type: 'file', path: 'x' },
  ]);
  const ofHub = httpFiles('https://hub.test/a/b/resolve/v1/', { fetch: answer(list) });
  expect(await ofHub.listLanguageModel?.()).toEqual(['lm.bin']);
  expect(asked).toEqual(['https://hub.test/api/models/a/b/tree/v1/language_model']);
  expect(
    await httpFiles('https://hub.test/a/b/resolve/v1/', { fetch: answer('{}') }).listLanguageModel?.(),
  ).toBeUndefined();
  expect(
    await httpFiles('https://other.test/model/', { fetch: answer(list) }).listLanguageModel?.(),
  ).toBeUndefined();
  expect(asked).toHaveLength(2);
});
