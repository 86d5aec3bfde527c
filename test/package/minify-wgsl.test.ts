/** The shortened shaders hold the same tokens as the readable ones. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { minifyWgsl } from '../../scripts/lib/minify-wgsl.mjs';

const SHADERS = fileURLToPath(new URL('../../shaders/', import.meta.url));

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
  ['a line comment', 'let a = 1; // one\nlet b = 2;', 'let a = 1;\nlet b = 2;'],
  ['a comment at the end', 'let a = 1; // one', 'let a = 1;'],
  ['indentation and empty lines', '  if (a) {\n\n    b();\n  }\n', 'if (a) {\nb();\n}'],
  ['Windows line ends', 'a();\r\n  b();\r\n', 'a();\nb();'],
  ['a block comment between tokens', 'let/* x */a = 1;', 'let a = 1;'],
  ['nested block comments', 'a(); /* x /* y */ // z */ b();', 'a();   b();'],
  ['a block mark in a line comment', 'a(); // no /* block\nb();', 'a();\nb();'],
  ['divisions', 'let a = b / c / (d);', 'let a = b / c / (d);'],
])('handles %s', (_, source, expected) => {
  expect(minifyWgsl(source)).toBe(expected);
});

it('refuses a block comment without an end', () => {
  expect(() => minifyWgsl('a(); /* b')).toThrow('not closed');
});
