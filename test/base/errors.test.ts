/** `instanceof` across copies of the class, as a page has them that imports two of the browser entries. */
import { describe, expect, test, vi } from 'vitest';
import { describeValue, rejectUnknownOptions, UniSpeechError } from '../../src/base/errors.ts';

test('is an instance of another copy of its class', async () => {
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

test('has no other errors and values as instances', () => {
  for (const value of [new Error('a'), new TypeError('a'), { name: 'UniSpeechError' }, 'a', null, undefined])
    expect(value instanceof UniSpeechError).toBe(false);
});

test('leaves the meaning of instanceof to classes that extend it', () => {
  class Narrow extends UniSpeechError {}
  expect(new Narrow('bad-input', 'a') instanceof UniSpeechError).toBe(true);
  expect(new Narrow('bad-input', 'a') instanceof Narrow).toBe(true);
  expect(new UniSpeechError('bad-input', 'a') instanceof Narrow).toBe(false);
});

describe('a message', () => {
  test('keeps its start, its end and what to do, whatever lies between', () => {
    const { message, sentence, fix } = new UniSpeechError(
      'bad-config',
      `start ${'x'.repeat(1e7)} end.`,
      'Do this.',
    );
    expect(message).toHaveLength(400);
    expect(message).toMatch(/^start x+ … x+ end\. Do this\.$/);
    expect(fix).toBe('Do this.');
    expect(`${sentence} ${fix ?? ''}`).toBe(message);
    const long = new UniSpeechError('bad-config', 'a'.repeat(1000), `Use ${'b'.repeat(1000)}.`);
    expect(long.message).toHaveLength(400);
    expect(long.fix).toMatch(/^Use b+ … b+\.$/);
    expect(long.message).toBe(`${long.sentence} ${long.fix ?? ''}`);
    const bare = new UniSpeechError('bad-config', 'No.');
    expect([bare.sentence, bare.message, bare.fix]).toEqual(['No.', 'No.', undefined]);
  });

  test('is one line without control characters, half pairs and marks that turn text around', () => {
    const { message } = new UniSpeechError(
      'bad-input',
      'a\u001b[31m\nb\0\u202ec\ud83d \ud83d\ude00 ß\u2028.',
    );
    expect(message).toBe('a\ufffd[31m b\ufffd\ufffdc\ufffd 😀 ß .');
  });
});

describe('describeValue', () => {
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  const throwing = {
    get constructor(): unknown {
      throw new Error('no');
    },
  };
  const cases: readonly (readonly [unknown, string])[] = [
    [revoked.proxy, 'an object'],
    [throwing, 'an object'],
    [Object.create(null), 'an object'],
    [() => 'source', 'a function'],
    [10n ** 10_000n, 'a bigint beyond 64 bits'],
    [-5n, '-5'],
    [Symbol('s'), 'Symbol(s)'],
    [NaN, 'NaN'],
    [new Float32Array(2), 'a Float32Array'],
    [undefined, 'undefined'],
  ];
  test('is short and never throws', () => {
    for (const [value, text] of cases) expect(describeValue(value)).toBe(text);
  });
});

test('refuses options that are no object', () => {
  for (const options of [null, 5, 'abc', ['a'], true, undefined, () => 0]) {
    const given = options as unknown as object;
    expect(() => rejectUnknownOptions(given, ['a'], 'f')).toThrow('The options of f are ');
  }
});
