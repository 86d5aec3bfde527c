/**
 * Builds `dist/`: the browser entries, the Node entries and the CLI as ES modules with every shader inside, and the type declarations.
 * `--only node` makes what Node runs, within seconds, for the demo and the server; `--only bundles` also the browser entries; `--only types` nothing but
 * declarations. `--outdir DIR` builds elsewhere.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { buildForBrowsers } from './lib/browser-build.mjs';
import { finishTypes } from './lib/finish-types.mjs';

const { only, outdir } = parseArgs({
  options: { only: { type: 'string' }, outdir: { type: 'string', default: 'dist' } },
}).values;
if (![undefined, 'node', 'bundles', 'types'].includes(only)) {
  console.error(`scripts/build.mjs: --only takes "node", "bundles" or "types", not "${only}"`);
  process.exit(2);
}

if (only === 'node') removeAllBut(await buildForNode(), ['node-chunks']);
else if (only !== 'types')
  removeAllBut([...(await buildForNode()), ...(await buildForBrowsers(outdir))], ['']);
if (only === undefined || only === 'types') buildTypes();

/** @returns what was written, relative to `outdir`. */
async function buildForNode() {
  const { metafile } = await build({
    outdir,
    bundle: true,
    format: 'esm',
    legalComments: 'none',
    logLevel: 'warning',
    metafile: true,
    entryPoints: {
      node: 'src/index.ts',
      'node-align': 'src/align/index.ts',
      'node-beam': 'src/beam/index.ts',
      'node-captions': 'src/captions/index.ts',
      'node-phones': 'src/phones/index.ts',
      'node-score': 'src/score/index.ts',
      'node-doctor': 'src/doctor/index.ts',
      'node-profile': 'src/profile/index.ts',
      cli: 'src/cli/main.ts',
      // Not exported: the thread that decodes audio files.
      'node-decode-worker': 'src/platform/node-decode-worker.ts',
      // Not exported: the demo of this repository draws the same progress bar as the CLI.
      'terminal-progress': 'src/cli/terminal-progress.ts',
    },
    splitting: true,
    platform: 'node',
    loader: { '.wgsl': 'text' },
    target: 'node20',
    packages: 'external',
    chunkNames: 'node-chunks/[name]-[hash]',
  });
  return Object.keys(metafile.outputs).map((file) => path.relative(outdir, file));
}

/**
 * What earlier builds left goes at last, so that a page that is being served never misses a file. `web` has a build of its own, and
 * `types` stay where none are made.
 * @param built relative to `outdir`.
 * @param folders that were built whole; `''` is `outdir` itself.
 */
function removeAllBut(built, folders) {
  for (const entry of readdirSync(outdir, { recursive: true, withFileTypes: true })) {
    const file = path.relative(outdir, path.join(entry.parentPath, entry.name));
    const isKept = file.startsWith(`web${path.sep}`) || file.startsWith(`types${path.sep}`);
    const isOfBuild = folders.some((folder) => file.startsWith(folder));
    if (entry.isFile() && isOfBuild && !built.includes(file) && !isKept)
      rmSync(path.join(outdir, file), { force: true });
  }
}

function buildTypes() {
  const folder = path.join(outdir, 'types');
  rmSync(folder, { recursive: true, force: true });
  const tsc = ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json', '--outDir', folder];
  execFileSync(process.execPath, tsc, { stdio: 'inherit' });
  const { exports } = JSON.parse(readFileSync('package.json', 'utf8'));
  const entries = Object.values(exports).flatMap(({ types }) =>
    types ? [path.relative('dist/types', types)] : [],
  );
  finishTypes(folder, entries);
}
