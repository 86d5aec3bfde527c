import { describe, expect, test } from 'vitest';
import { JsonFile, readJson } from '../../src/base/json-file.ts';
import { memoryFiles } from '../helpers/memory-files.ts';

describe('readJson', () => {
  test('reads values, tells null from a missing file, and names a malformed one', async () => {
    const files = memoryFiles({ 'a.json': '{"x": 1}', 'null.json': 'null', 'bad.json': '{"x": ' });
    expect(await readJson(files, 'a.json')).toEqual({ x: 1 });
    expect(await readJson(files, 'null.json')).toBeNull();
    expect(await readJson(files, 'none.json')).toBeUndefined();
    await expect(readJson(files, 'bad.json')).rejects.toThrow(
      /memory\/bad\.json is not valid JSON: .*Download/,
    );
  });
});

describe('readJson of what is no JSON file', () => {
  test.each([
    [
      'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12\n',
      /is a Git LFS pointer .*git lfs pull/,
    ],
    ['# xet version 0\nfilesize = 5\n', /is a Xet pointer/],
    ['\ufeff \n<!doctype html><title>x</title>', /is a page of HTML .* and not the file/],
    ['', /config\.json is empty\. Download the file again/],
    ['\0\0\0', /is empty/],
    ['{"a":'.repeat(30_000), /nests deeper than 64 levels/],
    [`{"a": ${'\u001b[31m'.repeat(1e5)}`, /is not valid JSON/],
  ])('%#', async (text, message) => {
    const error: unknown = await readJson(memoryFiles({ 'config.json': text }), 'config.json').catch(
      (e: unknown) => e,
    );
    expect(error).toMatchObject({ code: 'bad-config', message: expect.stringMatching(message) as string });
    expect((error as Error).message.length).toBeLessThanOrEqual(400);
    expect((error as Error).message).not.toContain('\u001b');
  });
});

describe('JsonFile', () => {
  test('tells null from absent, and names file and key of a wrong type', () => {
    const file = new JsonFile(
      'f.json',
      JSON.parse('{"s": "x", "n": null, "i": 3, "o": {"b": 1}, "__proto__": true}'),
    );
    expect([file.string('s'), file.string('n'), file.string('absent')]).toEqual(['x', null, undefined]);
    expect([file.boolean('n'), file.boolean('__proto__')]).toEqual([undefined, true]);
    expect(() => file.string('i')).toThrow('f.json: "i" is 3, but it must be a string.');
    expect(() => file.boolean('s')).toThrow('f.json: "s" is "x", but it must be true or false.');
    expect(() => file.object('o')?.boolean('b')).toThrow('f.json, "o": "b" is 1');
    expect(() => file.object('s')).toThrow('f.json, "s" must hold an object, but it is "x".');
    expect(file.object('n')).toBeUndefined();
    expect(() => new JsonFile('f.json', [])).toThrow('f.json must hold an object, but it is an array of 0.');
  });
});
