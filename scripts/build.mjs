/**
 * Builds `dist/`: the browser entries, the Node entries and the CLI as ES modules with every shader inside, and the type
 * declarations (`--no-types` leaves those out, for a quick demo). `--outdir DIR` builds elsewhere.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { minify } from 'terser';
import { finishTypes } from './lib/finish-types.mjs';
import { minifiedWgsl, uniformNames } from './lib/minify-wgsl.mjs';

const { values } = parseArgs({
  options: { 'no-types': { type: 'boolean' }, outdir: { type: 'string', default: 'dist' } },
});
const { outdir } = values;

/** What both faces have in common. */
const common = {
  outdir,
  bundle: true,
  format: 'esm',
  legalComments: 'none',
  logLevel: 'warning',
  metafile: true,
};
const forNode = await build({
  ...common,
  entryPoints: {
    node: 'src/index.ts',
    'node-ctc': 'src/ctc.ts',
    'node-doctor': 'src/doctor/index.ts',
    'node-profile': 'src/profile/index.ts',
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
const forBrowsers = await build({
  ...common,
  entryPoints: {
    unispeech: 'src/index.ts',
    ctc: 'src/ctc.ts',
    doctor: 'src/doctor/index.ts',
    microphone: 'src/microphone/index.ts',
    profile: 'src/profile/index.ts',
    'microphone-worklet': 'src/microphone/worklet.ts',
    worker: 'src/worker/index.ts',
    'worker-host': 'src/worker/worker-host.ts',
  },
  platform: 'browser',
  plugins: [minifiedWgsl('shaders')],
  // Planners name the fields of uniforms as the shaders do, for readers; only their order counts.
  mangleProps: new RegExp(`^(${uniformNames('shaders').join('|')})$`),
  conditions: ['browser'],
  target: 'es2022',
  // Only their place: the readers of audio files and the kernels with their references come first where an entry uses them, each together
  // within the 32 KB that gzip looks back. It saves 1 KB.
  inject: ['src/audio/decode-file.ts', 'kernels/known-answers.ts'],
  minify: true,
  write: false,
});
// A second pass by terser saves 3 % after gzip.
mkdirSync(outdir, { recursive: true });
for (const { path: file, text } of forBrowsers.outputFiles) {
  const { code } = await minify(text, {
    module: true,
    ecma: 2022,
    // Nothing here reads the length of a function.
    compress: { passes: 3, keep_fargs: false, unsafe_arrows: true },
  });
  writeFileSync(file, code);
}

// What earlier builds left goes at last, so that a page that is being served never misses a file. `web` has a build of its own,
// and a build without types leaves those that are there.
const built = new Set(
  [forNode, forBrowsers].flatMap(({ metafile }) =>
    Object.keys(metafile.outputs).map((file) => path.relative(outdir, file)),
  ),
);
for (const entry of readdirSync(outdir, { recursive: true, withFileTypes: true })) {
  const file = path.relative(outdir, path.join(entry.parentPath, entry.name));
  const isKept =
    file.startsWith(`web${path.sep}`) || (values['no-types'] && file.startsWith(`types${path.sep}`));
  if (entry.isFile() && !built.has(file) && !isKept) rmSync(path.join(outdir, file), { force: true });
}
if (!values['no-types']) {
  const tsc = ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json', '--outDir', `${outdir}/types`];
  execFileSync(process.execPath, tsc, { stdio: 'inherit' });
  const { exports } = JSON.parse(readFileSync('package.json', 'utf8'));
  const entries = Object.values(exports).flatMap(({ types }) =>
    types ? [path.relative('dist/types', types)] : [],
  );
  finishTypes(path.join(outdir, 'types'), entries);
}
