/** JSON of any size and depth ends in a value or in one sentence, and what Python writes is read as Python reads it. */
import { describe, expect, test } from 'vitest';
import { parseJson, parsePythonJson } from '../../src/base/parse-json.ts';

describe('parsePythonJson', () => {
  test('reads NaN and Infinity as numbers, also in lists, and leaves them alone in strings', () => {
    const text = '{"a": NaN, "b": [Infinity,-Infinity], "c": "NaN, \\"NaN", "Infinity": -1e3, "d\\\\": NaN}';
    expect(parsePythonJson(text)).toEqual({
      a: NaN,
      b: [Infinity, -Infinity],
      c: 'NaN, "NaN',
      Infinity: -1000,
      'd\\': NaN,
    });
  });

  test.each([
    '{"a": -NaN}',
    '{"a": nan}',
    '{"a": NaNs}',
    '{NaN: 1}',
    '{"a": +Infinity}',
    '{"a": 1.NaN}',
    'NaN NaN',
  ])('refuses %s, as Python does', (text) => {
    expect(() => parsePythonJson(text)).toThrow(SyntaxError);
  });

  test('takes a byte order mark and zeros at the end for nothing', () => {
    expect(parsePythonJson(`\ufeff{"a": 1}${'\0'.repeat(4096)}`)).toEqual({ a: 1 });
    expect(() => parsePythonJson('{"a": \0 1}')).toThrow(SyntaxError);
  });

  test('keys such as __proto__ stay keys', () => {
    expect(Object.keys(parsePythonJson('{"__proto__": NaN}') as object)).toEqual(['__proto__']);
  });
});

describe('depth', () => {
  test.each(['[', '{"a":', '[{"a":', '[NaN,['])('of a million levels of %s is an error', (open) => {
    const text = open.repeat(1_000_000);
    expect(() => parseJson(text)).toThrow('it nests deeper than 64 levels');
    expect(() => parsePythonJson(text)).toThrow('it nests deeper than 64 levels');
  });

  test('of 64 levels is read', () => {
    const text = '['.repeat(64) + ']'.repeat(64);
    expect(parseJson(text)).toHaveLength(1);
    expect(() => parseJson(`[${text}]`)).toThrow('deeper');
  });

  test('does not count brackets in strings, nor in one after an escaped quote', () => {
    const brackets = '['.repeat(100);
    expect(parseJson(`["${brackets}", "\\"${brackets}", "\\\\", "\\\\\\"${brackets}"]`)).toHaveLength(4);
  });
});

test('strings of many MB, of backslashes too, are read', () => {
  const text = 'a'.repeat(8e6);
  expect(parseJson(`["${text}"]`)).toEqual([text]);
  const slashes = '\\\\'.repeat(2e6);
  expect(parseJson(`["${slashes}"]`)).toEqual(['\\'.repeat(2e6)]);
  expect(() => parseJson(`["${text}`)).toThrow(SyntaxError);
});
