/** The platform in browsers: the page's own WebGPU, HTTP, and the browser's audio decoders. */
import type { WarningCallback } from '../base/files.ts';
import { loadPart } from '../base/load-part.ts';
import type { Platform } from '../base/platform.ts';
import { FileCache } from '../files/file-cache.ts';
import { httpFiles } from '../files/http-files.ts';
import { huggingFaceUrl } from '../files/location.ts';
import { NO_ADAPTER_FIX, requestBrowserGpu } from './browser-gpu.ts';
import { modelUrl } from './browser-location.ts';
import { openCache, tuningStore } from './browser-storage.ts';

export { modelStorage } from './browser-storage.ts';

const warnOnConsole: WarningCallback = (_code, message) => console.warn(message);

export const platform: Platform = {
  name: 'browser',
  requestGpu: requestBrowserGpu,
  noAdapterFix: NO_ADAPTER_FIX,
  openModelFiles(location, { cache = true, revision, stallTimeoutMs, onWarning = warnOnConsole } = {}) {
    const url = modelUrl(location, revision);
    const id = String(location);
    return httpFiles(url, {
      location: id,
      stallTimeoutMs,
      missingFix: huggingFaceUrl(location)
        ? `Check the name at https://huggingface.co/${id}, or write ./${id} for a folder beside this page.`
        : undefined,
      // Files of other schemes, such as those of an extension, are on the disk already.
      cache: cache && url.protocol.startsWith('http') ? new FileCache(openCache, onWarning) : undefined,
    });
  },
  tuningStore,
  // Pages that bring samples never load it.
  readAudioFile: async (...args) =>
    (await loadPart(import('./browser-audio.ts'), 'reads audio files')).readAudioFile(...args),
  decodeAudio: async (...args) =>
    (await loadPart(import('./browser-audio.ts'), 'reads audio files')).decodeAudio(...args),
};
