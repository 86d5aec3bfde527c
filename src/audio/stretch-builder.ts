/** Collects packets into stretches while a demuxer finds them. */
import type { EncodedStretch, SilentStretch } from './encoded-audio.ts';
import { decodedCountOf, sampleCountOf } from './encoded-audio.ts';

/** The common properties of a stream's packets. Packets with the same object can share a decoder. */
export type StreamFormat = Pick<EncodedStretch, 'codec' | 'sampleRate' | 'channelCount' | 'description'> & {
  readonly toFile: (packets: readonly Uint8Array[], sampleCounts: readonly number[]) => Uint8Array;
};

export class StretchBuilder {
  readonly #list: (EncodedStretch | SilentStretch)[] = [];
  #format: StreamFormat | undefined;
  #packets: Uint8Array[] = [];
  #sampleCounts: number[] = [];

  /** Samples so far. */
  get stretches(): readonly (EncodedStretch | SilentStretch)[] {
    return this.#list;
  }

  add(packet: Uint8Array, sampleCount: number, format: StreamFormat): void {
    if (format !== this.#format) {
      const packets: Uint8Array[] = [];
      const sampleCounts: number[] = [];
      this.#format = format;
      this.#packets = packets;
      this.#sampleCounts = sampleCounts;
      const toFile = (): Uint8Array => format.toFile(packets, sampleCounts);
      this.#list.push({ ...format, packets, sampleCounts, range: [0, Infinity], toFile });
    }
    this.#packets.push(packet);
    this.#sampleCounts.push(sampleCount);
  }

  /** The next packet begins a new stretch. */
  split(): void {
    this.#format = undefined;
  }

  addSilence(sampleCount: number, sampleRate: number): void {
    this.split();
    this.#list.push({ codec: 'silence', sampleRate, sampleCount });
  }

  /** Returns the stretches without the given number of samples at the start and at the end. Nothing can be added afterwards. */
  trimmed(startCount: number, endCount: number): (EncodedStretch | SilentStretch)[] {
    const fromStart = trimOneSide(this.#list, startCount, false);
    return trimOneSide(fromStart.reverse(), endCount, true).reverse();
  }
}

function trimOneSide(
  stretches: readonly (EncodedStretch | SilentStretch)[],
  count: number,
  isEnd: boolean,
): (EncodedStretch | SilentStretch)[] {
  let rest = count;
  return stretches.map((stretch) => {
    const length = sampleCountOf(stretch);
    const cut = Math.min(rest, length);
    rest -= cut;
    if (cut === 0) return stretch;
    if (stretch.codec === 'silence') return { ...stretch, sampleCount: length - cut };
    const [start, end] = stretch.range;
    const last = Math.min(end, decodedCountOf(stretch));
    return { ...stretch, range: isEnd ? [start, last - cut] : [start + cut, end] };
  });
}
