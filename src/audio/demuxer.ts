/**
 * The interface of the demuxers (FLAC, Ogg, MP3): bytes of a file in, packets out, as soon as both are there. Pure and synchronous. The
 * bytes may come in blocks of any size, and the packets are the same for all of them.
 */
import type { EncodedStretch, SilentStretch, StreamFormat } from './encoded-audio.ts';

/**
 * A stretch, or a part of one: a long stretch comes in several. `range` counts the part's own decoded samples. Parts of one MP3 stretch
 * may differ in channel count, because a stereo frame may follow mono ones.
 */
export interface StretchPart extends EncodedStretch {
  /** Whether it goes on where the last part ended, so that the decoder keeps its state. */
  readonly continues: boolean;
  /** Makes one file of the packets of several parts. */
  readonly format: StreamFormat;
}

export interface Demuxer {
  /** Takes the next bytes of the file. Packets may be views on them, so they must not change afterwards. */
  push(bytes: Uint8Array): void;
  /**
   * Says that no bytes follow. To be called once.
   * @throws Error for a file without readable sound; UniSpeechError `unsupported` if the sound has another codec.
   */
  finish(): void;
  /** Takes what is certain by now and was not taken before, in order. After `finish()` that is everything. */
  take(): readonly (StretchPart | SilentStretch)[];
  /** Problems that were worked around, one sentence each; complete after `finish()`. */
  readonly warnings: readonly string[];
  /** The length of the sound as the file's header tells it, in seconds; undefined where it does not, or not yet. */
  readonly declaredSeconds: number | undefined;
}
