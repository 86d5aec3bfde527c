/**
 * Runs a TypeScript file of this repository in Node: bundles it as the build does, then imports the bundle.
 * Usage: node scripts/run-ts.mjs FILE [ARGUMENT...]
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const [entry, ...args] = process.argv.slice(2);
if (entry === undefined) throw new Error('usage: node scripts/run-ts.mjs FILE [ARGUMENT...]');
const outdir = path.resolve('node_modules/.cache/run-ts');
const name = entry.replace(/[^\w]+/g, '-');
mkdirSync(outdir, { recursive: true });
writeFileSync(path.join(outdir, 'package.json'), '{"type":"module"}');
await build({
  // Threads that decode are found beside it, as in the package.
  entryPoints: { [name]: entry, 'node-decode-worker': 'src/platform/node-decode-worker.ts' },
  outdir,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  packages: 'external',
  loader: { '.wgsl': 'text' },
  logLevel: 'warning',
});
process.argv = [process.argv[0], entry, ...args];
await import(pathToFileURL(path.join(outdir, `${name}.js`)).href);
