/**
 * Builds `dist/`: the browser entries, the Node entries and the CLI as ES modules with every shader inside, and the type declarations.
 * `--only bundles` leaves the declarations out, for a quick demo; `--only types` makes nothing else. `--outdir DIR` builds elsewhere.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { minify } from 'terser';
import { finishTypes } from './lib/finish-types.mjs';
import { inlinedImports, ownCopies } from './lib/lazy-imports.mjs';
import { minifiedWgsl, uniformNames } from './lib/minify-wgsl.mjs';

const { only, outdir } = parseArgs({
  options: { only: { type: 'string' }, outdir: { type: 'string', default: 'dist' } },
}).values;
if (![undefined, 'bundles', 'types'].includes(only)) {
  console.error(`scripts/build.mjs: --only takes "bundles" or "types", not "${only}"`);
  process.exit(2);
}

/** What all bundles have in common. */
const common = {
  outdir,
  bundle: true,
  format: 'esm',
  legalComments: 'none',
  logLevel: 'warning',
  metafile: true,
};

if (only !== 'types') {
  const metafiles = [await buildForNode(), await buildForPages(), await buildForBundlers()];
  const built = metafiles.flatMap(({ outputs }) =>
    Object.keys(outputs).map((file) => path.relative(outdir, file)),
  );
  removeAllBut(new Set(built));
}
if (only !== 'bundles') buildTypes();

async function buildForNode() {
  const { metafile } = await build({
    ...common,
    entryPoints: {
      node: 'src/index.ts',
      'node-beam': 'src/beam/index.ts',
      'node-captions': 'src/captions/index.ts',
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
    chunkNames: 'chunks/[name]-[hash]',
  });
  return metafile;
}

/** Each entry for pages is one file without imports, so that it can be copied anywhere. */
function buildForPages() {
  return buildForBrowsers({
    entryPoints: {
      unispeech: 'src/index.ts',
      beam: 'src/beam/index.ts',
      captions: 'src/captions/index.ts',
      doctor: 'src/doctor/index.ts',
      microphone: 'src/microphone/index.ts',
      profile: 'src/profile/index.ts',
      'microphone-worklet': 'src/microphone/worklet.ts',
      worker: 'src/worker/index.ts',
      'worker-host': 'src/worker/worker-host.ts',
    },
    plugins: [inlinedImports],
    // They have no effect but on the order of the code: where an entry uses them, downloads come first, then the readers of audio files, then the
    // kernels with their references. What is alike then lies within the 32 KB that gzip looks back, which saves 0.9 KB.
    inject: ['src/files/http-files.ts', 'src/audio/decode-file.ts', 'kernels/known-answers.ts'],
  });
}

/**
 * For bundlers: what not every app needs is in chunks, which they load when it is used. The worker and the microphone stay one file each, as
 * they find other files beside them by their address.
 */
function buildForBundlers() {
  return buildForBrowsers({
    outdir: path.join(outdir, 'bundler'),
    entryPoints: { unispeech: 'src/index.ts', doctor: 'src/doctor/index.ts' },
    splitting: true,
    chunkNames: '[name]-[hash]',
    // `parseWav` is public, and a part of the readers of audio files.
    plugins: [ownCopies('src/index.ts', /\/(wav|pcm|pcm-reader|chunks|byte-window|ima-adpcm)\.ts$/)],
  });
}

async function buildForBrowsers({ plugins, ...options }) {
  const { metafile, outputFiles } = await build({
    ...common,
    ...options,
    platform: 'browser',
    plugins: [minifiedWgsl('shaders'), ...plugins],
    // Planners name the fields of uniforms as the shaders do, for readers; only their order counts.
    mangleProps: new RegExp(`^(${uniformNames('shaders').join('|')})$`),
    conditions: ['browser'],
    target: 'es2022',
    minify: true,
    write: false,
  });
  // A second pass by terser saves 3 % after gzip.
  for (const { path: file, text } of outputFiles) {
    const { code } = await minify(text, {
      ecma: 2022,
      // Nothing here reads the length of a function, and no getter has an effect.
      compress: {
        module: true,
        toplevel: true,
        passes: 6,
        inline: 1,
        keep_fargs: false,
        pure_getters: true,
        unsafe_arrows: true,
      },
      // esbuild has given the shortest names of modules to what is used most.
      mangle: { module: false, toplevel: false },
    });
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, code);
  }
  return metafile;
}

/**
 * What earlier builds left goes at last, so that a page that is being served never misses a file. `web` has a build of its own, and
 * `types` stay where none are made.
 */
function removeAllBut(built) {
  for (const entry of readdirSync(outdir, { recursive: true, withFileTypes: true })) {
    const file = path.relative(outdir, path.join(entry.parentPath, entry.name));
    const isKept = file.startsWith(`web${path.sep}`) || file.startsWith(`types${path.sep}`);
    if (entry.isFile() && !built.has(file) && !isKept) rmSync(path.join(outdir, file), { force: true });
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
