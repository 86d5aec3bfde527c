/** Audio files in browsers: fetched, and decoded by the browser. Apart from the rest of the platform, as the worker's client needs no more. */
import { sniffAudioFormat } from '../audio/container.ts';
import { parseWav } from '../audio/wav.ts';
import type { Platform } from '../base/platform.ts';

export const readAudioFile: Platform['readAudioFile'] = async (location, signal) => {
  const response = await fetch(location, { ...(signal && { signal }) });
  return new Uint8Array(await response.arrayBuffer());
};

export const decodeAudio: Platform['decodeAudio'] = async (bytes, name) => {
  if (sniffAudioFormat(bytes) === 'wav') return parseWav(bytes, name);
  const context = new OfflineAudioContext(1, 1, 16_000);
  const decoded = await context.decodeAudioData(bytes.slice().buffer);
  return {
    channels: Array.from({ length: decoded.numberOfChannels }, (_, index) => decoded.getChannelData(index)),
    sampleRate: decoded.sampleRate,
  };
};
