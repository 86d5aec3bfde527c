/** Many minutes of sound as a stream: memory is that of seconds. Short clips are repeated while they are read; nothing lies on the disk. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { openAudio } from '../../src/pipelines/open-audio.ts';
import { writeWav } from '../audio/write-wav.ts';
import { collectGarbage } from '../helpers/garbage.ts';

const EXAMPLES = new URL('../../examples/audio/', import.meta.url);
const CLIPS = new URL('../audio/clips/', import.meta.url);
const read = (url: URL): Uint8Array => new Uint8Array(readFileSync(url));
/** Without a size, as programs write it to a pipe. */
const wavStart = writeWav({
  tag: 1,
  bits: 16,
  sampleRate: 44_100,
  channelCount: 2,
  data: new Uint8Array(0),
  declaredDataBytes: 0xffffffff,
});
const second = new Uint8Array(
  Int16Array.from({ length: 88_200 }, (_, index) => 9000 * Math.sin(index / 9)).buffer,
);

async function* repeated(start: Uint8Array, part: Uint8Array, count: number) {
  yield await Promise.resolve(start);
  for (let index = 0; index < count; index += 1) yield await Promise.resolve(part);
}

/** What is in use, without garbage, in MB. */
const usedMegabytes = (): number => {
  collectGarbage();
  const { arrayBuffers, heapUsed } = process.memoryUsage();
  return (arrayBuffers + heapUsed) / 1e6;
};

const nothing = new Uint8Array(0);
test.each<[string, Uint8Array, Uint8Array, number, number]>([
  ['WAV', new Uint8Array(wavStart), second, 600, 600],
  ['MP3', nothing, read(new URL('yes-five.mp3', CLIPS)), 300, 300 * 1.9],
  ['FLAC', nothing, read(new URL('yes-five.flac', EXAMPLES)), 300, 300 * 1.9],
  ['Ogg', nothing, read(new URL('yes-five.opus', CLIPS)), 100, 100 * 1.9],
])('%s', async (_, start, part, count, leastSeconds) => {
  const { stream } = openAudio(repeated(start, part, count), { sampleRate: 16_000 });
  let sampleCount = 0;
  let nextCount = 0;
  const used: number[] = [];
  const before = usedMegabytes();
  for await (const block of stream) {
    sampleCount += block.length;
    if (sampleCount < nextCount) continue;
    nextCount += 16_000 * (leastSeconds / 10);
    used.push(usedMegabytes() - before);
  }
  expect(sampleCount / 16_000).toBeGreaterThanOrEqual(leastSeconds);
  expect(used.length).toBeGreaterThanOrEqual(10);
  // Freed memory may be counted for a while, so the least counts. In the second half at least half of the sound would be kept: 19, 18, 18 and 6 MB
  // at 16 kHz, and more as it is in the file.
  expect(Math.min(...used.slice(5))).toBeLessThan(4);
});
