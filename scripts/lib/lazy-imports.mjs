/**
 * What sources load with `loadPart(import('./x.ts'), …)` when it is needed: a part like any other in bundles of one file, a chunk of its own in the
 * build for bundlers.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';

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

/**
 * For chunks. What an entry exports and a chunk needs too is in both: esbuild, which splits by files, would let every app load it with what
 * it imports, used or not.
 * @param {string} entry the file that gets copies.
 * @param {RegExp} files that are copied: imported by the entry, or by a copy.
 * @returns {import('esbuild').Plugin}
 */
export function ownCopies(entry, files) {
  const importer = path.resolve(entry);
  return {
    name: 'own-copies',
    setup({ onLoad, onResolve }) {
      onResolve({ filter: files }, (args) =>
        args.importer === importer || args.pluginData?.isCopy
          ? { path: path.resolve(args.resolveDir, args.path), suffix: '?copy', pluginData: { isCopy: true } }
          : undefined,
      );
      onLoad({ filter: files }, ({ path: file, pluginData }) =>
        pluginData?.isCopy
          ? { contents: readFileSync(file, 'utf8'), loader: 'ts', resolveDir: path.dirname(file), pluginData }
          : undefined,
      );
    },
  };
}
