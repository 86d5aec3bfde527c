/** The benchmarks: `npm run bench -- SUITE [options]`. Each suite is a TypeScript file of `bench/`. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const SUITES = {
  e2e: {
    entry: 'bench/e2e/main.ts',
    summary: 'whole models: load, first run, steady runs, memory, beside peers',
  },
  kernels: {
    entry: 'bench/kernels/main.ts',
    summary: 'every kernel and variant on the shapes of models, against the peak of this adapter',
  },
  browser: {
    entry: 'bench/browser/main.ts',
    summary: 'the browser build in headless Chromium: size, load, first run, memory, longest task',
  },
  download: {
    entry: 'bench/download/main.ts',
    summary: 'what a browser downloads to recognise samples, and how much of it ever runs, by source file',
  },
  host: {
    entry: 'bench/host/main.ts',
    summary: 'audio before the GPU: times real time, beside decoders alone and ffmpeg',
  },
  align: {
    entry: 'bench/align/main.ts',
    summary: 'forced alignment: word edges beside the truth, and what an hour takes',
  },
  decode: {
    entry: 'bench/decode/main.ts',
    summary: 'beam search with and without a language model, beside pyctcdecode',
  },
  lookups: {
    entry: 'bench/lookups/main.ts',
    summary: 'words a second that language models score: ARPA texts, KenLM binaries in memory and in pages',
  },
  long: {
    entry: 'bench/long/main.ts',
    summary: 'hours of audio and many files: peak memory, and seconds of audio per second',
  },
  load: {
    entry: 'bench/load/main.ts',
    summary: 'loading of safetensors and pytorch_model.bin, side by side, and torch.load in Python',
  },
  memory: {
    entry: 'bench/memory/main.ts',
    summary: 'memory of models on the device and in the process, beside the estimate of the doctor',
  },
  queue: {
    entry: 'bench/queue/main.ts',
    summary: 'jobs a second of the queue servers that this machine has: PostgreSQL, Redis, Valkey',
  },
  server: {
    entry: 'bench/server/main.ts',
    summary: 'the server: 50 clients at once, batches of its engine, a batch that is killed again and again',
  },
  isa: { entry: 'bench/isa/main.ts', summary: 'what an AMD GPU would issue, kernel by kernel, without one' },
  peers: {
    entry: 'bench/peers/main.ts',
    summary: 'the same work in ONNX Runtime, TensorFlow.js and jax-js, in Node and in Chromium',
  },
  'install-peers': {
    entry: 'bench/peers/install.ts',
    summary: 'install the engines that e2e and peers compare with',
  },
};

const [name, ...args] = process.argv.slice(2);
if (name === undefined || !Object.hasOwn(SUITES, name)) {
  const list = Object.entries(SUITES).map(([suite, { summary }]) => `  ${suite.padEnd(14)}${summary}`);
  console.error(
    `${name === undefined ? 'No suite given.' : `There is no suite "${name}".`} Usage: npm run bench -- SUITE [--help]\n${list.join('\n')}`,
  );
  process.exit(2);
}
const { status } = spawnSync(process.execPath, ['scripts/run-ts.mjs', SUITES[name].entry, ...args], {
  cwd: ROOT,
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
