/**
 * Decoded lengths beside those of ffmpeg, an implementation by others: sound lost or doubled shows here. The numbers are committed;
 * `test/reference/ffmpeg_lengths.mjs` makes them.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { decodeAudioFile } from '../../src/platform/node-audio.ts';

const ROOT = new URL('../../', import.meta.url);
/** Of files in which rates are mixed, resampled by either, a sample may be rounded away. */
const TOLERANCE_SECONDS = 0.001;

const [, ...ROWS] = readFileSync(new URL('ffmpeg-lengths.tsv', import.meta.url), 'utf8')
  .replace(/\n$/, '')
  .split('\n')
  .map((line) => line.split('\t'));

beforeEach(() => {
  // The decoder packages print the errors that they also return.
  vi.spyOn(console, 'error').mockReturnValue();
});
afterEach(() => {
  vi.restoreAllMocks();
});

test('every clip has its row', () => {
  const names = ['examples/audio', 'test/audio/clips'].flatMap((folder) =>
    readdirSync(new URL(folder, ROOT))
      .filter((name) => !/\.(md|tsv|aac|m4a|webm)$/.test(name))
      .map((name) => `${folder}/${name}`),
  );
  expect(ROWS.map(([file]) => file).sort()).toEqual(names.sort());
});

test.each(ROWS)('%s at %s Hz: %s samples and %s s', async (file, rate, frames, more, why) => {
  // What differs on purpose has a reason.
  expect(why !== '').toBe(more !== '0');
  const decoding = decodeAudioFile(new Uint8Array(readFileSync(new URL(file, ROOT))), file);
  if (more === 'refused') {
    await expect(decoding).rejects.toMatchObject({ code: 'bad-audio' });
    return;
  }
  const { channels, sampleRate } = await decoding;
  const seconds = (channels[0]?.length ?? 0) / sampleRate;
  const expected = Number(frames) / Number(rate) + Number(more);
  expect(Math.abs(seconds - expected), `${seconds} s`).toBeLessThan(TOLERANCE_SECONDS);
});
