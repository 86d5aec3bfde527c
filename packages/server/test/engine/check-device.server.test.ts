/** The check of a device before it serves anybody: whoever gives two answers for one sound serves nobody. */
import { expect, test } from 'vitest';
import { checkDevice, type CheckedRecognizer } from '../../src/engine/child/check-device.ts';

/** Answers with a number for each call of a kind, and a text for each place in a batch. */
function recognizer(
  logitOf: (call: number) => number,
  textOf: (place: number) => string,
  frameCount = 3,
): CheckedRecognizer {
  let calls = 0;
  const recognize = (sound: Float32Array | readonly Float32Array[]): Promise<unknown> =>
    Promise.resolve(
      sound instanceof Float32Array
        ? { text: textOf(0) }
        : sound.map((_, place) => ({ text: textOf(place) })),
    );
  async function* emissions(): AsyncGenerator<{ readonly data: Float32Array }> {
    calls += 1;
    yield await Promise.resolve({ data: new Float32Array(frameCount).fill(logitOf(calls)) });
  }
  return Object.assign(recognize, { emissions }) as CheckedRecognizer;
}

test('one answer is fine, and its speed is measured', async () => {
  await expect(
    checkDevice(
      recognizer(
        () => 1,
        () => 'A',
      ),
      16_000,
    ),
  ).resolves.toBeGreaterThan(0);
});

test.each([
  [
    'other numbers for the same sound',
    recognizer(
      (call) => call,
      () => 'A',
    ),
    /value 0 of 3 was 1, then 2\./,
  ],
  [
    'NaN',
    recognizer(
      () => Number.NaN,
      () => 'A',
    ),
    /two answers/,
  ],
  [
    'no numbers',
    recognizer(
      () => 1,
      () => 'A',
      0,
    ),
    /two answers/,
  ],
  [
    'another text beside the same sound',
    recognizer(
      () => 1,
      (place) => 'AB'.charAt(place),
    ),
    /in a batch than alone/,
  ],
])('a device that gives %s serves nobody', async (_, liar, message) => {
  await expect(checkDevice(liar, 16_000)).rejects.toMatchObject({
    code: 'no_device',
    message: expect.stringMatching(message) as unknown,
  });
});
