/** How a build of one file holds what others load later. */
import { expect, test } from 'vitest';
import { inlineImports } from '../../scripts/lib/lazy-imports.mjs';

test('dynamic imports become static ones, each by itself', () => {
  const source = `
export const read = async () => (await loadPart(import('./a.ts'), 'reads')).read();
export const write = async (text) =>
  (
    await loadPart(
      import('./b.ts'),
      'writes',
    )
  ).write(text);`;
  expect(inlineImports(source)).toBe(`import * as inlined0 from './a.ts';
import * as inlined1 from './b.ts';

export const read = async () => inlined0.read();
export const write = async (text) =>
  inlined1.write(text);`);
});

test('one in another form is refused: it would be left in the bundle', () => {
  expect(() => inlineImports("const { read } = await import('./a.ts');")).toThrow('must be written');
});
