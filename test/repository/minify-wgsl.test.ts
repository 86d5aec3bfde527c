/** The shortened shaders hold the same tokens as the readable ones, under other names. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { joinLines, minifyWgsl, uniformNames } from '../../scripts/lib/minify-wgsl.mjs';
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

test.each(readdirSync(SHADERS).filter((name) => name.endsWith('.wgsl')))(
  'keeps every token of %s',
  (name) => {
    const source = readFileSync(SHADERS + name, 'utf8');
    const short = minifyWgsl(source);
    expect(tokens(short)).toEqual(tokens(source));
    expect(short.length).toBeLessThan(source.length);
    expect(short).not.toMatch(/\/\/|\/\*|^\s|\s$|\n\n/m);
    const joined = joinLines(short);
    expect(tokens(joined)).toEqual(tokens(source));
    expect(joined.split('\n').length).toBeLessThanOrEqual(
      1 + (short.match(/^(?:@compute|fn)\b/gm) ?? []).length,
    );
  },
);

test.each([
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

test('lines end where tokens would become one, and before functions', () => {
  expect(joinLines('let a=\nb\n-c;\nlet d=e-\n-f;\n@compute\n@workgroup_size(1)\nfn g()\n{}')).toBe(
    'let a=b-c;let d=e-\n-f;\n@compute@workgroup_size(1)\nfn g(){}',
  );
});

test('refuses a block comment without an end', () => {
  expect(() => minifyWgsl('a(); /* b')).toThrow('not closed');
});

test('constants get short names where nothing but shaders spells them', () => {
  const source = 'const OWN_ROWS:u32=2u*TILE_ROWS;\nconst TILE_ROWS:u32=4u;\nfn f()->u32{return OWN_ROWS;}';
  const names = shortNames([source], (constant) => constant === 'TILE_ROWS');
  expect(renameAll(source, names)).toBe(
    'const _0:u32=2u*TILE_ROWS;\nconst TILE_ROWS:u32=4u;\nfn f()->u32{return _0;}',
  );
});

describe('short names', () => {
  const sources = shaders.map(minifyWgsl);
  const names = shortNames(sources);

  test('differ from each other and from every name that stays', () => {
    const short = [...names.values()];
    expect(new Set(short).size).toBe(short.length);
    const kept = shaders.flatMap(tokens).filter((token) => !names.has(token));
    expect(kept.filter((token) => short.includes(token))).toEqual([]);
    expect(names.size).toBeGreaterThan(100);
  });

  test('spare what WGSL and the preludes spell', () => {
    for (const name of [
      'main',
      'vec4f',
      'THREAD_COUNT',
      'workgroup',
      'storage',
      'dot',
      'u32',
      'workgroup_id',
    ])
      expect(names.has(name), name).toBe(false);
    for (const name of ['params', 'write_out', 'Params']) expect(names.has(name), name).toBe(true);
    for (const name of ['x', 'w']) expect(names.get(name)).toBe(name);
  });

  test('rename whole words only', () => {
    const renamed = renameAll('fn write_out() { return params.names_of_nobody + _params; }', names);
    expect(renamed).toBe(
      `fn ${names.get('write_out')}() { return ${names.get('params')}.names_of_nobody + _params; }`,
    );
  });

  test.each([
    [
      'parameters and variables in the order in which they come',
      'fn f(sum: u32, total: f32) { let first = sum; var second: u32 = first + sum; }',
      'fn f(b: u32, c: f32) { let d = b; var e: u32 = d + b; }',
    ],
    [
      'a loop',
      'fn f() { for (var row = 0u; row < 4u; row++) { g(row); } }',
      'fn f() { for (var b = 0u; b < 4u; b++) { g(b); } }',
    ],
    ['each function anew', 'fn f(sum: u32) { }\nfn g(total: u32) { }', 'fn f(b: u32) { }\nfn g(b: u32) { }'],
    ['no member', 'fn f(limit: u32) { return a.limit + v.x; }', 'fn f(b: u32) { return a.limit + v.x; }'],
    [
      'a variable of the name of one outside',
      'fn f() { let a = 1; return a; }',
      'fn f() { let b = 1; return b; }',
    ],
    ['nothing of the preludes', 'fn f() { const LANES: u32 = 1; }', 'fn f() { const LANES: u32 = 1; }'],
  ])('are given to %s', (_, source, expected) => {
    expect(renameAll(source, new Map([['a', 'a']]))).toBe(expected);
  });

  test('are one for each name of a function, whatever it is', () => {
    const isName = (token: string): boolean => /^[A-Za-z_]/.test(token);
    for (const source of sources) {
      const [before, after] = [source, renameAll(source, names)].map((text) => text.split(/\bfn\b/));
      expect(after?.length).toBe(before?.length);
      before?.forEach((text, index) => {
        // `a.b` is one token here: members have names of their own.
        const from = tokens(text);
        const to = tokens(after?.[index] ?? '');
        expect(to.length).toBe(from.length);
        expect(new Set(from.map((token, i) => `${token} ${to[i]}`)).size).toBe(new Set(from).size);
        expect(new Set(to).size).toBe(new Set(from).size);
        from.forEach((token, i) => {
          if (!isName(token)) expect(to[i]).toBe(token);
        });
      });
    }
  });

  test('refuse a function that uses a name from outside before its own of that name', () => {
    expect(() => renameAll('fn f() { let b = a; let a = b; }', new Map([['a', 'a']]))).toThrow(
      'a function uses "a" from outside and declares another one',
    );
  });
});

test('names of uniforms, which the browser build shortens, are those of nothing else', () => {
  const uniforms = uniformNames(SHADERS);
  expect(uniforms.length).toBeGreaterThan(30);
  const folder = fileURLToPath(new URL('../../src', import.meta.url));
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  const words = new Set(
    files.flatMap((file) => readFileSync(path.join(folder, file), 'utf8').match(/\w+_\w+/g) ?? []),
  );
  expect(uniforms.filter((name) => words.has(name))).toEqual([]);
});
