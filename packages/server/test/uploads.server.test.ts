/** Bodies as they really come: in pieces, cut off, too large, stalled, and with an `Expect`. */
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { IncomingMessage } from 'node:http';
import { connect, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { skipBody } from '../src/http/skip-body.ts';
import { errorOf, formOf, post, startFront } from './helpers/front-server.ts';

const BOUNDARY = 'XborderX';
const filePart = (content: string, headers = ''): string =>
  `--${BOUNDARY}\r\ncontent-disposition: form-data; name="file"; filename="a.wav"\r\n${headers}\r\n${content}\r\n`;
const fieldPart = (name: string, value: string): string =>
  `--${BOUNDARY}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
const END = `--${BOUNDARY}--\r\n`;
const SCRIPT = JSON.stringify({ words: ['OK'] });

/** A connection on which everything can be sent. */
async function connected(url: string): Promise<{ readonly socket: Socket; readonly received: () => string }> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  let text = '';
  socket.setEncoding('latin1').on('data', (more: string) => (text += more));
  return { socket, received: () => text };
}

const head = (headers: readonly string[], path = '/v1/audio/transcriptions'): string =>
  [
    `POST ${path} HTTP/1.1`,
    'host: localhost',
    `content-type: multipart/form-data; boundary=${BOUNDARY}`,
    ...headers,
    '',
    '',
  ].join('\r\n');

const rawPost = (
  url: string,
  body: string,
  type = `multipart/form-data; boundary=${BOUNDARY}`,
): Promise<Response> =>
  fetch(`${url}/v1/audio/transcriptions`, { method: 'POST', headers: { 'content-type': type }, body });

test('a body in chunks of any size, without a length, is read as any other', async () => {
  const { url } = await startFront();
  const { socket, received } = await connected(url);
  socket.write(head(['transfer-encoding: chunked']));
  for (const character of filePart(SCRIPT, 'content-type: application/octet-stream\r\n') +
    fieldPart('model', 'tiny') +
    END)
    socket.write(`1\r\n${character}\r\n`);
  socket.write('0\r\n\r\n');
  await expect.poll(received).toMatch(/^HTTP\/1\.1 200 [^]*\{"text":"OK"/);
});

test.each([
  ['cut in the middle of the file', filePart(SCRIPT).slice(0, -6)],
  ['cut behind the last part', filePart(SCRIPT)],
  ['without any border', 'just text'],
  ['empty', ''],
])('a body that is %s is malformed', async (_, body) => {
  const { url, settings } = await startFront();
  expect(await errorOf(await rawPost(url, body))).toMatchObject({ status: 400, code: 'malformed_multipart' });
  expect(readdirSync(settings.spoolFolder)).toEqual([]);
});

test('a content-type without its border is malformed', async () => {
  const { url } = await startFront();
  expect(await errorOf(await rawPost(url, END, 'multipart/form-data'))).toMatchObject({
    status: 400,
    code: 'malformed_multipart',
  });
});

test.each([
  ['two files', filePart(SCRIPT) + filePart(SCRIPT), /more than one file/],
  [
    'a file in another field',
    filePart(SCRIPT).replace('name="file"', 'name="audio"'),
    /in the field "audio", expected "file"/,
  ],
  [
    'too many fields',
    filePart(SCRIPT) + Array.from({ length: 65 }, (_, index) => fieldPart(`f${index}`, 'x')).join(''),
    /more than 64 fields/,
  ],
  [
    'a field that is too long',
    filePart(SCRIPT) + fieldPart('prompt', 'x'.repeat(65_537)),
    /"prompt" has more than 65536 bytes/,
  ],
  ['a name that is too long', filePart(SCRIPT) + fieldPart('n'.repeat(257), 'x'), /more than 256 bytes/],
  ['a part without a name', filePart(SCRIPT) + fieldPart('', 'x'), /no name/],
])('%s is refused, and nothing is left', async (_, parts, message) => {
  const { url, settings } = await startFront();
  const error = await errorOf(await rawPost(url, parts + END));
  expect(error).toMatchObject({ status: 400, code: 'invalid_value' });
  expect(error.message).toMatch(message);
  await expect.poll(() => readdirSync(settings.spoolFolder)).toEqual([]);
});

test('a field of 64 KiB and a name of 256 bytes are fine', async () => {
  const { url } = await startFront();
  const parts = filePart(SCRIPT) + fieldPart('n'.repeat(256), 'x'.repeat(65_536));
  expect((await rawPost(url, parts + END)).status).toBe(200);
});

test('the client’s name of a file is no part of a path', async () => {
  const { url, scripted, settings } = await startFront();
  const evil = filePart(SCRIPT).replace('a.wav', '../../../../tmp/evil.wav');
  expect((await rawPost(url, evil + END)).status).toBe(200);
  expect(scripted.jobs[0]?.file.startsWith(`${settings.spoolFolder}/upload-`)).toBe(true);
  expect(scripted.jobs[0]?.file).not.toContain('evil');
  expect(scripted.jobs[0]?.name).toBe('The file');
});

test('no field is an address that the server would fetch', async () => {
  const { url } = await startFront();
  const response = await rawPost(
    url,
    filePart(SCRIPT) + fieldPart('url', 'http://127.0.0.1:1/') + fieldPart('file_url', 'x') + END,
  );
  expect(response.status).toBe(200);
  expect(response.headers.get('x-unispeech-ignored')).toBe('url, file_url');
  const onlyAddress = await rawPost(
    url,
    fieldPart('file', 'http://127.0.0.1:1/audio.wav').replace('; filename', '') + END,
  );
  // What is in the field is the audio, whatever it looks like.
  expect((await errorOf(onlyAddress)).code).toBe('internal_error');
});

test('a file over the limit is refused by its announced length, and by its bytes', async () => {
  const { url, settings, scripted } = await startFront({ maxUploadBytes: 1000 });
  const announced = await post(url, formOf('x'.repeat(20 * 1024 ** 2)));
  const first = await errorOf(announced);
  expect(first).toMatchObject({ status: 413, code: 'file_too_large', param: 'file' });
  expect(first.message).toMatch(/ 2\d{7} bytes .* at most 1000 bytes/);
  const stream = new Blob([filePart('x'.repeat(100_000)), END]).stream();
  const init = {
    method: 'POST',
    body: stream,
    duplex: 'half',
    headers: { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` },
  };
  const counted = await fetch(`${url}/v1/audio/transcriptions`, init);
  expect(await errorOf(counted)).toMatchObject({ status: 413, code: 'file_too_large' });
  expect((await rawPost(url, filePart(' '.repeat(1001)) + END)).status).toBe(413);
  expect((await rawPost(url, filePart(SCRIPT.padEnd(1000)) + END)).status).toBe(200);
  expect(scripted.jobs).toHaveLength(1);
  await expect.poll(() => readdirSync(settings.spoolFolder)).toEqual([]);
});

test('an early refusal reaches a client that goes on sending, and the connection ends with its body', async () => {
  const { url } = await startFront({ maxUploadBytes: 1000 });
  const { socket, received } = await connected(url);
  let isReset = false;
  socket.on('error', () => (isReset = true));
  socket.write(head(['transfer-encoding: chunked']));
  const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;
  socket.write(chunk(filePart('x'.repeat(2000)).slice(0, -2)));
  await expect.poll(received).toMatch(/^HTTP\/1\.1 413 [^]*connection: close[^]*file_too_large.*\}\}$/i);
  for (let sent = 0; sent < 10; sent++) {
    socket.write(chunk('x'.repeat(65_536)));
    await sleep(50);
  }
  expect([isReset, socket.destroyed, socket.readableEnded]).toEqual([false, false, false]);
  socket.write('0\r\n\r\n');
  await expect.poll(() => socket.readableEnded || socket.destroyed).toBe(true);
  expect(isReset).toBe(false);
});

test('a client that waits for 100 Continue sends nothing that is refused', async () => {
  const { url } = await startFront({ apiKeys: ['a-long-enough-key'], maxUploadBytes: 1000 });
  const expecting = async (headers: readonly string[]): Promise<string> => {
    const { socket, received } = await connected(url);
    socket.write(head(['expect: 100-continue', ...headers]));
    await expect.poll(received).toMatch(/^HTTP\/1\.1 \d/);
    return received();
  };
  const key = 'authorization: Bearer a-long-enough-key';
  expect(await expecting(['content-length: 500'])).toMatch(/^HTTP\/1\.1 401 /);
  expect(await expecting([key, 'content-length: 99000000'])).toMatch(/^HTTP\/1\.1 413 /);
  expect(await expecting([key, 'content-length: 500'])).toBe('HTTP/1.1 100 Continue\r\n\r\n');
});

test('after 100 Continue the body is read', async () => {
  const { url } = await startFront();
  const { socket, received } = await connected(url);
  const body = filePart(SCRIPT) + END;
  socket.write(head(['expect: 100-continue', `content-length: ${body.length}`]));
  await expect.poll(received).toContain('100 Continue');
  socket.write(body);
  await expect.poll(received).toMatch(/HTTP\/1\.1 200 [^]*"OK"/);
});

test('an upload that brings nothing for a while is given up with 408, a slow one is not', async () => {
  const { url, settings } = await startFront({ stallMilliseconds: 200 });
  const slow = await connected(url);
  const body = filePart(SCRIPT) + END;
  slow.socket.write(head([`content-length: ${body.length}`]));
  for (let place = 0; place < body.length; place += Math.ceil(body.length / 8)) {
    slow.socket.write(body.slice(place, place + Math.ceil(body.length / 8)));
    await sleep(80);
  }
  await expect.poll(slow.received).toMatch(/^HTTP\/1\.1 200 /);
  const stalled = await connected(url);
  stalled.socket.write(head(['content-length: 5000']) + filePart(SCRIPT));
  await expect.poll(stalled.received).toMatch(/^HTTP\/1\.1 408 [^]*upload_stalled/);
  await expect.poll(() => readdirSync(settings.spoolFolder)).toEqual([]);
});

test('a client that leaves in the middle of its upload leaves nothing behind', async () => {
  const { url, settings, logLines, scripted } = await startFront();
  const { socket } = await connected(url);
  socket.write(head(['content-length: 5000']) + filePart(SCRIPT));
  await expect.poll(() => readdirSync(settings.spoolFolder).length).toBe(1);
  socket.destroy();
  await expect.poll(() => readdirSync(settings.spoolFolder), { timeout: 1000 }).toEqual([]);
  await expect.poll(() => logLines.join('')).toContain('"status":499');
  expect(scripted.jobs).toEqual([]);
});

test('uploads at once and their bytes are bounded: what is too much is 429', async () => {
  const { url, settings } = await startFront({ maxOpenUploads: 2, maxSpoolBytes: 10_000 });
  const open = await Promise.all([connected(url), connected(url)]);
  for (const { socket } of open) socket.write(head(['content-length: 3000']) + filePart(SCRIPT));
  await expect.poll(() => readdirSync(settings.spoolFolder).length).toBe(2);
  const third = await errorOf(await post(url, formOf({})));
  expect(third).toMatchObject({ status: 429, code: 'queue_full' });
  expect(Number(third.headers.get('retry-after'))).toBeGreaterThan(0);
  for (const { socket } of open) socket.destroy();
  await expect.poll(async () => (await post(url, formOf({ words: ['OK'] }))).status).toBe(200);
  expect((await errorOf(await post(url, formOf('x'.repeat(10_001))))).code).toBe('queue_full');
});

test('what is no HTTP request is answered in JSON, too', async () => {
  const { url } = await startFront();
  const answerTo = async (text: string): Promise<string> => {
    const { socket, received } = await connected(url);
    socket.write(text);
    await expect.poll(received).toMatch(/\}\}$/);
    return received();
  };
  const nonsense = await answerTo('nonsense\r\n\r\n');
  expect(nonsense).toMatch(/^HTTP\/1\.1 400 [^]*content-type: application\/json[^]*x-request-id: req_\w{22}/);
  expect(nonsense).toContain('"code":"malformed_request"');
  expect(await answerTo(`GET / HTTP/1.1\r\nhost: localhost\r\nlong: ${'x'.repeat(20_000)}\r\n\r\n`)).toMatch(
    /^HTTP\/1\.1 431 [^]*headers_too_large/,
  );
  expect(await answerTo('GET http://[/ HTTP/1.1\r\nhost: localhost\r\n\r\n')).toMatch(
    /^HTTP\/1\.1 400 [^]*malformed_request/,
  );
  expect(await answerTo('GET /v1/models HTTP/1.1\r\nhost: localhost\r\nexpect: 200-maybe\r\n\r\n')).toMatch(
    /^HTTP\/1\.1 400 [^]*"param":"expect"/,
  );
});

test('connections stay open for longer than proxies keep theirs, and requests have no limit of their own', async () => {
  const { url } = await startFront();
  const response = await fetch(`${url}/health`);
  expect(response.headers.get('keep-alive')).toBe('timeout=75');
});

test('a skipped body that is refused is not watched any more', async () => {
  const incoming = new IncomingMessage(new Socket());
  const { signal } = new AbortController();
  const skipped = skipBody(incoming, signal, { stallMilliseconds: 1000, maxUploadBytes: 1000 });
  incoming.push(Buffer.alloc(2000));
  await expect(skipped).rejects.toMatchObject({ code: 'file_too_large' });
  expect(incoming.listenerCount('data')).toBe(0);
});
