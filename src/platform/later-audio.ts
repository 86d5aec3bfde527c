/** The readers of audio files, as pages load them: with their first file. Pages that bring samples never do. */
import { laterSound } from '../audio/later-sound.ts';
import { loadPart } from '../base/load-part.ts';
import type { Platform } from '../base/platform.ts';
import type { ByteStream } from '../base/sound-stream.ts';

const loadStreamAudio = async (): Promise<Platform['streamAudio']> =>
  (await loadPart(import('./browser-audio.ts'), 'reads audio files')).streamAudio;

/** Loads them before they are needed. */
export const prepareAudioFiles = async (): Promise<void> => {
  await loadStreamAudio();
};

export const openAudioFile: Platform['openAudioFile'] = (location, signal) => {
  const open = async (): Promise<ByteStream> =>
    (await loadPart(import('./browser-audio.ts'), 'reads audio files')).openAudioFile(location, signal);
  return {
    blocks: {
      async *[Symbol.asyncIterator]() {
        yield* (await open()).blocks;
      },
    },
    openRandom: async () => (await open()).openRandom?.(),
  };
};

export const streamAudio: Platform['streamAudio'] = (...args) =>
  laterSound(async function* (tell) {
    const sound = (await loadStreamAudio())(...args);
    tell(sound);
    yield* sound;
  });

export const decodeAudio: Platform['decodeAudio'] = async (...args) =>
  (await loadPart(import('./browser-audio.ts'), 'reads audio files')).decodeAudio(...args);
