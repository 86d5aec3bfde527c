/** Audio that this package opens in its own way: what a page has for its worker. It goes wherever callers' audio goes. */
import type { AudioDecodeOptions } from '../base/platform.ts';
import type { SoundStream } from '../base/sound-stream.ts';

export class GivenSource {
  /** Shown in errors; undefined for what has no name of its own. */
  readonly name: string | undefined;
  /** @param name shown in errors. */
  readonly open: (name: string, options: AudioDecodeOptions) => SoundStream;

  constructor(name: string | undefined, open: GivenSource['open']) {
    this.name = name;
    this.open = open;
  }
}
