/** The page's half of `npm run bench -- browser`: loads and runs on command, on the page itself or in a worker. */
import { modelStorage, pipeline } from '/dist/unispeech.js';
import { createWorkerPipeline } from '/dist/worker.js';

const CREATE = { page: pipeline, worker: createWorkerPipeline };
let recognize;

/** Seeded noise: never constant, the same every time. */
function noise(sampleCount) {
  let state = 1;
  return Float32Array.from({ length: sampleCount }, () => {
    state = (state * 48271) % 2147483647;
    return state / 1073741824 - 1;
  });
}

async function milliseconds(work) {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

globalThis.bench = {
  /** Loads a model and returns the milliseconds and the warnings on the way. */
  async load(where, url) {
    const warnings = [];
    const took = await milliseconds(async () => {
      recognize = await CREATE[where]('automatic-speech-recognition', url, {
        progress_callback: (info) => {
          if (info.status === 'warning') warnings.push(`${info.code}: ${info.message}`);
        },
      });
    });
    return { milliseconds: took, warnings };
  },
  run: (sampleCount) => milliseconds(() => recognize(noise(sampleCount))),
  dispose: () => recognize.dispose(),
  clear: () => modelStorage.clear(),
  async adapter() {
    const { info } = await globalThis.navigator.gpu.requestAdapter();
    return [info.vendor, info.architecture, info.description].filter(Boolean).join(' ');
  },
};
