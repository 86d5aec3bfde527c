/** Servers that stall, break off, are busy, refuse, or lead in circles: what is tried again, and what the errors say. */
import type http from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { type HttpFilesOptions, httpFiles } from '../../src/files/http-files.ts';
import { type Server, serve } from '../helpers/http-server.ts';

const CONTENT = Uint8Array.from({ length: 200_000 }, (_, i) => (i * 7 + (i >> 9)) % 251);
const TEXT = '{"a":"ß"}';

let server: Server | undefined;
let requests: http.IncomingMessage[] = [];
afterEach(async () => {
  await server?.close();
  server = undefined;
  requests = [];
});

/** How the n-th request is answered; those behind the list get the file. Resolves to the files of the server. */
async function filesOf(
  answers: readonly http.RequestListener[],
  options: HttpFilesOptions = {},
  path = '/m',
): Promise<ReturnType<typeof httpFiles>> {
  server = await serve((request, response) => {
    const answer = answers[requests.push(request) - 1] ?? sendFile;
    answer(request, response);
  });
  return httpFiles(server.url + path, { retryDelayMs: 1, ...options });
}

const sendFile: http.RequestListener = (request, response) => {
  if (request.url?.includes('.json')) {
    response.end(TEXT);
    return;
  }
  const start = Number(/\d+/.exec(request.headers.range ?? '')?.[0] ?? 0);
  response.writeHead(206, {
    'Content-Range': `bytes ${start}-${CONTENT.byteLength - 1}/${CONTENT.byteLength}`,
  });
  response.end(CONTENT.subarray(start));
};
const status =
  (code: number, headers: Record<string, string> = {}): http.RequestListener =>
  (_, response) =>
    response.writeHead(code, headers).end('no');
const drop: http.RequestListener = (request) => request.destroy();
const keepSilent: http.RequestListener = () => undefined;
/** Half of the file, or of the text, and then nothing more. */
const stallHalfway: http.RequestListener = (request, response) => {
  const isText = request.url?.includes('.json');
  const body = isText ? Buffer.from(TEXT) : CONTENT;
  const last = body.byteLength - 1;
  response.writeHead(206, { 'Content-Range': `bytes 0-${last}/${body.byteLength}` });
  response.write(body.subarray(0, body.byteLength / 2));
};

/** Reads the whole file, and compares. */
async function expectFile(files: ReturnType<typeof httpFiles>): Promise<void> {
  const source = await files.open('model.bin');
  expect(Buffer.compare((await source?.read(0, CONTENT.byteLength)) ?? new Uint8Array(), CONTENT)).toBe(0);
  await source?.close();
}

describe('the first request', () => {
  test.each([
    ['a dropped connection', drop],
    ['408', status(408)],
    ['429', status(429)],
    ['500', status(500)],
    ['502', status(502)],
    ['503', status(503)],
    ['504', status(504)],
  ])('is made again after %s', async (_, answer) => {
    await expectFile(await filesOf([answer, answer, answer]));
    expect(requests).toHaveLength(4);
    await server?.close();
    const texts = await filesOf([answer, answer, answer]);
    requests = [];
    expect(await texts.readText('config.json')).toBe(TEXT);
    expect(requests).toHaveLength(4);
  });

  test('is made four times at most', async () => {
    const files = await filesOf(Array<http.RequestListener>(9).fill(status(503)));
    await expect(files.open('model.bin')).rejects.toMatchObject({
      code: 'network',
      message: expect.stringContaining(
        '/m/model.bin answered with status 503 Service Unavailable.',
      ) as string,
    });
    expect(requests).toHaveLength(4);
  });

  test.each([400, 410, 418, 501])('is not made again after %d', async (code) => {
    const files = await filesOf([status(code)]);
    await expect(files.open('model.bin')).rejects.toThrow(`answered with status ${code}`);
    expect(requests).toHaveLength(1);
  });

  test.each([
    ['seconds', () => '1'],
    ['a date', () => new Date(Date.now() + 2000).toUTCString()],
  ])('waits as long as Retry-After says in %s', async (_, retryAfter) => {
    const files = await filesOf([status(429, { 'Retry-After': retryAfter() })]);
    const start = performance.now();
    expect(await files.readText('config.json')).toBe(TEXT);
    // Dates are whole seconds.
    expect(performance.now() - start).toBeGreaterThan(900);
  });

  test('an abort while it waits rejects at once', async () => {
    const files = await filesOf([status(503, { 'Retry-After': '100000' })]);
    const controller = new AbortController();
    const opening = files.open('model.bin', controller.signal);
    await expect.poll(() => requests.length).toBe(1);
    setTimeout(() => controller.abort(new Error('enough')), 50);
    await expect(opening).rejects.toThrow('enough');
    expect(requests).toHaveLength(1);
  });
});

describe('a server that falls silent', () => {
  const quick = { stallTimeoutMs: 100 };

  test('before its answer is asked again', async () => {
    await expectFile(await filesOf([keepSilent], quick));
    expect(requests).toHaveLength(2);
  });

  test('in the middle of a file is asked for the rest', async () => {
    await expectFile(await filesOf([stallHalfway], quick));
    expect(requests.map(({ headers }) => headers.range)).toEqual(['bytes=0-', 'bytes=100000-']);
  });

  test('in the middle of a text is asked for it again', async () => {
    const files = await filesOf([stallHalfway], quick);
    expect(await files.readText('config.json')).toBe(TEXT);
    expect(requests).toHaveLength(2);
  });

  test('again and again is given up, and its connections are let go', async () => {
    const files = await filesOf(Array<http.RequestListener>(9).fill(keepSilent), quick);
    await expect(files.open('model.bin')).rejects.toMatchObject({
      code: 'network',
      message: expect.stringContaining('/m/model.bin sent nothing for 0.1 s.') as string,
    });
    expect(requests).toHaveLength(4);
    await expect.poll(() => requests.every((request) => request.socket.destroyed)).toBe(true);
  });

  test('but sends a byte now and then is waited for', async () => {
    const files = await filesOf(
      [
        (_, response) => {
          let sent = 0;
          response.writeHead(200);
          const timer = setInterval(() => {
            response.write(TEXT.charAt(sent++));
            if (sent < TEXT.length) return;
            clearInterval(timer);
            response.end();
          }, 100);
        },
      ],
      { stallTimeoutMs: 800 },
    );
    expect(await files.readText('config.json')).toBe(TEXT);
    expect(requests).toHaveLength(1);
  });

  test('may do so for ever where the limit is infinite', async () => {
    const files = await filesOf([keepSilent], { stallTimeoutMs: Infinity });
    const controller = new AbortController();
    const opening = files.open('model.bin', controller.signal);
    setTimeout(() => controller.abort(new Error('enough')), 100);
    await expect(opening).rejects.toThrow('enough');
    expect(requests).toHaveLength(1);
    await expect.poll(() => requests[0]?.socket.destroyed).toBe(true);
  });
});

describe('errors', () => {
  test('lose user, password, query and fragment of the URL', async () => {
    const files = await filesOf([status(400)], {}, '/m?rev=A&X-Amz-Signature=topsecret#x');
    const base = String(server?.url);
    expect(files.location).toBe(`${base}/m`);
    await expect(files.open('model.bin')).rejects.toThrow(
      `${base}/m/model.bin answered with status 400 Bad Request.`,
    );
    const withUser = httpFiles(`${base.replace('//', '//me:topsecret@')}/m`, { retryDelayMs: 1 });
    expect(withUser.location).toBe(`${base}/m`);
    expect(withUser.id).toContain('topsecret');
    const source = await withUser.open('model.bin');
    expect(source?.name).toBe(`${base}/m/model.bin`);
    await source?.close();
  });

  test('say that the user or password of the URL is refused', async () => {
    await filesOf([status(401), status(401)]);
    const files = httpFiles(`${String(server?.url).replace('//', '//m%C3%A9:p%25%zz@')}/m`);
    const refused = {
      code: 'not-found',
      message:
        `${String(server?.url)}/m/model.bin answered with status 401: ` +
        'it refuses the token, or the user and password in the URL. Check them, or get a new URL.',
    };
    await expect(files.open('model.bin')).rejects.toMatchObject(refused);
    await expect(files.readText('model.bin')).rejects.toMatchObject(refused);
    const [, sent = ''] = requests[0]?.headers.authorization?.split(' ') ?? [];
    expect(Buffer.from(sent, 'base64').toString()).toBe('mé:p%%zz');
    expect(requests[1]?.headers.authorization).toBe(requests[0]?.headers.authorization);
  });

  test('say that a signature is refused', async () => {
    const files = await filesOf([status(403)], {}, '/m?Expires=1&Signature=abc');
    await expect(files.open('model.bin')).rejects.toThrow(
      '/m/model.bin answered with status 403: ' +
        'it refuses the signature or token in the query of the URL, which may be too old. Check them, or get a new URL.',
    );
  });

  test('say so where a signature runs out in the middle', async () => {
    const files = await filesOf([stallHalfway, status(403)], { stallTimeoutMs: 100 }, '/m?sig=abc');
    const source = await files.open('model.bin');
    await expect(source?.read(0, CONTENT.byteLength)).rejects.toThrow('refuses the signature or token');
    expect(requests).toHaveLength(2);
    await source?.close();
  });

  test('say that redirects lead in a circle', async () => {
    const files = await filesOf(
      Array<http.RequestListener>(999).fill((request, response) =>
        response.writeHead(302, { Location: request.url }).end(),
      ),
    );
    const message = '/m/model.bin redirects in a circle, or to a place that could not be reached.';
    await expect(files.open('model.bin')).rejects.toThrow(message);
  });

  test('are short whatever the server says', async () => {
    const files = await filesOf([(_, response) => response.writeHead(400, 'x'.repeat(5000)).end()]);
    const error: unknown = await files.open('model.bin').catch((caught: unknown) => caught);
    expect((error as Error).message.length).toBeLessThanOrEqual(400);
  });
});

describe('a text', () => {
  const limit = 100;

  test('that is too long by its length is not read', async () => {
    const files = await filesOf([(_, response) => response.end('x'.repeat(limit + 1))]);
    await expect(files.readText('config.json', undefined, limit)).rejects.toMatchObject({
      code: 'bad-config',
      message: expect.stringMatching(/\/m\/config\.json has 101 bytes, but at most 100 are read/) as string,
    });
  });

  test.each([
    ['that never ends', {}, (size: number) => Buffer.alloc(size, ' ')],
    [
      'that is short until it is unpacked',
      { 'Content-Encoding': 'gzip' },
      (size: number) => gzipSync(Buffer.alloc(size)),
    ],
  ])('%s is let go at the limit', async (_, headers, bytesOf) => {
    const files = await filesOf([
      (__, response) => {
        response.writeHead(200, headers);
        response.write(bytesOf(1_000_000));
      },
    ]);
    await expect(files.readText('config.json', undefined, limit)).rejects.toThrow(
      '/m/config.json has more than 100 bytes, but at most 100 are read',
    );
    await expect.poll(() => requests[0]?.socket.destroyed).toBe(true);
    expect(requests).toHaveLength(1);
  });

  test('of just the limit is read', async () => {
    const files = await filesOf([(_, response) => response.end('x'.repeat(limit))]);
    expect(await files.readText('config.json', undefined, limit)).toHaveLength(limit);
  });
});

test('two loads of one file at once share nothing', async () => {
  const files = await filesOf([stallHalfway], { stallTimeoutMs: 200 });
  const controller = new AbortController();
  const [first, second] = await Promise.all([
    files.open('model.bin', controller.signal),
    files.open('model.bin'),
  ]);
  const aborted = first?.read(0, CONTENT.byteLength, controller.signal);
  const whole = second?.read(0, CONTENT.byteLength);
  controller.abort(new Error('enough'));
  await expect(aborted).rejects.toThrow('enough');
  expect(Buffer.compare((await whole) ?? new Uint8Array(), CONTENT)).toBe(0);
  await first?.close();
  await second?.close();
});
