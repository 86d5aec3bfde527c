/** decodeAudio: the sound that a pipeline would hear. */
import { expect, test } from 'vitest';
import { joinSamples } from '../../src/audio/channels.ts';
import type { AudioSource } from '../../src/pipelines/audio-source.ts';
import { decodeAudio, type DecodeAudioOptions } from '../../src/pipelines/decode-audio.ts';
import { listOf } from '../helpers/async-lists.ts';
import { clipFolder, readSamples } from '../helpers/clips.ts';

const samplesOf = async (audio: AudioSource, options?: DecodeAudioOptions): Promise<Float32Array> =>
  joinSamples(await listOf(decodeAudio(audio, options)));

test('gives the samples of a file that a pipeline hears, with its length', async () => {
  for (const name of ['four-four.wav', 'yes-five.flac', 'nine-nine.ogg']) {
    const sound = decodeAudio(clipFolder + name);
    const samples = joinSamples(await listOf(sound));
    expect(samples).toEqual(await readSamples(clipFolder + name));
    expect(sound.sampling_rate).toBe(16_000);
    if (name.endsWith('.wav')) expect(sound.declared_s).toBeCloseTo(samples.length / 16_000, 3);
    expect(sound.warnings).toEqual([]);
  }
});

test('gives another rate on request', async () => {
  const samples = new Float32Array(16_000).fill(0.5);
  const half = await samplesOf({ data: samples, sampling_rate: 16_000 }, { sampling_rate: 8000 });
  expect(half).toHaveLength(8000);
});

test('refuses wrong options, and names the audio as it is told to', async () => {
  for (const options of [{ rate: 8000 }, { max_duration_s: 0 }, { name: 3 }, { signal: 'x' }])
    expect(() => decodeAudio('a.wav', options as never)).toThrow(
      expect.objectContaining({ code: 'bad-option' }),
    );
  expect(() => decodeAudio('a.wav', { sampling_rate: 3 })).toThrow(
    expect.objectContaining({ code: 'bad-input' }),
  );
  await expect(
    samplesOf(`${clipFolder}four-four.wav`, { name: 'upload', max_duration_s: 0.1 }),
  ).rejects.toMatchObject({
    code: 'bad-audio',
    message: expect.stringMatching(/^upload lasts 1\.\d s/) as unknown,
  });
  const stop = new AbortController();
  stop.abort(new Error('enough'));
  await expect(samplesOf(`${clipFolder}four-four.wav`, { signal: stop.signal })).rejects.toThrow('enough');
});
