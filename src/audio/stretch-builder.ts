/** Collects packets into parts of stretches while a demuxer finds them. */
import type { StretchPart } from './demuxer.ts';
import type { AudioCodec, SilentStretch, StreamFormat } from './encoded-audio.ts';

/** A stretch, or the part of it that was not taken yet. */
interface Piece {
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
  #pieces: (Piece | SilentStretch)[] = [];
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
    const last = this.#pieces.at(-1);
    const isSame = continues && last && last.codec !== 'silence' && last.format === format;
    const piece = isSame ? last : newPiece(format, continues);
    if (!isSame) this.#pieces.push(piece);
    piece.packets.push(packet);
    piece.sampleCounts.push(sampleCount);
    piece.decodedCount += sampleCount;
    piece.end = piece.decodedCount;
    piece.start += this.#skipped(sampleCount);
  }

  /** The next packet begins a new stretch. */
  split(): void {
    this.#format = undefined;
  }

  addSilence(sampleCount: number, sampleRate: number): void {
    this.#isEmpty = false;
    this.split();
    this.#pieces.push({
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
    for (let index = this.#pieces.length - 1; index >= 0 && rest > 0; index -= 1) {
      const piece = this.#pieces[index];
      if (!piece) continue;
      const cut = Math.min(rest, piece.codec === 'silence' ? piece.sampleCount : piece.end - piece.start);
      rest -= cut;
      if (piece.codec === 'silence') this.#pieces[index] = { ...piece, sampleCount: piece.sampleCount - cut };
      else piece.end -= cut;
    }
  }

  /** @param heldCount so many samples at the end, or a few more, stay here, because it is not known yet whether they belong to the sound. */
  take(heldCount = 0): (StretchPart | SilentStretch)[] {
    const held: (Piece | SilentStretch)[] = [];
    let count = 0;
    while (count < heldCount) {
      const piece = this.#pieces.pop();
      if (!piece) break;
      const sampleCount = piece.codec === 'silence' ? piece.sampleCount : piece.decodedCount;
      if (piece.codec === 'silence' || count + sampleCount <= heldCount) {
        held.unshift(piece);
        count += sampleCount;
        continue;
      }
      const [head, tail] = cutPiece(piece, heldCount - count);
      if (head) this.#pieces.push(head);
      held.unshift(tail);
      break;
    }
    const taken = this.#pieces.map((piece) => (piece.codec === 'silence' ? piece : partOf(piece)));
    this.#pieces = held;
    return taken;
  }
}

const newPiece = (format: StreamFormat, continues: boolean): Piece => ({
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
function cutPiece(piece: Piece, sampleCount: number): [head: Piece | undefined, tail: Piece] {
  let index = piece.packets.length;
  let tailCount = 0;
  while (index > 0 && tailCount < sampleCount) {
    index -= 1;
    tailCount += piece.sampleCounts[index] ?? 0;
  }
  if (index === 0) return [undefined, piece];
  const headCount = piece.decodedCount - tailCount;
  const { packets, sampleCounts, start, end } = piece;
  const head = {
    ...piece,
    packets: packets.slice(0, index),
    sampleCounts: sampleCounts.slice(0, index),
    decodedCount: headCount,
    start: Math.min(start, headCount),
    end: Math.min(end, headCount),
  };
  const tail = {
    ...piece,
    continues: true,
    packets: packets.slice(index),
    sampleCounts: sampleCounts.slice(index),
    decodedCount: tailCount,
    start: Math.max(0, start - headCount),
    end: Math.max(0, end - headCount),
  };
  return [head, tail];
}

const partOf = ({ format, continues, packets, sampleCounts, start, end }: Piece): StretchPart => ({
  ...format,
  format,
  continues,
  packets,
  sampleCounts,
  range: [start, end],
  toFile: () => format.toFile(packets, sampleCounts),
});
