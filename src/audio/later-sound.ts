/** Sound whose file is opened by its iteration. Until then nothing is known of it. */
import type { SoundBlock, SoundStream } from '../base/sound-stream.ts';

export type KnownSound = Pick<SoundStream, 'declaredSeconds' | 'warnings' | 'skippedFrames'>;

/** @param iterate gives the blocks. It calls `tell` once it has what knows of the whole. */
export function laterSound(
  iterate: (tell: (known: KnownSound) => void) => AsyncIterator<SoundBlock, void, undefined>,
): SoundStream {
  let source: KnownSound | undefined;
  return {
    get declaredSeconds() {
      return source?.declaredSeconds;
    },
    get warnings() {
      return source?.warnings ?? [];
    },
    get skippedFrames() {
      return source?.skippedFrames;
    },
    [Symbol.asyncIterator]: () => iterate((known) => (source = known)),
  };
}
