/** Who may ask: keys, the name of the host, pages of other origins; and what the command line allows. */
import { request } from 'node:http';
import { expect, test } from 'vitest';
import { serveOptions } from '../src/serve-options.ts';
import { errorOf, formOf, post, startFront } from './helpers/front-server.ts';

const KEY = 'a-long-enough-key';
const OTHER_KEY = 'another-key-for-a-friend';

/** The status of an answer to a request with headers of any kind, which `fetch` would not send. */
function statusOf(
  url: string,
  headers: Readonly<Record<string, string>>,
  path = '/v1/models',
): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const { port } = new URL(url);
    const sent = request(
      { host: '127.0.0.1', port, path, headers, setHost: headers.host !== undefined },
      (response) => {
        response.resume();
        resolve(response.statusCode);
      },
    );
    sent.on('error', reject).end();
  });
}

test('a key is asked for on every route but those of probes and the page, and each of several is one', async () => {
  const { url } = await startFront({ apiKeys: [KEY, OTHER_KEY] });
  const missing = await fetch(`${url}/v1/models`);
  expect(missing.headers.get('www-authenticate')).toBe('Bearer');
  expect(await errorOf(missing)).toMatchObject({ status: 401, code: 'invalid_api_key' });
  for (const path of ['/v1/jobs', '/metrics', '/openapi.json', '/v1/audio/transcriptions', '/nowhere'])
    expect((await fetch(url + path)).status, path).toBe(401);
  for (const path of ['/health', '/ready']) expect((await fetch(url + path)).status, path).toBe(200);
  for (const key of [KEY, OTHER_KEY])
    expect((await fetch(`${url}/v1/models`, { headers: { authorization: `Bearer ${key}` } })).status).toBe(
      200,
    );
  for (const authorization of [`Bearer ${KEY}x`, `Bearer ${KEY.slice(1)}`, `Basic ${KEY}`, KEY, 'Bearer '])
    expect((await fetch(`${url}/v1/models`, { headers: { authorization } })).status, authorization).toBe(401);
});

test('without a key a request for another host is refused: a page could have given its name this address', async () => {
  const { url } = await startFront();
  const { port } = new URL(url);
  for (const host of [`localhost:${port}`, `127.0.0.1:${port}`, '[::1]:80', 'LOCALHOST'])
    expect(await statusOf(url, { host }), host).toBe(200);
  for (const host of [
    'evil.example',
    `evil.example:${port}`,
    'localhost.evil.example',
    '127.0.0.1.nip.io',
    '0.0.0.0',
  ])
    expect(await statusOf(url, { host }), host).toBe(403);
  expect(await statusOf(url, {})).toBe(403);
  expect(await statusOf(url, { host: 'evil.example' }, '/health')).toBe(403);
});

test('with a key any host is fine, as a proxy may have its own', async () => {
  const { url } = await startFront({ apiKeys: [KEY] });
  expect(await statusOf(url, { host: 'speech.example', authorization: `Bearer ${KEY}` })).toBe(200);
});

test('pages of other origins are refused, also where they could not read the answer', async () => {
  const { url, scripted } = await startFront({ corsOrigins: ['https://friend.example'] });
  for (const origin of [
    'https://evil.example',
    'null',
    'https://friend.example.evil',
    'https://friend.example:444',
  ]) {
    const error = await errorOf(await post(url, formOf({ words: ['A'] }), { headers: { origin } }));
    expect(error, origin).toMatchObject({ status: 403, code: 'origin_not_allowed' });
  }
  expect(scripted.jobs).toEqual([]);
  const friend = await post(url, formOf({ words: ['A'] }), { headers: { origin: 'https://friend.example' } });
  expect(friend.status).toBe(200);
  expect(friend.headers.get('access-control-allow-origin')).toBe('https://friend.example');
  expect(friend.headers.get('access-control-expose-headers')).toContain('x-request-id');
  const own = await fetch(`${url}/v1/models`, { headers: { origin: url } });
  expect(own.status).toBe(200);
  expect(own.headers.get('access-control-allow-origin')).toBeNull();
});

test('a browser may ask before it sends, without a key, from listed origins only', async () => {
  const { url } = await startFront({ apiKeys: [KEY], corsOrigins: ['https://friend.example'] });
  const ask = (origin: string): Promise<Response> =>
    fetch(`${url}/v1/audio/transcriptions`, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization, x-stainless-os',
      },
    });
  const allowed = await ask('https://friend.example');
  expect(allowed.status).toBe(204);
  expect(allowed.headers.get('access-control-allow-origin')).toBe('https://friend.example');
  expect(allowed.headers.get('access-control-allow-headers')).toBe('authorization, x-stainless-os');
  const refused = await ask('https://evil.example');
  expect(refused.status).toBe(403);
  expect(refused.headers.get('access-control-allow-origin')).toBeNull();
});

test('an error of a listed origin can be read by its page', async () => {
  const { url } = await startFront({ apiKeys: [KEY], corsOrigins: ['https://friend.example'] });
  const response = await fetch(`${url}/v1/models`, { headers: { origin: 'https://friend.example' } });
  expect(response.status).toBe(401);
  expect(response.headers.get('access-control-allow-origin')).toBe('https://friend.example');
});

const MODEL = ['--model', 'owner/name'];

test('another host than this machine needs a key, or a word that it is meant', () => {
  expect(() => serveOptions([...MODEL, '--host', '0.0.0.0'], {})).toThrow(/--api-key, or --insecure/);
  expect(serveOptions([...MODEL, '--host', '0.0.0.0', '--insecure'], {}).front.isInsecure).toBe(true);
  expect(serveOptions([...MODEL, '--host', '0.0.0.0', '--api-key', KEY], {}).front.apiKeys).toEqual([KEY]);
  expect(
    serveOptions([...MODEL, '--host', '0.0.0.0'], { UNISPEECH_API_KEY: `${KEY}, ${OTHER_KEY}` }).front
      .apiKeys,
  ).toEqual([KEY, OTHER_KEY]);
  for (const host of ['127.0.0.1', 'localhost', '::1'])
    expect(serveOptions([...MODEL, '--host', host], {}).front.host).toBe(host);
});

test('options of the command line, with their units', () => {
  const { front, models, ...others } = serveOptions(
    [
      '--model',
      'models/tiny/',
      '--model',
      'big=owner/name',
      '--alias',
      'whisper-1=big',
      '--any-model',
      '--max-upload',
      '25MiB',
      '--keep-alive',
      '-1',
      '--job-ttl',
      '2h',
      '--grace',
      '5',
      '--engine-silence',
      '2m',
      '--deadline',
      '90s',
      '--cors',
      'https://a.example',
      '--port',
      '0',
      '--jobs',
      '/jobs',
    ],
    {},
  );
  expect(models.map(({ id, location }) => [id, location])).toEqual([
    ['tiny', 'models/tiny/'],
    ['big', 'owner/name'],
  ]);
  expect(front).toMatchObject({
    modelForAnyName: 'tiny',
    maxUploadBytes: 25 * 1024 ** 2,
    jobTtlMilliseconds: 7_200_000,
    deadlineMilliseconds: 90_000,
    corsOrigins: ['https://a.example'],
    port: 0,
    jobsFolder: '/jobs',
    paddingAfterMilliseconds: 240_000,
    keepAliveTimeoutMilliseconds: 75_000,
  });
  expect(front.aliases.get('whisper-1')).toBe('big');
  const decoderOf = (...words: readonly string[]) =>
    serveOptions(['--model', 'a', ...words], {}).models[0]?.decoder;
  expect(decoderOf()).toBeUndefined();
  expect(decoderOf('--lm', 'none')).toBe('greedy');
  expect(decoderOf('--lm', 'a.arpa', '--beam-width', '8')).toEqual({
    type: 'beam',
    language_model: 'a.arpa',
    beam_width: 8,
  });
  expect(others).toMatchObject({
    keepAliveMilliseconds: -1,
    graceMilliseconds: 5000,
    silenceMilliseconds: 120_000,
    maxBatch: undefined,
  });
});

test.each([
  [[], /--model is missing/],
  [
    [
      ...MODEL,
      '--model',
      'other/name',
      '--model',
      'x=owner/name',
      '--model',
      'name=y',
      '--model',
      'owner/name',
    ],
    /one name/,
  ],
  [[...MODEL, '--alias', 'a=b'], /expected NAME=MODEL/],
  [[...MODEL, '--cors', 'friend.example'], /expected an origin/],
  [[...MODEL, '--max-upload', '0'], /expected a size/],
  [[...MODEL, '--keep-alive', 'soon'], /expected a time/],
  [[...MODEL, '--lm', 'none', '--beam-width', '8'], /--lm none leaves out/],
  [[...MODEL, '--max-batch', '2.5'], /expected a whole number/],
  [[...MODEL, '--port', '70000'], /expected 0 to 65535/],
  [[...MODEL, '--api-key', 'short'], /8 to 256 characters/],
  [[...MODEL, '--made-up'], /Unknown option '--made-up'/],
  [['file.wav', ...MODEL], /Unexpected argument/],
])('%j is wrong usage', (argv, message) => {
  expect(() => serveOptions(argv, {})).toThrow(message);
});
