/**
 * The browser files of `dist/`. The engine is in chunks, which its entries share and of which some are loaded when they are needed; what is in none of
 * them, and `standalone/`, is one file each without imports.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build, transform } from 'esbuild';
import { rolldown } from 'rolldown';
import { minify } from 'terser';
import { inlinedImports } from './lazy-imports.mjs';
import { minifiedShaders, uniformNames } from './minify-wgsl.mjs';
import { sharedChunks } from './shared-chunks.mjs';

const TARGET = 'es2022';
/** `#platform` and `#model-files`. */
const { imports } = JSON.parse(readFileSync('package.json', 'utf8'));

/** Entries that share chunks. They work from any folder, also through bundlers, which make chunks of these chunks. */
const IN_CHUNKS = {
  unispeech: 'src/index.ts',
  beam: 'src/beam/index.ts',
  doctor: 'src/doctor/index.ts',
  worker: 'src/worker/index.ts',
  'worker-host': 'src/worker/worker-host.ts',
};

/** Entries that are one file each. */
const IN_ONE_FILE = {
  align: 'src/align/index.ts',
  captions: 'src/captions/index.ts',
  phones: 'src/phones/index.ts',
  score: 'src/score/index.ts',
  microphone: 'src/microphone/index.ts',
  'microphone-worklet': 'src/microphone/worklet.ts',
  profile: 'src/profile/index.ts',
  // Service workers forbid `import()`, and some pages want one file to copy. The worker lies beside its client, which looks for it there.
  'standalone/unispeech': 'src/index.ts',
  'standalone/worker': 'src/worker/index.ts',
  'standalone/worker-host': 'src/worker/worker-host.ts',
};

/**
 * Makes all of them.
 * @param {string} outdir
 * @returns {Promise<readonly string[]>} what was written, relative to `outdir`.
 */
export async function buildForBrowsers(outdir) {
  const shaders = minifiedShaders('shaders');
  const outputs = [...(await chunks(shaders)), ...(await singleFiles(shaders))];
  for (const { fileName, code } of outputs) {
    const file = path.join(outdir, fileName);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, await squeezed(code));
  }
  return outputs.map(({ fileName }) => fileName);
}

async function chunks(shaders) {
  const modules = new Map();
  const sources = {
    name: 'sources',
    resolveId: (id) => (Object.hasOwn(imports, id) ? path.resolve(imports[id].browser) : undefined),
    load: (file) =>
      shaders.has(file)
        ? { code: `export default ${JSON.stringify(shaders.get(file))};`, moduleType: 'js' }
        : undefined,
    buildEnd() {
      for (const id of this.getModuleIds()) modules.set(id, this.getModuleInfo(id));
    },
  };
  const bundle = await rolldown({
    input: IN_CHUNKS,
    platform: 'browser',
    plugins: [sources],
    // An entry may export to chunks; a test compares its names with those of its source.
    preserveEntrySignatures: 'allow-extension',
    // As package.json says of the package.
    treeshake: { moduleSideEffects: false },
    transform: { target: TARGET },
  });
  // What imports what is known after a first round.
  await bundle.generate();
  const { output } = await bundle.generate({
    format: 'esm',
    chunkFileNames: 'chunks/[name]-[hash].js',
    codeSplitting: {
      includeDependenciesRecursively: false,
      groups: sharedChunks(modules).map(([name, files], index, { length }) => ({
        name,
        priority: length - index,
        test: (file) => files.has(file),
      })),
    },
  });
  await bundle.close();
  return output;
}

async function singleFiles(shaders) {
  const shortenedShaders = {
    name: 'shortened-shaders',
    setup: ({ onLoad }) =>
      onLoad({ filter: /\.wgsl$/ }, ({ path: file }) => ({ contents: shaders.get(file), loader: 'text' })),
  };
  const { outputFiles } = await build({
    outdir: '.',
    bundle: true,
    format: 'esm',
    legalComments: 'none',
    logLevel: 'warning',
    platform: 'browser',
    conditions: ['browser'],
    target: TARGET,
    minify: true,
    write: false,
    entryPoints: IN_ONE_FILE,
    plugins: [shortenedShaders, inlinedImports],
    // Planners name the fields of uniforms as the shaders do, for readers; only their order counts.
    mangleProps: new RegExp(`^(${uniformNames('shaders').join('|')})$`),
    // They have no effect but on the order of the code: where an entry uses them, downloads come first, then the readers of audio files, then the
    // kernels with their references. What is alike then lies within the 32 KB that gzip looks back, which saves 0.9 KB.
    inject: ['src/files/http-files.ts', 'src/audio/decode-file.ts', 'kernels/known-answers.ts'],
  });
  return outputFiles.map(({ path: file, text }) => ({ fileName: path.relative('.', file), code: text }));
}

/** esbuild gives the shortest names of modules to what is used most; a second pass by terser saves 3 % after gzip. */
async function squeezed(source) {
  const named = await transform(source, {
    minify: true,
    format: 'esm',
    target: TARGET,
    legalComments: 'none',
  });
  const { code } = await minify(named.code, {
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
    mangle: { module: false, toplevel: false },
  });
  return code;
}
