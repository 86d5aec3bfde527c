/** What reads audio that comes bit by bit, loaded with the first such audio: pages that bring samples never load it. */
import { platform } from '#platform';
import type { AudioStream } from '../audio/audio-stream.ts';
import { loadPart } from '../base/load-part.ts';
import { isAudioItems } from './audio-items.ts';
import type { OpenSoundOptions, SoundSource } from './open-sound.ts';

/** `openSound` of `open-sound.ts`. Until its iteration begins nothing is known of the sound. */
export function openSoundLater(source: SoundSource, options: OpenSoundOptions): AudioStream {
  const { name, sampleRate } = options;
  let opened: AudioStream | undefined;
  return {
    name,
    sampleRate,
    get declaredSeconds() {
      return opened?.declaredSeconds;
    },
    get warnings() {
      return opened?.warnings ?? [];
    },
    async *[Symbol.asyncIterator]() {
      // At the same time. An error comes again when a file is read.
      if (!isAudioItems(source)) platform.prepareAudioFiles?.().catch(() => undefined);
      const stream = (await loadPart(import('./open-sound.ts'), 'reads streams of audio')).openSound(
        source,
        options,
      );
      opened = stream;
      yield* stream;
    },
  };
}

/** `closeItems` of `item-stream.ts`, for anything that may be a stream. */
export async function closeItems(source: unknown): Promise<void> {
  if (isAudioItems(source))
    await (await loadPart(import('./item-stream.ts'), 'reads streams of audio')).closeItems(source);
}
