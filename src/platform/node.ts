/** The platform in Node: Dawn for WebGPU, the file system, and audio decoders. */
import type { Platform } from '../base/platform.ts';
import { decodeAudioFile, streamAudio } from './node-audio.ts';
import { openAudioFile } from './node-audio-file.ts';
import { decodeAhead } from './node-decode-ahead.ts';
import { openModelFiles } from './node-model-files.ts';
import { noAdapterFix, requestNodeGpu } from './node-gpu.ts';
import { tuningStore } from './node-tuning-store.ts';

export { modelStorage } from './node-model-files.ts';

export const platform: Platform = {
  name: 'node',
  requestGpu: requestNodeGpu,
  get noAdapterFix() {
    return noAdapterFix();
  },
  openModelFiles,
  tuningStore,
  openAudioFile,
  streamAudio,
  decodeAhead,
  decodeAudio: decodeAudioFile,
};
