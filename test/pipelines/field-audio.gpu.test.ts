/** What is said in audio files as they are found in the field, and in damaged ones: every text, every warning, once. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { ProgressInfo } from '../../src/base/files.ts';
import type { AutomaticSpeechRecognitionPipeline } from '../../src/pipelines/automatic-speech-recognition.ts';
import { pipeline } from '../../src/pipelines/pipeline.ts';
import { clipFolder, modelFolder } from '../helpers/clips.ts';
import { shareTestContext } from '../helpers/gpu.ts';

const clips = fileURLToPath(new URL('../audio/clips/', import.meta.url));
const damaged = `${clips}flac-one-byte-55pct.flac`;
const events: ProgressInfo[] = [];
let release: () => void;
let recognize: AutomaticSpeechRecognitionPipeline;

beforeAll(async () => {
  release = await shareTestContext();
  recognize = await pipeline('asr', modelFolder, { progress_callback: (info) => events.push(info) });
});
afterAll(async () => {
  await recognize.dispose();
  release();
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe('texts', () => {
  test.each([
    ['flac-8k-id3v1-at-end.flac', 'FOUR FOUR'],
    ['flac-8k-crlf-at-end.flac', 'FOUR FOUR'],
    ['opus-chained-2.opus', 'YES FIVE FOUR FOUR'],
    ['opus-chained.opus', 'YES FIVE FOUR FOUR'],
    ['opus-chained-mono-stereo.opus', 'FOUR FOUR YES FIVE'],
    ['vorbis-chained-16k-48k.ogg', 'YES FIVE FOUR FOUR'],
    ['opus-paused-eos-in-the-middle.opus', 'YES FIVE'],
    ['opus-with-skeleton.opus', 'YES FIVE'],
    ['mp3-id3-then-junk.mp3', 'YES FIVE'],
    // The second half has a rate of 8 kHz, where the small model hears an L.
    ['mp3-joined-16k-and-8k.mp3', 'YES FIVE LES FIVE'],
    ['wav-alaw.wav', 'YES FIVE'],
    ['wav-ima.wav', 'YES FIVE'],
    ['wav-rf64.wav', 'YES FIVE'],
    ['wav-data-before-fmt.wav', 'YES FIVE'],
    ['aiff.aiff', 'YES FIVE'],
  ])('%s', async (file, text) => {
    expect((await recognize(clips + file)).text).toBe(text);
  });

  test('of a stream cut in the middle of a frame', async () => {
    expect((await recognize(`${clips}mp3-cut-from-a-stream.mp3`)).text).toBe('YES FIVE');
  });
});

describe('warnings', () => {
  const warning = `${damaged}: 0.26 s of it cannot be decoded, as it is damaged or missing, and is silence now: 0.26 s at 0.51 s.`;

  test('a clean file has no such key', async () => {
    expect(await recognize(`${clipFolder}yes-five.flac`)).not.toHaveProperty('warnings');
  });

  test('of a damaged file stand beside its text, and are told once', async () => {
    events.length = 0;
    const logged = vi.spyOn(console, 'warn').mockReturnValue();
    const [first, second] = await recognize([`${clipFolder}yes-five.flac`, damaged], { chunk_length_s: 1 });
    expect(first).not.toHaveProperty('warnings');
    expect(second?.warnings).toEqual([warning]);
    expect(events).toEqual([
      { status: 'warning', name: modelFolder, code: 'damaged-audio', message: warning },
    ]);
    expect(logged).not.toHaveBeenCalled();
  });

  test('go to the console where nobody listens', async () => {
    const logged = vi.spyOn(console, 'warn').mockReturnValue();
    await using quiet = await pipeline('asr', modelFolder);
    await quiet(new Uint8Array(readFileSync(damaged)));
    expect(logged.mock.calls).toEqual([[warning.replace(damaged, 'the audio')]]);
  });
});

describe('max_duration_s', () => {
  test('holds files, and says what it found', async () => {
    const file = `${clips}opus-chained.opus`;
    await expect(recognize(file, { max_duration_s: 3 })).rejects.toMatchObject({
      code: 'bad-audio',
      message: `${file} lasts at least 3.3 s, the limit is 3 s. Raise it by the option max_duration_s, or cut the file.`,
    });
    expect((await recognize(file, { max_duration_s: 3.7 })).text).toBe('YES FIVE FOUR FOUR');
  });

  test.each([0, -1, NaN, '60'])('%s is refused', async (value) => {
    await expect(recognize(damaged, { max_duration_s: value as number })).rejects.toMatchObject({
      code: 'bad-option',
      message: expect.stringContaining('max_duration_s') as string,
    });
  });
});
