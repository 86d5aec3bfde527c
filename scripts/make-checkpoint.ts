/**
 * Writes a folder with a seeded random CTC model, for benchmarks and tests:
 * `node scripts/run-ts.mjs scripts/make-checkpoint.ts base|wavlm-large|mms-tiny|… OUT_FOLDER`
 */
import { CONFIGS, isModelName, MODEL_NAMES } from './lib/model-configs.mjs';
import { writeCheckpoint } from './lib/random-checkpoint.ts';

const [name = '', folder, ...rest] = process.argv.slice(2);
if (!isModelName(name) || folder === undefined || rest.length > 0) {
  console.error(
    `usage: node scripts/run-ts.mjs scripts/make-checkpoint.ts ${MODEL_NAMES.join('|')} OUT_FOLDER`,
  );
  process.exit(2);
}
const start = performance.now();
const { parameterCount, byteLength } = await writeCheckpoint(CONFIGS[name], folder);
const seconds = (performance.now() - start) / 1000;
console.log(
  `${folder}: ${name}, ${(parameterCount / 1e6).toFixed(1)} M parameters, ${(byteLength / 1e6).toFixed(1)} MB in ${seconds.toFixed(1)} s`,
);
