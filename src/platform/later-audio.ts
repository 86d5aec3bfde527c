/** The readers of audio files, as pages load them: with their first file. Pages that bring samples never do. */
import { laterSound } from '../audio/later-sound.ts';
import { loadPart } from '../base/load-part.ts';
import type { Platform } from '../base/platform.ts';

export const openAudioFile: Platform['openAudioFile'] = (location, signal) => ({
  blocks: {
    async *[Symbol.asyncIterator]() {
      const open = (await loadPart(import('./browser-audio.ts'), 'reads audio files')).openAudioFile;
      yield* open(location, signal).blocks;
    },
  },
});

export const streamAudio: Platform['streamAudio'] = (...args) =>
  laterSound(async function* (tell) {
    const stream = (await loadPart(import('./browser-audio.ts'), 'reads audio files')).streamAudio;
    const sound = stream(...args);
    tell(sound);
    yield* sound;
  });

export const decodeAudio: Platform['decodeAudio'] = async (...args) =>
  (await loadPart(import('./browser-audio.ts'), 'reads audio files')).decodeAudio(...args);
