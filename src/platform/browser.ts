/** The browser face of the platform: the page's own WebGPU, HTTP, and the browser's audio decoders. */
import { UniSpeechError } from '../base/errors.ts';
import type { Platform } from '../base/platform.ts';
import { httpFiles } from '../weights/index.ts';
import { decodeAudio, readAudioFile } from './browser-audio.ts';

export const platform: Platform = {
  name: 'browser',
  requestGpu() {
    const { gpu } = navigator as { readonly gpu?: GPU };
    if (gpu) return Promise.resolve(gpu);
    throw new UniSpeechError('no-webgpu', 'This browser offers no WebGPU here.', 'Use a recent browser.');
  },
  noAdapterFix: 'Turn on hardware acceleration in the browser settings.',
  openModelFiles: (location) => httpFiles(new URL(location, globalThis.location.href)),
  readAudioFile,
  decodeAudio,
};
