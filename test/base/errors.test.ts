/** `instanceof` across copies of the class, as a page has them that imports two of the browser entries. */
import { expect, it, vi } from 'vitest';
import { UniSpeechError } from '../../src/base/errors.ts';

it('is an instance of another copy of its class', async () => {
  vi.resetModules();
  const copy = await import('../../src/base/errors.ts');
  expect(copy.UniSpeechError).not.toBe(UniSpeechError);
  const error: unknown = new copy.UniSpeechError('bad-input', 'No.', 'Yes.');
  expect(error).toBeInstanceOf(UniSpeechError);
  expect(error).toMatchObject({
    name: 'UniSpeechError',
    code: 'bad-input',
    message: 'No. Yes.',
    fix: 'Yes.',
  });
});

it('has no other errors and values as instances', () => {
  for (const value of [new Error('a'), new TypeError('a'), { name: 'UniSpeechError' }, 'a', null, undefined])
    expect(value instanceof UniSpeechError).toBe(false);
});

it('leaves the meaning of instanceof to classes that extend it', () => {
  class Narrow extends UniSpeechError {}
  expect(new Narrow('bad-input', 'a') instanceof UniSpeechError).toBe(true);
  expect(new Narrow('bad-input', 'a') instanceof Narrow).toBe(true);
  expect(new UniSpeechError('bad-input', 'a') instanceof Narrow).toBe(false);
});
