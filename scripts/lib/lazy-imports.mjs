/** What sources load with `loadPart(import('./x.ts'), …)` when it is needed: a chunk of its own, but a part like any other in bundles of one file. */
import { readFileSync } from 'node:fs';

const DYNAMIC_IMPORT = /\(\s*await loadPart\(\s*import\('([^']+)'\),\s*'[^']*',?\s*\)\s*\)/g;

/**
 * `(await loadPart(import('./x.ts'), 'does what')).name` becomes the `name` of a static import.
 * @param {string} source
 * @returns {string}
 */
export function inlineImports(source) {
  const imports = [];
  const code = source.replace(DYNAMIC_IMPORT, (_, module) => {
    const name = `inlined${imports.length}`;
    imports.push(`import * as ${name} from '${module}';`);
    return name;
  });
  if (/\bimport\(/.test(code))
    throw new Error("a dynamic import must be written (await loadPart(import('…'), '…')).name");
  return `${imports.join('\n')}\n${code}`;
}

/**
 * For bundles of one file. esbuild alone would wrap such a module and all that it imports in functions, and keep exports that nobody uses.
 * @type {import('esbuild').Plugin}
 */
export const inlinedImports = {
  name: 'inlined-imports',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, ({ path: file }) => {
      const source = readFileSync(file, 'utf8');
      return source.includes('import(') ? { contents: inlineImports(source), loader: 'ts' } : undefined;
    });
  },
};
