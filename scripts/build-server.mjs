/**
 * Builds `packages/server/dist`: the command `unispeech-server`, what its processes run, and the page that it shows. Packages stay outside.
 * `--outdir DIR` builds elsewhere.
 */
import { copyFileSync, existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';

const { outdir } = parseArgs({
  options: { outdir: { type: 'string', default: 'packages/server/dist' } },
}).values;
const source = 'packages/server/src';

/** Each is a file of its own in `dist`: the command, and scripts that child processes run. */
const ENTRIES = { main: 'main.ts', 'engine-child': 'engine/engine-child.ts' };

rmSync(outdir, { recursive: true, force: true });
await build({
  outdir,
  entryPoints: Object.fromEntries(
    Object.entries(ENTRIES).map(([name, file]) => [name, path.join(source, file)]),
  ),
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  packages: 'external',
  // Without the paths of tsconfig.json, which would bundle the sources of the engine.
  tsconfigRaw: {},
  chunkNames: 'chunks/[name]-[hash]',
  logLevel: 'warning',
});
const page = path.join(source, 'page');
await build({
  outdir: path.join(outdir, 'page'),
  entryPoints: [path.join(page, 'page.ts')],
  bundle: true,
  format: 'esm',
  platform: 'browser',
  target: 'es2022',
  minify: true,
  logLevel: 'warning',
});
for (const name of ['index.html', 'page.css'])
  if (existsSync(path.join(page, name))) copyFileSync(path.join(page, name), path.join(outdir, 'page', name));
copyFileSync('LICENSE', path.join(outdir, 'LICENSE'));
