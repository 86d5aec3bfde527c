import type { Plugin } from 'esbuild';

/** `(await loadPart(import('./x.ts'), 'does what')).name` becomes the `name` of a static import. */
export function inlineImports(source: string): string;
/** For bundles of one file: every dynamic import of the sources becomes a static one. */
export const inlinedImports: Plugin;
/** For chunks: an entry gets copies of files that it exports and a chunk needs too. */
export function ownCopies(entry: string, files: RegExp): Plugin;
