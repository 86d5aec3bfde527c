/** Collects packets into parts of stretches while a demuxer finds them. */
import type { StretchPart } from './demuxer.ts';
import type { AudioCodec, SilentStretch, StreamFormat } from './encoded-audio.ts';

/** A stretch, or the part of it that was not taken yet. */
interface PendingPart {
  readonly codec: AudioCodec;
  readonly format: StreamFormat;
  readonly continues: boolean;
  readonly packets: Uint8Array[];
  readonly sampleCounts: number[];
  decodedCount: number;
  /** Where the decoded samples that belong to the sound begin and end. */
  start: number;
  end: number;
}

export class StretchBuilder {
  /** What was not taken yet. */
  #parts: (PendingPart | SilentStretch)[] = [];
  /** Format of the last packet; undefined if the next one begins a stretch in any case. */
  #format: StreamFormat | undefined;
  #skipCount = 0;
  #isEmpty = true;

  /** Whether nothing was ever added. */
  get isEmpty(): boolean {
    return this.#isEmpty;
  }

  /** @param continues whether the packet can go to the decoder of the one before it. */
  add(
    packet: Uint8Array,
    sampleCount: number,
    format: StreamFormat,
    continues = format === this.#format,
  ): void {
    this.#isEmpty = false;
    this.#format = format;
    const last = this.#parts.at(-1);
    const isSame = continues && last && last.codec !== 'silence' && last.format === format;
    const part = isSame ? last : newPart(format, continues);
    if (!isSame) this.#parts.push(part);
    part.packets.push(packet);
    part.sampleCounts.push(sampleCount);
    part.decodedCount += sampleCount;
    part.end = part.decodedCount;
    part.start += this.#skipped(sampleCount);
  }

  /** The next packet begins a new stretch. */
  split(): void {
    this.#format = undefined;
  }

  addSilence(sampleCount: number, sampleRate: number): void {
    this.#isEmpty = false;
    this.split();
    this.#parts.push({
      codec: 'silence',
      sampleRate,
      sampleCount: sampleCount - this.#skipped(sampleCount),
    });
  }

  /** The next samples that are added do not belong to the sound. Replaces what is left of an earlier call. */
  skipNext(sampleCount: number): void {
    this.#skipCount = sampleCount;
  }

  #skipped(sampleCount: number): number {
    const count = Math.min(this.#skipCount, sampleCount);
    this.#skipCount -= count;
    return count;
  }

  /** The last samples do not belong to the sound. They must not be taken yet. The next packet begins a new stretch. */
  trimEnd(sampleCount: number): void {
    this.split();
    let rest = sampleCount;
    for (let index = this.#parts.length - 1; index >= 0 && rest > 0; index -= 1) {
      const part = this.#parts[index];
      if (!part) continue;
      const cut = Math.min(rest, part.codec === 'silence' ? part.sampleCount : part.end - part.start);
      rest -= cut;
      if (part.codec === 'silence') this.#parts[index] = { ...part, sampleCount: part.sampleCount - cut };
      else part.end -= cut;
    }
  }

  /** @param heldCount so many samples at the end, or a few more, stay here, because it is not known yet whether they belong to the sound. */
  take(heldCount = 0): (StretchPart | SilentStretch)[] {
    const held: (PendingPart | SilentStretch)[] = [];
    let count = 0;
    while (count < heldCount) {
      const part = this.#parts.pop();
      if (!part) break;
      const sampleCount = part.codec === 'silence' ? part.sampleCount : part.decodedCount;
      if (part.codec === 'silence' || count + sampleCount <= heldCount) {
        held.unshift(part);
        count += sampleCount;
        continue;
      }
      const [head, tail] = cutPart(part, heldCount - count);
      if (head) this.#parts.push(head);
      held.unshift(tail);
      break;
    }
    const taken = this.#parts.map((part) => (part.codec === 'silence' ? part : partOf(part)));
    this.#parts = held;
    return taken;
  }
}

const newPart = (format: StreamFormat, continues: boolean): PendingPart => ({
  codec: format.codec,
  format,
  continues,
  packets: [],
  sampleCounts: [],
  decodedCount: 0,
  start: 0,
  end: 0,
});

/** The last packets with at least so many samples, and those before them. */
function cutPart(part: PendingPart, sampleCount: number): [head: PendingPart | undefined, tail: PendingPart] {
  let index = part.packets.length;
  let tailCount = 0;
  while (index > 0 && tailCount < sampleCount) {
    index -= 1;
    tailCount += part.sampleCounts[index] ?? 0;
  }
  if (index === 0) return [undefined, part];
  const headCount = part.decodedCount - tailCount;
  const { packets, sampleCounts, start, end } = part;
  const head = {
    ...part,
    packets: packets.slice(0, index),
    sampleCounts: sampleCounts.slice(0, index),
    decodedCount: headCount,
    start: Math.min(start, headCount),
    end: Math.min(end, headCount),
  };
  const tail = {
    ...part,
    continues: true,
    packets: packets.slice(index),
    sampleCounts: sampleCounts.slice(index),
    decodedCount: tailCount,
    start: Math.max(0, start - headCount),
    end: Math.max(0, end - headCount),
  };
  return [head, tail];
}

const partOf = ({ format, continues, packets, sampleCounts, start, end }: PendingPart): StretchPart => ({
  ...format,
  format,
  continues,
  packets,
  sampleCounts,
  range: [start, end],
  toFile: () => format.toFile(packets, sampleCounts),
});
