/**
 * Runs a TypeScript file of this repository in Node: bundles it as the build does, then imports the bundle.
 * Usage: node scripts/run-ts.mjs FILE [ARGUMENT...]
 */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const [entry, ...args] = process.argv.slice(2);
if (entry === undefined) throw new Error('usage: node scripts/run-ts.mjs FILE [ARGUMENT...]');
const outfile = path.resolve('node_modules/.cache/run-ts', `${entry.replace(/[^\w]+/g, '-')}.mjs`);
await build({
  entryPoints: [entry],
  outfile,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  packages: 'external',
  loader: { '.wgsl': 'text' },
  logLevel: 'warning',
});
process.argv = [process.argv[0], entry, ...args];
await import(pathToFileURL(outfile).href);
