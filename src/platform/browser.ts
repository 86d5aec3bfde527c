/** The platform in browsers: the page's own WebGPU, HTTP, and the browser's audio decoders. */
import type { Platform } from '../base/platform.ts';
import { NO_ADAPTER_FIX, requestBrowserGpu } from './browser-gpu.ts';
import { openModelFiles } from './browser-model-files.ts';
import { tuningStore } from './browser-storage.ts';
import { decodeAudio, openAudioFile, prepareAudioFiles, streamAudio } from './later-audio.ts';

export { modelStorage } from './browser-storage.ts';

export const platform: Platform = {
  name: 'browser',
  requestGpu: requestBrowserGpu,
  noAdapterFix: NO_ADAPTER_FIX,
  openModelFiles,
  tuningStore,
  openAudioFile,
  prepareAudioFiles,
  streamAudio,
  decodeAudio,
};
