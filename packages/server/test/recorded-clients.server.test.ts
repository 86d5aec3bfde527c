/** Requests of clients that no dev dependency carries, recorded from openai 3.57.0 for Python and curl 7.88.1: the bytes are theirs, but for the file, and the connection ends with the answer. */
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { startFront } from './helpers/front-server.ts';

const PYTHON_HEADERS = [
  'Accept-Encoding: gzip, deflate',
  'Connection: close',
  'authorization: Bearer a-key-for-tests',
  'accept: application/json',
  'user-agent: OpenAI/Python 3.57.0',
  'x-stainless-lang: python',
  'x-stainless-package-version: 3.57.0',
  'x-stainless-os: Linux',
  'x-stainless-arch: x64',
  'x-stainless-runtime: CPython',
  'x-stainless-runtime-version: 3.11.7',
  'x-stainless-async: false',
  'x-stainless-retry-count: 0',
  'x-stainless-read-timeout: 600',
];
const PYTHON_BORDER = '81a19c7260288c37f2add7e027e1fcd6';
const CURL_HEADERS = ['User-Agent: curl/7.88.1', 'Accept: */*', 'Connection: close'];
const CURL_BORDER = '------------------------7420096b2eb3e1e6';

const FILE = JSON.stringify({ words: ['ONE', 'TWO'] });
type Part = readonly [headers: string, content: string];
const field = (name: string, value: string): Part => [
  `Content-Disposition: form-data; name="${name}"`,
  value,
];
const file = (type: string): Part => [
  `Content-Disposition: form-data; name="file"; filename="a.wav"\r\nContent-Type: ${type}`,
  FILE,
];

interface RecordedRequest {
  readonly headers: readonly string[];
  readonly border: string;
  readonly parts: readonly Part[];
}

const python = (parts: readonly Part[]): RecordedRequest => ({
  headers: PYTHON_HEADERS,
  border: PYTHON_BORDER,
  parts: [...parts, file('audio/x-wav')],
});

/** The whole answer, as it comes. */
async function answerTo(url: string, { headers, border, parts }: RecordedRequest): Promise<string> {
  const { port } = new URL(url);
  const body = `${parts.map(([head, content]) => `--${border}\r\n${head}\r\n\r\n${content}\r\n`).join('')}--${border}--\r\n`;
  const lines = [
    'POST /v1/audio/transcriptions HTTP/1.1',
    `Host: 127.0.0.1:${port}`,
    ...headers,
    `Content-Length: ${body.length}`,
    `Content-Type: multipart/form-data; boundary=${border}`,
  ];
  const socket = connect(Number(port), '127.0.0.1');
  socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`);
  return await text(socket);
}

test('the client for Python: the file comes last, lists and objects in brackets', async () => {
  const { url } = await startFront({ apiKeys: ['a-key-for-tests'] });
  const verbose = python([
    field('model', 'tiny'),
    field('chunking_strategy[type]', 'server_vad'),
    field('chunking_strategy[threshold]', '0.5'),
    field('include[]', 'logprobs'),
    field('response_format', 'verbose_json'),
    field('timestamp_granularities[]', 'word'),
    field('timestamp_granularities[]', 'segment'),
  ]);
  const answer = await answerTo(url, verbose);
  expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  expect(answer).toContain('x-unispeech-ignored: include, chunking_strategy.threshold\r\n');
  expect(answer).toContain('"segments":[{"id":0,');
  expect(answer).toContain('"words":[{"word":"ONE",');
});

test('the client for Python asks for a stream by a field, and accepts JSON', async () => {
  const { url } = await startFront({ apiKeys: ['a-key-for-tests'] });
  const stream = python([
    field('model', 'tiny'),
    field('language', 'en'),
    field('prompt', 'x'),
    field('stream', 'true'),
    field('temperature', '0.2'),
  ]);
  const answer = await answerTo(url, stream);
  expect(answer).toContain('content-type: text/event-stream; charset=utf-8\r\n');
  expect(answer).toContain('x-unispeech-ignored: prompt, temperature\r\n');
  expect(answer).toContain('data: {"type":"transcript.text.delta","delta":"ONE"}\n\n');
  expect(answer).toMatch(/data: \{"type":"transcript\.text\.done","text":"ONE TWO",/);
  const hints = python([
    field('model', 'tiny'),
    field('keywords[]', 'a'),
    field('keywords[]', 'b'),
    field('languages[]', 'en'),
  ]);
  expect(await answerTo(url, hints)).toContain('x-unispeech-ignored: keywords, languages\r\n');
});

test('curl: the file comes first, and its type says nothing', async () => {
  const { url } = await startFront();
  const parts = [file('application/octet-stream'), field('response_format', 'srt')];
  const answer = await answerTo(url, { headers: CURL_HEADERS, border: CURL_BORDER, parts });
  expect(answer).toContain('content-type: text/plain; charset=utf-8\r\n');
  expect(answer).toContain('1\n00:00:00,000 --> 00:00:01,');
});
