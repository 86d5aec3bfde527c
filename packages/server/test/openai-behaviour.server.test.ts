/** What OpenAI's client does with refusals, late failures and early answers: retries, error classes, streams. */
import { createReadStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import OpenAI, { APIError, toFile } from 'openai-6';
import { expect, onTestFinished, test } from 'vitest';
import { startFront } from './helpers/front-server.ts';
import type { Script } from './helpers/scripted-pool.ts';

async function clientOf(settings: Parameters<typeof startFront>[0] = {}) {
  const front = await startFront(settings);
  const openai = new OpenAI({ baseURL: `${front.url}/v1`, apiKey: 'unused', maxRetries: 2 });
  const folder = mkdtempSync(path.join(os.tmpdir(), 'unispeech-client-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const sized = (script: Script | string) =>
    toFile(Buffer.from(typeof script === 'string' ? script : JSON.stringify(script)), 'a.wav');
  const streamed = (text: string) => {
    const file = path.join(folder, 'a.wav');
    writeFileSync(file, text);
    return createReadStream(file);
  };
  return { ...front, openai, sized, streamed };
}

const failed = async (call: PromiseLike<unknown>): Promise<APIError> => {
  try {
    await call;
  } catch (error) {
    if (error instanceof APIError) return error;
    throw error;
  }
  throw new Error('The call did not fail.');
};

test('a full queue is tried again after retry-after, and its error has a code', async () => {
  const { openai, sized, scripted } = await clientOf();
  const error = { code: 'queue_full', message: 'Full.', retryAfterSeconds: 1 };
  const start = performance.now();
  const thrown = await failed(
    openai.audio.transcriptions.create({ file: await sized({ error }), model: 'tiny' }),
  );
  expect([thrown.status, thrown.code, thrown.type]).toEqual([429, 'queue_full', 'rate_limit_error']);
  expect(scripted.jobs).toHaveLength(3);
  // Twice what the header says, where the client's own guess would be half of it.
  expect(performance.now() - start).toBeGreaterThan(1900);
});

test('what ended an engine is sent once', async () => {
  const { openai, sized, scripted } = await clientOf();
  const error = { code: 'engine_crashed', message: 'The file ended the engine.' };
  const thrown = await failed(
    openai.audio.transcriptions.create({ file: await sized({ error }), model: 'tiny' }),
  );
  expect([thrown.status, thrown.code]).toEqual([500, 'engine_crashed']);
  expect(scripted.jobs).toHaveLength(1);
});

test('a failure after the headers of a stream is an error with a code', async () => {
  const { openai, sized } = await clientOf();
  const script = {
    words: ['ONE', 'TWO'],
    milliseconds: 150,
    error: { code: 'device-lost', message: 'The device is gone.' },
  };
  const stream = await openai.audio.transcriptions.create({
    file: await sized(script),
    model: 'tiny',
    stream: true,
  });
  let text = '';
  const read = async (): Promise<void> => {
    for await (const event of stream) if (event.type === 'transcript.text.delta') text += event.delta;
  };
  const thrown = await failed(read());
  expect(thrown.code).toBe('device_lost');
  expect(text).toBe('ONE TWO');
});

test('an early 413 reaches the client while it sends, with a length and without', async () => {
  const { openai, sized, streamed } = await clientOf({ maxUploadBytes: 1_000_000 });
  const large = 'x'.repeat(40_000_000);
  for (const file of [await sized(large), streamed(large)]) {
    const thrown = await failed(openai.audio.transcriptions.create({ file, model: 'tiny' }));
    expect([thrown.status, thrown.code]).toEqual([413, 'file_too_large']);
  }
});

test('a stream with comments and a slow start is read as any other', async () => {
  const { openai, sized } = await clientOf({ beatMilliseconds: 20 });
  const stream = await openai.audio.transcriptions.create({
    file: await sized({ words: ['ONE', 'TWO'], milliseconds: 200 }),
    model: 'tiny',
    stream: true,
  });
  const types: string[] = [];
  for await (const { type } of stream) types.push(type);
  expect(types).toEqual(['transcript.text.delta', 'transcript.text.delta', 'transcript.text.done']);
});

test('JSON with spaces before it is JSON to the client', async () => {
  const { openai, sized } = await clientOf({ paddingAfterMilliseconds: 20, beatMilliseconds: 20 });
  const answer = await openai.audio.transcriptions.create({
    file: await sized({ words: ['ONE'], milliseconds: 150 }),
    model: 'tiny',
  });
  expect(answer.text).toBe('ONE');
});
