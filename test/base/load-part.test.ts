import { expect, test } from 'vitest';
import { UniSpeechError } from '../../src/base/errors.ts';
import { loadPart } from '../../src/base/load-part.ts';

test('a part that loads is passed on', async () => {
  expect(await loadPart(Promise.resolve({ value: 1 }), 'counts')).toEqual({ value: 1 });
});

test('one that does not is an error with a sentence and the cause', async () => {
  const cause = new TypeError(
    `Failed to fetch dynamically imported module: https://x.test/${'a'.repeat(900)}`,
  );
  const error = await loadPart(Promise.reject(cause), 'reads audio files').catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(UniSpeechError);
  expect(error).toMatchObject({ code: 'network', cause });
  const { message } = error as UniSpeechError;
  expect(message).toMatch(/^The code that reads audio files could not be loaded: Failed to fetch/);
  expect(message).toMatch(/reload the page: the site may have a newer version of it\.$/);
  expect(message.length).toBeLessThanOrEqual(400);
});
