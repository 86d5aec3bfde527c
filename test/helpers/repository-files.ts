/** The files of this repository, for tests that hold its documents and modules to its conventions. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const NOT_OURS = ['node_modules', 'dist', '.cache', '.git'];

/** Paths from the root of the repository, as git writes them. */
export function filesBelow(folder: string): readonly string[] {
  return readdirSync(path.join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const file = path.posix.join(folder, entry.name);
    if (entry.isDirectory()) return NOT_OURS.includes(entry.name) ? [] : filesBelow(file);
    return entry.isFile() ? [file] : [];
  });
}

export const textOf = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');

/** The modules of this repository that a TypeScript module names: imports, imports of types, exports from them. */
export function importsOf(file: string): readonly string[] {
  const named = textOf(file).matchAll(/\b(?:from|import) ?\(?'([^']+)'/g);
  return [...named].flatMap(([, fileName = '']) => {
    // One in Node, one in browsers.
    if (fileName === '#platform') return ['src/platform/node.ts', 'src/platform/browser.ts'];
    if (fileName === '#model-files')
      return ['src/platform/node-model-files.ts', 'src/platform/browser-model-files.ts'];
    return fileName.startsWith('.') ? [path.posix.join(path.posix.dirname(file), fileName)] : [];
  });
}
