/**
 * Builds `dist/`: the Node face and the CLI as ES modules with every shader inside, and the type
 * declarations (`--no-types` leaves those out, for a quick demo). `--outdir DIR` builds elsewhere.
 */
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { minifiedWgsl } from './lib/minify-wgsl.mjs';

const { values } = parseArgs({
  options: { 'no-types': { type: 'boolean' }, outdir: { type: 'string', default: 'dist' } },
});
const { outdir } = values;

rmSync(outdir, { recursive: true, force: true });
/** What both faces have in common. */
const common = {
  outdir,
  bundle: true,
  format: 'esm',
  legalComments: 'none',
  logLevel: 'warning',
};
await build({
  ...common,
  entryPoints: {
    node: 'src/index.ts',
    cli: 'src/cli/main.ts',
    // Not exported: the demo of this repository draws the same progress bar as the CLI.
    'terminal-progress': 'src/cli/terminal-progress.ts',
  },
  splitting: true,
  platform: 'node',
  loader: { '.wgsl': 'text' },
  target: 'node20',
  packages: 'external',
  chunkNames: 'chunks/[name]-[hash]',
});
// Each browser entry is one file without imports, so that it can be copied anywhere.
await build({
  ...common,
  entryPoints: { unispeech: 'src/index.ts' },
  platform: 'browser',
  plugins: [minifiedWgsl()],
  conditions: ['browser'],
  target: 'es2022',
  minify: true,
});
if (!values['no-types']) {
  const tsc = ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json', '--outDir', `${outdir}/types`];
  execFileSync(process.execPath, tsc, { stdio: 'inherit' });
}
