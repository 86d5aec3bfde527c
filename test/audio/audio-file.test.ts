/** Audio files in Node by path and by every kind of URL: read whole, or one sentence that says why not. */
import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fetchAudio } from '../../src/platform/http-audio.ts';
import { readAll } from '../../src/audio/byte-stream.ts';
import { openAudioFile } from '../../src/platform/node-audio-file.ts';
import { type Server, serve } from '../helpers/http-server.ts';

const BYTES = Uint8Array.from({ length: 100_000 }, (_, index) => (index * 7) % 251);
const BASE64 = Buffer.from(BYTES).toString('base64');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'audio-file-'));
  await writeFile(path.join(folder, 'a.wav'), BYTES);
  await writeFile(path.join(folder, 'take:1.wav'), BYTES);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const readAudioFile = async (location: string | URL, signal?: AbortSignal): Promise<Uint8Array> =>
  readAll(openAudioFile(location, signal).blocks, 'x');
const isSame = (bytes: Uint8Array): boolean => Buffer.compare(bytes, BYTES) === 0;

describe('a location is read', () => {
  test.each<[string, () => string | URL]>([
    ['path', () => path.join(folder, 'a.wav')],
    ['path with a colon', () => path.join(folder, 'take:1.wav')],
    ['relative path with a colon', () => path.relative(process.cwd(), path.join(folder, 'take:1.wav'))],
    ['file: URL', () => pathToFileURL(path.join(folder, 'a.wav'))],
    ['file: URL as text', () => pathToFileURL(path.join(folder, 'take:1.wav')).href],
    ['data: URL', () => new URL(`data:audio/wav;base64,${BASE64}`)],
    ['data: URL as text', () => `data:audio/wav;base64,${BASE64}`],
    ['data: URL in capitals, without a type', () => `DATA:;base64,${BASE64}`],
    ['blob: URL', () => URL.createObjectURL(new Blob([BYTES]))],
  ])('given as a %s', async (_, locationOf) => {
    expect(isSame(await readAudioFile(locationOf()))).toBe(true);
  });
});

describe('one sentence says what is wrong with', () => {
  const inFolder = (name: string): string => path.join(folder, name);
  const pipe = (): string => {
    execFileSync('mkfifo', [inFolder('pipe.wav')]);
    return inFolder('pipe.wav');
  };
  test.each<[string, () => string | Promise<string>, string, RegExp]>([
    [
      'a missing file',
      () => inFolder('none.wav'),
      'not-found',
      /none\.wav could not be read: there is no such file\.$/,
    ],
    [
      'a folder',
      () => folder,
      'not-found',
      /could not be read: it is a folder\. Give a file, or its bytes\.$/,
    ],
    [
      'a pipe that nobody writes to',
      pipe,
      'not-found',
      /pipe\.wav could not be read: it is a pipe or a device\./,
    ],
    [
      'a device without end',
      () => '/dev/zero',
      'not-found',
      /\/dev\/zero could not be read: it is a pipe or a device\./,
    ],
    ['a path with a zero in it', () => 'a\0b.wav', 'not-found', /could not be read/],
    [
      'a file: URL with a stray %',
      () => 'file:%zz',
      'bad-input',
      /^file:%zz is not a file: URL of this machine\./,
    ],
    [
      'a file: URL with a host',
      () => 'file://host/a.wav',
      'bad-input',
      /^file:\/\/host\/a\.wav is not a file: URL/,
    ],
    [
      'an ftp: URL',
      () => 'ftp://me:secret@x/a.wav',
      'bad-input',
      /^The audio file ftp:\/\/x\/a\.wav could not be read: ftp: URLs cannot be read\. Use http/,
    ],
    [
      'a URL that is none',
      () => 'http://',
      'network',
      /^The audio file http:\/\/ could not be read: it could not be reached\./,
    ],
    [
      'a data: URL that is damaged',
      () => `data:audio/wav;base64,${'%'.repeat(9999)}`,
      'not-found',
      /^The audio file data:audio\/wav,… \(10021 characters\) could not be read: this data: URL has no content\./,
    ],
    ['a data: URL that is not finished', () => 'data:', 'not-found', /this data: URL has no content/],
    [
      'a blob: URL that was revoked',
      () => 'blob:nodedata:0',
      'not-found',
      /this blob: URL has no content\. Check that it is whole and was not revoked\./,
    ],
  ])('%s', async (_, locationOf, code, message) => {
    const error: unknown = await readAudioFile(await locationOf()).catch((caught: unknown) => caught);
    expect(error).toMatchObject({
      name: 'UniSpeechError',
      code,
      message: expect.stringMatching(message) as string,
    });
    expect((error as Error).message.length).toBeLessThanOrEqual(400);
  });

  const openFiles = async () => (await readdir('/proc/self/fd').catch(() => [])).length;

  test('only as far as somebody iterates, and is closed then', async () => {
    const before = await openFiles();
    for await (const block of openAudioFile(inFolder('a.wav')).blocks) {
      expect(block.length).toBeGreaterThan(0);
      break;
    }
    expect(await openFiles()).toBe(before);
  });

  test('an abort, which leaves nothing open', async () => {
    const before = await openFiles();
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(readAudioFile(inFolder('a.wav'), signal)).rejects.toThrow('enough');
    await expect(readAudioFile(`data:,${BASE64}`, signal)).rejects.toThrow('enough');
    expect(await openFiles()).toBe(before);
  });
});

/** @param start the first byte that is asked for. */
type Answer = (start: number) => {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** Whether it ends; true when left out. */
  readonly ends?: boolean;
  /** Whether the connection breaks behind the body; false when left out. */
  readonly breaks?: boolean;
};

describe('over HTTP', () => {
  const FIX = 'Check it.';
  const quick = { retryDelayMs: 1, stallTimeoutMs: 100 };
  let server: Server;
  let answers: readonly Answer[];
  let requests: string[];
  beforeAll(async () => {
    server = await serve((request, response) => {
      const { range = '', authorization = '' } = request.headers;
      const start = Number(/\d+/.exec(range)?.[0] ?? 0);
      const answer = answers[requests.push(range || authorization) - 1];
      if (!answer) {
        request.destroy();
        return;
      }
      const { status = 200, headers, body, ends = true, breaks = false } = answer(start);
      response.writeHead(status, headers);
      if (body) response.write(body, () => breaks && response.destroy());
      if (ends && !breaks) response.end();
    });
  });
  afterAll(() => server.close());
  const ask = (
    given: readonly Answer[],
    options: Parameters<typeof fetchAudio>[3] = quick,
    prefix = '',
    maxByteLength = Infinity,
  ): Promise<Uint8Array> => {
    answers = given;
    requests = [];
    const url = `${server.url.replace('//', `//${prefix}`)}/a.wav?sig=s`;
    return readAll(fetchAudio(url, undefined, FIX, options), 'x', maxByteLength);
  };
  const length = { 'Content-Length': String(BYTES.length) };
  const whole: Answer = () => ({ headers: length, body: BYTES });
  const silent: Answer = () => ({ ends: false });
  const busy: Answer = () => ({ status: 503 });
  const stalled: Answer = () => ({ headers: length, body: BYTES.subarray(0, 40_000), ends: false });
  const broken: Answer = () => ({ body: BYTES.subarray(0, 40_000), breaks: true });
  const rest: Answer = (start) => ({
    status: 206,
    headers: { 'Content-Range': `bytes ${start}-${BYTES.length - 1}/${BYTES.length}` },
    body: BYTES.subarray(start),
  });

  test.each<[string, Answer, Answer, string]>([
    ['after a busy server', busy, whole, ''],
    ['after a silence', silent, whole, ''],
    ['after a stall, from there', stalled, rest, 'bytes=40000-'],
    ['after a stall, of a server without ranges', stalled, whole, 'bytes=40000-'],
    ['after a break, from there', (start) => ({ ...stalled(start), breaks: true }), rest, 'bytes=40000-'],
    ['after a break of an answer without a length', broken, rest, 'bytes=40000-'],
    ['after a break of one without a length or ranges', broken, () => ({ body: BYTES }), 'bytes=40000-'],
  ])('a file is read %s', async (_, first, second, range) => {
    expect(isSame(await ask([first, second]))).toBe(true);
    expect(requests).toEqual(['', range]);
  });

  test('a file without a length is read to its end', async () => {
    expect(isSame(await ask([() => ({ body: BYTES })]))).toBe(true);
  });

  test('user and password of the URL are sent', async () => {
    expect(isSame(await ask([whole], quick, 'me:pass@'))).toBe(true);
    expect(requests).toEqual([`Basic ${Buffer.from('me:pass').toString('base64')}`]);
  });

  test.each<[string, Answer]>([
    ['by its length', whole],
    ['and no end', () => ({ body: BYTES, ends: false })],
  ])('too many bytes %s are an error for who needs all', async (_, answer) => {
    await expect(ask([answer], quick, '', 50_000)).rejects.toMatchObject({
      code: 'bad-audio',
      message:
        'x has more than 50000 bytes, the most that can be read of a file that is needed whole. ' +
        'Cut it into parts, or store it as FLAC or Opus.',
    });
    expect(requests).toHaveLength(1);
  });

  test.each<[string, readonly Answer[], string, string, string]>([
    [
      'refused signature',
      [() => ({ status: 403 })],
      '',
      'the server answered 403: it refuses the signature or token in the query of the URL, which may be too old. Check them, or get a new URL.',
      'network',
    ],
    [
      'refused password',
      [() => ({ status: 401 })],
      'me:pass@',
      'the server answered 401: it refuses the token, or the user and password in the URL. Check them, or get a new URL.',
      'network',
    ],
    [
      'a file that is gone',
      [() => ({ status: 410 })],
      '',
      'the server answered 410. Check the address.',
      'not-found',
    ],
    ['silence', Array<Answer>(4).fill(silent), '', `it sent nothing for 0.1 s. ${FIX}`, 'network'],
    [
      'a connection that breaks again and again',
      [broken, busy, busy, busy, busy],
      '',
      `it stopped at byte 40000 and 3 retries brought no more. ${FIX}`,
      'network',
    ],
    ['no connection', [], '', `it could not be reached. ${FIX}`, 'network'],
  ])('%s is named', async (_, given, prefix, reason, code) => {
    await expect(ask(given, quick, prefix)).rejects.toMatchObject({
      code,
      message: `The audio file ${server.url}/a.wav could not be read: ${reason}`,
    });
  });
});
