/** The shortened shaders hold the same tokens as the readable ones, under other names. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { minifyWgsl } from '../../scripts/lib/minify-wgsl.mjs';
import { renameAll, shortNames } from '../../scripts/lib/shorten-names.mjs';

const SHADERS = fileURLToPath(new URL('../../shaders/', import.meta.url));

const shaders = readdirSync(SHADERS)
  .filter((name) => name.endsWith('.wgsl'))
  .map((name) => readFileSync(SHADERS + name, 'utf8'));

/** The tokens of WGSL, comments left out by another way than the one under test: one pattern that knows them as tokens. */
function tokens(source: string): string[] {
  const all = source.match(/\/\/[^\n]*|\/\*[^]*?\*\/|[\w.]+|[^\s\w]/g) ?? [];
  return all.filter((token) => !token.startsWith('//') && !token.startsWith('/*'));
}

it.each(readdirSync(SHADERS).filter((name) => name.endsWith('.wgsl')))('keeps every token of %s', (name) => {
  const source = readFileSync(SHADERS + name, 'utf8');
  const short = minifyWgsl(source);
  expect(tokens(short)).toEqual(tokens(source));
  expect(short.length).toBeLessThan(source.length);
  expect(short).not.toMatch(/\/\/|\/\*|^\s|\s$|\n\n/m);
});

it.each([
  ['a line comment', 'let a = 1; // one\nlet b = 2;', 'let a=1;\nlet b=2;'],
  ['a comment at the end', 'let a = 1; // one', 'let a=1;'],
  ['indentation and empty lines', '  if (a) {\n\n    b();\n  }\n', 'if(a){\nb();\n}'],
  ['Windows line ends', 'a();\r\n  b();\r\n', 'a();\nb();'],
  ['a block comment between tokens', 'let/* x */a = 1;', 'let a=1;'],
  ['nested block comments', 'a(); /* x /* y */ // z */ b();', 'a();b();'],
  ['a block mark in a line comment', 'a(); // no /* block\nb();', 'a();\nb();'],
  ['signs that must not become another operator', 'a = b - -c; d < -e;', 'a=b- -c;d< -e;'],
  ['words', 'return  a ;\nvar<storage, read_write> b : u32;', 'return a;\nvar<storage,read_write>b:u32;'],
  ['divisions', 'let a = b / c / (d);', 'let a=b/c/(d);'],
])('handles %s', (_, source, expected) => {
  expect(minifyWgsl(source)).toBe(expected);
});

it('refuses a block comment without an end', () => {
  expect(() => minifyWgsl('a(); /* b')).toThrow('not closed');
});

describe('short names', () => {
  const names = shortNames(shaders.map(minifyWgsl));

  it('differ from each other and from every name that stays', () => {
    const short = [...names.values()];
    expect(new Set(short).size).toBe(short.length);
    const kept = shaders.flatMap(tokens).filter((token) => !names.has(token));
    expect(kept.filter((token) => short.includes(token))).toEqual([]);
    expect(names.size).toBeGreaterThan(100);
  });

  it('spare what WGSL and the preludes spell', () => {
    for (const name of [
      'main',
      'vec4f',
      'THREAD_COUNT',
      'workgroup',
      'storage',
      'x',
      'dot',
      'u32',
      'workgroup_id',
    ])
      expect(names.has(name), name).toBe(false);
    for (const name of ['params', 'write_out', 'Params', 'first_row'])
      expect(names.has(name), name).toBe(true);
  });

  it('rename whole words only', () => {
    const source = 'fn write_out(z: u32) { return params.names_of_nobody; }';
    const renamed = renameAll(source, names);
    expect(renamed).toBe(
      source.replace('write_out', names.get('write_out') ?? '').replace('params', names.get('params') ?? ''),
    );
  });
});
