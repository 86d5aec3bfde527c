/** Errors on their way from the worker to the page, which keep class, code, sentence and fix. */
import { expect, test } from 'vitest';
import { UniSpeechError } from '../../src/base/errors.ts';
import { packError, unpackError } from '../../src/base/packed-error.ts';

/** As `postMessage` hands a value over. */
const sent = (error: unknown): unknown => unpackError(structuredClone(packError(error)));

test.each([undefined, 'Do this.'])('an error of the engine arrives as it was, fix: %s', (fix) => {
  const cause = new UniSpeechError('network', 'The line is dead.', 'Wait.', { cause: new TypeError('deep') });
  const error = new UniSpeechError('bad-audio', 'It is broken.', fix, { cause });
  const arrived = sent(error);
  expect(arrived).toBeInstanceOf(UniSpeechError);
  expect(arrived).toMatchObject({ code: 'bad-audio', message: error.message, fix });
  expect(arrived).toMatchObject({
    cause: { code: 'network', message: 'The line is dead. Wait.', fix: 'Wait.', cause: { message: 'deep' } },
  });
  expect((arrived as UniSpeechError).cause).toBeInstanceOf(UniSpeechError);
});

test('errors of the platform and other reasons arrive as they are', () => {
  expect(sent(new RangeError('too much'))).toMatchObject({ name: 'RangeError', message: 'too much' });
  expect(sent('enough')).toBe('enough');
  expect(sent(null)).toBeNull();
});
