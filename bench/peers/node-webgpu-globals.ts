/**
 * What a page offers, in Node: `navigator.gpu` and the constants of WebGPU, for libraries that were written for browsers. To be
 * called before such a library is imported: some look for WebGPU only then.
 */
import { globals } from 'webgpu';
import { requestNodeGpu } from '../../src/platform/node-gpu.ts';

// Once this object is collected the process aborts, so it lives as long as the module.
let gpu: GPU | undefined;

export async function defineWebGpuGlobals(): Promise<void> {
  // With the flags of this project's own engine, so that all have the same Dawn.
  gpu ??= await requestNodeGpu();
  Object.assign(globalThis, globals);
  const navigator = { gpu, userAgent: 'Node.js', hardwareConcurrency: 1 };
  // Node 21 and newer have a `navigator` without `gpu`, which assignment cannot replace.
  Object.defineProperty(globalThis, 'navigator', { value: navigator, configurable: true });
}
