/** Collects decoded sound into blocks of a good size, and counts what is lost. */
import { newChannels } from './channels.ts';
import type { SoundBlock } from '../base/sound-stream.ts';
import { secondsText } from './encoded-audio.ts';

/** Frames of a block. Larger blocks would leave the processor's cache, and smaller ones cost more calls. */
const BLOCK_FRAMES = 2 ** 14;
/** How many lost places a warning lists one by one. */
const MAX_PLACES = 3;

interface LostPlace {
  readonly start: number;
  seconds: number;
}

interface Silence {
  readonly frameCount: number;
  readonly sampleRate: number;
}

export class SoundQueue {
  #ready: (SoundBlock | Silence)[] = [];
  /** The block that is being filled. */
  #channels: Float32Array[] = [];
  #sampleRate = 0;
  #filledCount = 0;
  #channelCount = 0;
  #seconds = 0;
  #lostSeconds = 0;
  #placeCount = 0;
  readonly #places: LostPlace[] = [];
  #lastPlace: LostPlace | undefined;

  /** Whether any sound was added that is not lost. */
  get isHeard(): boolean {
    return this.#channelCount > 0;
  }

  /** Length of all that was added, in seconds. */
  get seconds(): number {
    return this.#seconds;
  }

  /** @param channels of one length. They are copied. */
  add(channels: readonly Float32Array[], sampleRate: number): void {
    const frameCount = channels[0]?.length ?? 0;
    if (frameCount === 0) return;
    if (channels.length !== this.#channels.length || sampleRate !== this.#sampleRate) this.#endBlock();
    this.#channelCount = channels.length;
    this.#sampleRate = sampleRate;
    this.#seconds += frameCount / sampleRate;
    for (let from = 0; from < frameCount;) {
      if (this.#channels.length === 0) this.#channels = newChannels(channels.length, BLOCK_FRAMES);
      const count = Math.min(frameCount - from, BLOCK_FRAMES - this.#filledCount);
      for (const [index, channel] of channels.entries())
        this.#channels[index]?.set(channel.subarray(from, from + count), this.#filledCount);
      this.#filledCount += count;
      from += count;
      if (this.#filledCount === BLOCK_FRAMES) this.#endBlock();
    }
  }

  /** Silence in place of sound that is lost. */
  addLost(frameCount: number, sampleRate: number): void {
    if (frameCount === 0) return;
    this.#endBlock();
    this.#ready.push({ frameCount, sampleRate });
    const seconds = frameCount / sampleRate;
    const last = this.#lastPlace;
    if (last && this.#seconds - last.start - last.seconds < 1e-6)
      last.seconds = this.#seconds + seconds - last.start;
    else {
      this.#lastPlace = { start: this.#seconds, seconds };
      if (this.#places.length < MAX_PLACES) this.#places.push(this.#lastPlace);
      this.#placeCount += 1;
    }
    this.#lostSeconds += seconds;
    this.#seconds += seconds;
  }

  /** Takes what was added. Silence at the start waits for sound, so that a file without any gives nothing. */
  *take(): Generator<SoundBlock, void, undefined> {
    this.#endBlock();
    if (!this.isHeard) return;
    const ready = this.#ready;
    this.#ready = [];
    for (const item of ready) {
      if ('channels' in item) {
        yield item;
        continue;
      }
      const { frameCount, sampleRate } = item;
      for (let start = 0; start < frameCount; start += BLOCK_FRAMES) {
        const channels = newChannels(this.#channelCount, Math.min(BLOCK_FRAMES, frameCount - start));
        yield { channels, sampleRate };
      }
    }
  }

  /** One sentence about all that is lost. */
  describeLosses(): string[] {
    if (this.#placeCount === 0) return [];
    const shown = this.#places.map(
      ({ start, seconds }) => `${secondsText(seconds)} at ${start.toFixed(2)} s`,
    );
    const more = this.#placeCount > MAX_PLACES ? `, and ${this.#placeCount - MAX_PLACES} more places` : '';
    return [
      `${secondsText(this.#lostSeconds)} of it cannot be decoded, as it is damaged or missing, and is silence now: ${shown.join(', ')}${more}.`,
    ];
  }

  #endBlock(): void {
    const count = this.#filledCount;
    if (count > 0) {
      // A part of a larger array would keep all of it in memory.
      const channels =
        count === BLOCK_FRAMES ? this.#channels : this.#channels.map((channel) => channel.slice(0, count));
      this.#ready.push({ channels, sampleRate: this.#sampleRate });
    }
    this.#channels = [];
    this.#filledCount = 0;
  }
}
