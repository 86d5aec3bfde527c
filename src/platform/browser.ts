/** The browser face of the platform: the page's own WebGPU, HTTP, and the browser's audio decoders. */
import { parseWav } from '../audio/wav.ts';
import { sniffAudioFormat } from '../audio/container.ts';
import { UniSpeechError } from '../base/errors.ts';
import type { AudioClip } from '../base/files.ts';
import type { Platform } from '../base/platform.ts';
import { httpFiles } from '../weights/index.ts';

export const platform: Platform = {
  name: 'browser',
  requestGpu() {
    const { gpu } = navigator as { readonly gpu?: GPU };
    if (gpu) return Promise.resolve(gpu);
    throw new UniSpeechError('no-webgpu', 'This browser offers no WebGPU here.', 'Use a recent browser.');
  },
  noAdapterFix: 'Turn on hardware acceleration in the browser settings.',
  openModelFiles: (location) => httpFiles(new URL(location, globalThis.location.href)),
  async readAudioFile(location, signal) {
    const response = await fetch(location, { ...(signal && { signal }) });
    return new Uint8Array(await response.arrayBuffer());
  },
  decodeAudio: async (bytes, name): Promise<AudioClip> => {
    if (sniffAudioFormat(bytes) === 'wav') return parseWav(bytes, name);
    const context = new OfflineAudioContext(1, 1, 16_000);
    const decoded = await context.decodeAudioData(bytes.slice().buffer);
    return {
      channels: Array.from({ length: decoded.numberOfChannels }, (_, index) => decoded.getChannelData(index)),
      sampleRate: decoded.sampleRate,
    };
  },
};
