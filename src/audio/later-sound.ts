/** Sound whose file is opened by its iteration. Until then nothing is known of it. */
import type { SoundBlock, SoundStream } from '../base/sound-stream.ts';

/** @param iterate gives the blocks. It calls `tell` once it has what knows of the whole. */
export function laterSound(
  iterate: (
    tell: (known: Pick<SoundStream, 'declaredSeconds' | 'warnings'>) => void,
  ) => AsyncIterator<SoundBlock, void, undefined>,
): SoundStream {
  let source: Pick<SoundStream, 'declaredSeconds' | 'warnings'> | undefined;
  return {
    get declaredSeconds() {
      return source?.declaredSeconds;
    },
    get warnings() {
      return source?.warnings ?? [];
    },
    [Symbol.asyncIterator]: () => iterate((known) => (source = known)),
  };
}
