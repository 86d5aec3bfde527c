import { describe, expect, it } from 'vitest';
import { JsonFile, readJson } from '../../src/base/json-file.ts';
import { memoryFiles } from '../helpers/memory-files.ts';

describe('readJson', () => {
  it('reads values, tells null from a missing file, and names a malformed one', async () => {
    const files = memoryFiles({ 'a.json': '{"x": 1}', 'null.json': 'null', 'bad.json': '{"x": ' });
    expect(await readJson(files, 'a.json')).toEqual({ x: 1 });
    expect(await readJson(files, 'null.json')).toBeNull();
    expect(await readJson(files, 'none.json')).toBeUndefined();
    await expect(readJson(files, 'bad.json')).rejects.toThrow(
      /memory\/bad\.json is not valid JSON: .*Download/,
    );
  });
});

describe('JsonFile', () => {
  it('tells null from absent, and names file and key of a wrong type', () => {
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
