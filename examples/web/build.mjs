/**
 * Builds the example pages into a static folder (`dist/web`, or `--outdir DIR`): page scripts with the built package
 * inside, styles, the tiny model and the sample clips. URLs are relative, so the folder can lie anywhere on any
 * static host. The package must have been built: `npm run web:build` does both.
 */
import { cpSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const ROOT = path.dirname(path.dirname(HERE));
const { values } = parseArgs({ options: { outdir: { type: 'string', default: 'dist/web' } } });
const outdir = path.resolve(ROOT, values.outdir);

/** Every page: its folder in the output, its name in the navigation, and its folder here. */
const pages = JSON.parse(readFileSync(path.join(HERE, 'pages.json'), 'utf8'));

rmSync(outdir, { recursive: true, force: true });
mkdirSync(outdir, { recursive: true });
await build({
  // The script of a page is `NAME.ts` in its folder.
  entryPoints: Object.fromEntries(
    pages.map(({ name, folder }) => [`${name}/${name}`, path.join(ROOT, folder, `${name}.ts`)]),
  ),
  absWorkingDir: ROOT,
  outdir,
  bundle: true,
  // What pages share, the engine first of all, is downloaded once.
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  format: 'esm',
  platform: 'browser',
  // The benchmarks are made of the sources, shaders included.
  loader: { '.wgsl': 'text' },
  target: 'es2022',
  minify: true,
  legalComments: 'none',
  logLevel: 'warning',
  // The type checker's "paths" lead to the sources; pages must get the built package, by its own "exports".
  tsconfigRaw: {},
});

const isStatic = (file) => /\.(html|css|svg)$/.test(file) || !path.extname(file);
cpSync(path.join(HERE, 'index.html'), path.join(outdir, 'index.html'));
cpSync(path.join(HERE, 'shared'), path.join(outdir, 'shared'), { recursive: true, filter: isStatic });
for (const { name, folder } of pages) {
  cpSync(path.join(ROOT, folder), path.join(outdir, name), { recursive: true, filter: isStatic });
}
// An audio worklet is a file of its own.
cpSync(path.join(ROOT, 'dist/microphone-worklet.js'), path.join(outdir, 'shared/microphone-worklet.js'));
// So is the script of a worker.
cpSync(path.join(ROOT, 'dist/standalone/worker-host.js'), path.join(outdir, 'shared/worker-host.js'));
cpSync(path.join(ROOT, 'examples/audio'), path.join(outdir, 'audio'), { recursive: true });
cpSync(path.join(ROOT, 'examples/models'), path.join(outdir, 'models'), { recursive: true });
