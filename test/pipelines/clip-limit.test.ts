/** Clips that are too long for the adapter: the error says how long they may be. */
import { expect, test } from 'vitest';
import { UniSpeechError } from '../../src/base/errors.ts';
import { withClipLimit } from '../../src/pipelines/clip-limit.ts';

/** Runs clips of at most so many samples. */
const modelOf = (most: number) => ({
  explain([, samples = 0]: readonly number[]) {
    if (samples > most) throw new Error('too long');
  },
});
const tooLarge = new UniSpeechError('limit-exceeded', 'A tensor is too large.', 'Use shorter audio.');

test.each([
  [213.7, 213],
  [213, 213],
  [1, 1],
])('clips of %d s fit', async (seconds, whole) => {
  const work = withClipLimit(modelOf(seconds * 16_000), 16_000, Promise.reject(tooLarge));
  await expect(work).rejects.toMatchObject({
    code: 'limit-exceeded',
    message: `A tensor is too large. Give clips of at most ${whole} s: this task runs each one whole, and this adapter cannot take longer ones with this model.`,
    cause: tooLarge,
  });
});

test.each([0.5, 1e9])('where clips of %d s fit, the length is not to blame', async (seconds) => {
  const work = withClipLimit(modelOf(seconds * 16_000), 16_000, Promise.reject(tooLarge));
  await expect(work).rejects.toBe(tooLarge);
});

test('other errors and results stay what they are', async () => {
  const other = new UniSpeechError('bad-audio', 'It is too short.');
  await expect(withClipLimit(modelOf(1), 1, Promise.reject(other))).rejects.toBe(other);
  await expect(withClipLimit(modelOf(1), 1, Promise.resolve(5))).resolves.toBe(5);
});
