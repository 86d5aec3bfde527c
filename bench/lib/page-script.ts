/** Scripts of pages that are measured: bundled as the browser build is, but not minified. */
import { build, type BuildOptions } from 'esbuild';

/** What is built for a page, of the sources of the engine: not written to disk. */
export const PAGE_BUILD = {
  bundle: true,
  write: false,
  format: 'esm',
  platform: 'browser',
  conditions: ['browser'],
  target: 'es2022',
  loader: { '.wgsl': 'text' },
  logLevel: 'warning',
} satisfies BuildOptions;

/** @param entry what is bundled: a file with the engine, or a module given as text. @throws Error if esbuild fails. */
export async function pageScript(entry: Pick<BuildOptions, 'entryPoints' | 'stdin'>): Promise<Uint8Array> {
  const { outputFiles } = await build({ ...entry, ...PAGE_BUILD });
  const [file] = outputFiles;
  if (file === undefined) throw new Error('esbuild wrote no script for a page');
  return file.contents;
}
