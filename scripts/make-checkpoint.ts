/**
 * Writes a folder with a seeded random UniSpeechForCTC, for benchmarks and tests:
 * `node scripts/run-ts.mjs scripts/make-checkpoint.ts base|large|tiny OUT_FOLDER`
 */
import { CONFIGS, isModelSize, MODEL_SIZES } from './lib/model-configs.mjs';
import { writeCheckpoint } from './lib/random-checkpoint.ts';

const [size = '', folder, ...rest] = process.argv.slice(2);
if (!isModelSize(size) || folder === undefined || rest.length > 0) {
  console.error(
    `usage: node scripts/run-ts.mjs scripts/make-checkpoint.ts ${MODEL_SIZES.join('|')} OUT_FOLDER`,
  );
  process.exit(2);
}
const start = performance.now();
const { parameterCount, byteLength } = await writeCheckpoint(CONFIGS[size], folder);
const seconds = (performance.now() - start) / 1000;
console.log(
  `${folder}: ${size}, ${(parameterCount / 1e6).toFixed(1)} M parameters, ${(byteLength / 1e6).toFixed(1)} MB in ${seconds.toFixed(1)} s`,
);
