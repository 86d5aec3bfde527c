/** The Node face of the platform: Dawn for WebGPU, the file system, and audio decoders. */
import type { Platform } from '../base/platform.ts';
import { messageOf } from '../base/checks.ts';
import { UniSpeechError } from '../base/errors.ts';
import { decodeAudioFile } from './node-audio.ts';
import { fetchAudio } from './http-audio.ts';
import { isHttp, openModelFiles, toPath } from './node-model-files.ts';
import { noAdapterFix, requestNodeGpu } from './node-gpu.ts';
import { tuningStore } from './node-tuning-store.ts';
import { readFile } from 'node:fs/promises';

export { modelStorage } from './node-model-files.ts';

export const platform: Platform = {
  name: 'node',
  requestGpu: requestNodeGpu,
  get noAdapterFix() {
    return noAdapterFix();
  },
  openModelFiles,
  tuningStore,
  async readAudioFile(location, signal) {
    const text = String(location);
    if (isHttp(text)) return fetchAudio(text, signal, 'Check the address and the connection.');
    try {
      return await readFile(toPath(text), { ...(signal && { signal }) });
    } catch (cause) {
      signal?.throwIfAborted();
      const reason = messageOf(cause);
      throw new UniSpeechError(
        'not-found',
        `The audio file ${text} could not be read: ${reason}.`,
        undefined,
        {
          cause,
        },
      );
    }
  },
  decodeAudio: decodeAudioFile,
};
