/** The same app, bundled from the sources with source maps, which tell the source file of a function. */
import { build, type BuildOptions } from 'esbuild';
import path from 'node:path';
import { pageWith, recognitionFrom } from '../../test/browser/helpers/recognising-app.ts';
import { ROOT, serveSite, type Site } from '../../test/browser/helpers/site.ts';
import { PAGE_BUILD } from '../lib/page-script.ts';
import type { CoveredScript } from './spans.ts';

/** What is bundled: all that the package exports, as in `dist/unispeech.js`, or what an app uses that imports `pipeline` alone. */
const ENTRIES = {
  page: { entryPoints: { unispeech: 'src/index.ts' } },
  app: { stdin: { contents: recognitionFrom('./src/index.ts'), resolveDir: ROOT } },
} satisfies Readonly<Record<string, BuildOptions>>;

export interface SourceApp {
  readonly site: Site;
  /** Of its page, on the site. */
  readonly address: string;
  /** The text of a script's source map; undefined for the module of the page, which is not bundled. */
  readonly mapOf: (script: CoveredScript) => string | undefined;
}

/** @throws Error if esbuild fails. */
export async function serveSourceApp(entry: keyof typeof ENTRIES): Promise<SourceApp> {
  const { outputFiles } = await build({
    ...PAGE_BUILD,
    ...ENTRIES[entry],
    absWorkingDir: ROOT,
    // Nothing is written: the names of sources are relative to it.
    outdir: '.',
    splitting: true,
    minify: true,
    sourcemap: 'external',
  });
  const built = new Map(outputFiles.map(({ path: file, text }) => [`/${path.relative(ROOT, file)}`, text]));
  const site = await serveSite({
    pages: {
      ...Object.fromEntries(Array.from(built, ([address, body]) => [address, { body }])),
      '/main.js': { body: recognitionFrom('./unispeech.js') },
      '/page.html': { body: pageWith('/main.js') },
      '/app.html': { body: pageWith('/stdin.js') },
    },
  });
  return {
    site,
    address: `/${entry}.html`,
    mapOf: ({ url }) => built.get(`${new URL(url).pathname}.map`),
  };
}
