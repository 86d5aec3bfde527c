import type { Plugin } from 'esbuild';

/** `(await loadPart(import('./x.ts'), 'does what')).name` becomes the `name` of a static import. */
export function inlineImports(source: string): string;
/** For bundles of one file: every dynamic import of the sources becomes a static one. */
export const inlinedImports: Plugin;
