/** Files of the field and damaged ones, decoded in Node: the lengths, which are ffmpeg's where it reads them whole, and the warnings. */
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { decodeAudioFile } from '../../src/platform/node-audio.ts';

const CLIPS = new URL('clips/', import.meta.url);
const read = (file: string) => new Uint8Array(readFileSync(new URL(file, CLIPS)));
const frameCount = ({ channels }: { readonly channels: readonly Float32Array[] }) => channels[0]?.length ?? 0;
const rms = (samples: Float32Array = new Float32Array(0)) =>
  Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);

// The decoder packages print the errors that they also return.
beforeEach(() => {
  vi.spyOn(console, 'error').mockReturnValue();
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe('whole', () => {
  test.each([
    ['flac-8k-id3v1-at-end.flac', 8000, 11_600],
    ['flac-8k-crlf-at-end.flac', 8000, 11_600],
    ['opus-chained-2.opus', 48_000, 176_166],
    ['opus-chained.opus', 48_000, 176_166],
    ['opus-chained-mono-stereo.opus', 48_000, 176_166],
    ['opus-paused-eos-in-the-middle.opus', 48_000, 92_886],
    ['opus-with-skeleton.opus', 48_000, 92_886],
    // 30,962 samples at 16 kHz and 83,280 at 48 kHz.
    ['vorbis-chained-16k-48k.ogg', 48_000, 176_166],
    ['yes-five.opus', 48_000, 92_886],
    ['yes-five.oga', 16_000, 30_962],
  ])('%s', async (file, sampleRate, sampleCount) => {
    const clip = await decodeAudioFile(read(file), file);
    expect(clip.sampleRate).toBe(sampleRate);
    expect(clip.channels).toHaveLength(1);
    expect(frameCount(clip)).toBe(sampleCount);
    expect(clip).not.toHaveProperty('warnings');
    // Sound to the end: in both halves.
    const [channel] = clip.channels;
    expect(rms(channel?.subarray(0, sampleCount / 2))).toBeGreaterThan(0.01);
    expect(rms(channel?.subarray(sampleCount / 2))).toBeGreaterThan(0.01);
  });
});

describe('damaged', () => {
  test('one wrong byte in FLAC: one frame is silence, and all else as it was', async () => {
    const whole = await decodeAudioFile(
      new Uint8Array(readFileSync(new URL('../../examples/audio/yes-five.flac', import.meta.url))),
      'whole',
    );
    const clip = await decodeAudioFile(read('flac-one-byte-55pct.flac'), 'damaged');
    expect(clip.warnings).toEqual([
      '0.26 s of it cannot be decoded, as it is damaged or missing, and is silence now: 0.26 s at 0.51 s.',
    ]);
    const expected = whole.channels[0]?.slice().fill(0, 8192, 12_288);
    expect(clip.channels).toEqual([expected]);
  });

  test('a page of Opus with a wrong byte is silence, and what follows keeps its time', async () => {
    const bytes = read('opus-paused-eos-in-the-middle.opus');
    const whole = await decodeAudioFile(bytes, 'whole');
    bytes[9000] = (bytes[9000] ?? 0) ^ 1;
    const clip = await decodeAudioFile(bytes, 'damaged');
    expect(frameCount(clip)).toBe(frameCount(whole));
    expect(clip.warnings).toEqual([
      '0.10 s of it cannot be decoded, as it is damaged or missing, and is silence now: 0.10 s at 0.69 s.',
    ]);
    // From a tenth of a second behind the gap on, the decoder has found back.
    const late = (samples: Float32Array = new Float32Array(0)) => samples.subarray(43_200);
    const difference = late(clip.channels[0]).map(
      (sample, index) => sample - (late(whole.channels[0])[index] ?? 0),
    );
    expect(rms(difference)).toBeLessThan(0.05 * rms(late(whole.channels[0])));
  });

  test('a packet that no decoder takes is silence for as long as it says', async () => {
    // Two frames of 10 ms and of one length, in one byte.
    const { demuxWhole } = await import('../helpers/demux-whole.ts');
    const { OggDemuxer } = await import('../../src/audio/ogg.ts');
    const { writeOgg } = await import('../../src/audio/ogg-pages.ts');
    const [stretch] = demuxWhole(new OggDemuxer(), read('yes-five.opus')).stretches;
    if (stretch?.codec !== 'opus') throw new Error('expected one stretch of Opus');
    const packets = stretch.packets.map((packet, index) => (index === 50 ? Uint8Array.of(1, 7) : packet));
    const head = new Uint8Array(19);
    head.set(new TextEncoder().encode('OpusHead\x01\x01'));
    const tags = new TextEncoder().encode('OpusTags\0\0\0\0\0\0\0\0');
    const file = writeOgg([head, tags, ...packets], [0, 0, ...packets.map((_, index) => 960 * (index + 1))]);
    const clip = await decodeAudioFile(file, 'x');
    expect(frameCount(clip)).toBe(packets.length * 960);
    expect(clip.warnings).toEqual([
      '0.02 s of it cannot be decoded, as it is damaged or missing, and is silence now: 0.02 s at 1.00 s.',
    ]);
  });

  test('so many pieces that no recording has them are bad-audio', async () => {
    const flac = read('flac-8k-crlf-at-end.flac');
    const other = new Uint8Array(
      readFileSync(new URL('../../examples/audio/yes-five.flac', import.meta.url)),
    );
    const pieces = Array.from({ length: 430 }, (_, index) => (index % 2 === 0 ? flac : other));
    await expect(decodeAudioFile(new Uint8Array(Buffer.concat(pieces)), 'x')).rejects.toMatchObject({
      code: 'bad-audio',
      message: 'x cannot be decoded as FLAC: it is in more than 411 pieces.',
    });
  });
});

describe('long files', () => {
  const bomb = read('silence-bomb-300s-8ch.flac');

  test('channels are mixed block by block, where one is asked for', async () => {
    const before = process.memoryUsage().arrayBuffers;
    let peak = 0;
    const timer = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage().arrayBuffers - before);
    }, 5);
    const clip = await decodeAudioFile(bomb, 'bomb', { mono: true }).finally(() => clearInterval(timer));
    expect(clip.channels).toHaveLength(1);
    expect(frameCount(clip)).toBe(300 * 48_000);
    // One channel of 300 s is 58 MB, eight of them 461 MB.
    expect(peak).toBeLessThan(200e6);
  }, 60_000);

  test('the limit holds after the first block, and names what to raise', async () => {
    const start = performance.now();
    await expect(decodeAudioFile(bomb, 'bomb', { maxSeconds: 299 })).rejects.toMatchObject({
      code: 'bad-audio',
      message:
        'bomb lasts 300.0 s according to its header, the limit is 299 s. Raise it by the option max_duration_s, or cut the file.',
    });
    expect(performance.now() - start).toBeLessThan(2000);
  });

  test('a signal ends decoding', async () => {
    const reason = new Error('stop');
    await expect(decodeAudioFile(bomb, 'bomb', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});
