/** What decoding a stream does where the source or the format is not what it expects. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { decodeStream } from '../../src/audio/decode-stream.ts';
import { writeOgg } from '../../src/audio/ogg-pages.ts';
import { UniSpeechError } from '../../src/base/errors.ts';
import type { SoundBlock } from '../../src/base/sound-stream.ts';
import { streamAudio as streamInBrowser } from '../../src/platform/browser-audio.ts';
import { streamAudio } from '../../src/platform/node-audio.ts';

const MP3 = new Uint8Array(readFileSync(new URL('clips/yes-five.mp3', import.meta.url)));

async function readAll(sound: AsyncIterable<SoundBlock>): Promise<number> {
  let blockCount = 0;
  for await (const block of sound) blockCount += block.channels.length > 0 ? 1 : 0;
  return blockCount;
}

test("the source's own error stays what it is", async () => {
  const failure = new Error('read ECONNRESET');
  async function* blocks() {
    // Until it is certain that they are MP3.
    for (let count = 0; count < 20; count += 1) yield await Promise.resolve(MP3);
    throw failure;
  }
  await expect(readAll(streamAudio({ blocks: blocks() }, 'x'))).rejects.toBe(failure);
});

test('Ogg of another codec goes to a program that can read the file itself, however long it is', async () => {
  const ascii = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
  async function* blocks() {
    yield await Promise.resolve(writeOgg([ascii('Speex   1.2'), ascii('a')], [0, 1]));
    for (let count = 0; count < 5; count += 1) yield new Uint8Array(2 ** 24);
  }
  const open = (path?: string) =>
    decodeStream(
      { blocks: blocks(), path },
      'x.spx',
      {},
      {
        openDecoder: () => ({
          decode: () => Promise.resolve(),
          finish: () => Promise.resolve(),
          free: () => undefined,
        }),
        decodeOther: (file) => ({
          declaredSeconds: undefined,
          warnings: [],
          async *[Symbol.asyncIterator]() {
            expect(file).toMatchObject({ path, format: 'ogg' });
            yield await Promise.resolve({ channels: [Float32Array.of(1)], sampleRate: 8000 });
          },
        }),
      },
    );
  expect(await readAll(open('/x.spx'))).toBe(1);
  await expect(readAll(open())).rejects.toThrow(/^No stream of x\.spx is Opus, Vorbis or FLAC/);
});

test('a worker does not read a file to its end only to say that it cannot decode it', async () => {
  let blockCount = 0;
  async function* blocks() {
    for (; blockCount < 100; blockCount += 1) yield await Promise.resolve(new Uint8Array(100_000).fill(7));
  }
  const error = await readAll(streamInBrowser({ blocks: blocks() }, 'x')).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(UniSpeechError);
  expect((error as Error).message).toMatch(/^x cannot be decoded in a worker: it starts with 07 07/);
  expect(blockCount).toBeLessThan(50);
});
