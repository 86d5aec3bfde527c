/** Turns the pages of one Ogg stream into packets, with silence in place of missing pages. */
import { joinBytes } from '../base/bytes.ts';
import { joinParts } from './demux-whole.ts';
import type { EncodedAudio } from './encoded-audio.ts';
import { secondsText } from './encoded-audio.ts';
import type { PacketReader } from './ogg-codecs.ts';
import type { BrokenPage, OggPage } from './ogg-pages.ts';
import { StretchBuilder } from './stretch-builder.ts';

const MAX_PACKETS_PER_PAGE = 255;
/** A first page later than this belongs to a stream cut from a broadcast. An earlier one means that pages are missing. */
const MAX_LOST_START_SECONDS = 60;

/**
 * @param pages the pages of one stream, in order. The first holds its header.
 * @param broken pages of the stream after the last intact one.
 */
export function readOggTrack(
  pages: readonly OggPage[],
  reader: PacketReader,
  broken: readonly BrokenPage[],
): EncodedAudio {
  const track = new OggTrack(reader);
  for (const page of pages) track.addPage(page, page === pages.at(-1));
  return track.finish(broken);
}

class OggTrack {
  readonly #reader: PacketReader;
  readonly #builder = new StretchBuilder();
  readonly #warnings: string[] = [];
  /** The parts so far of an incomplete packet; undefined while a packet without its start is skipped. */
  #open: Uint8Array[] | undefined = [];
  #lastPage: OggPage | undefined;
  /** The last packet of sound. */
  #previous: Uint8Array | undefined;
  /** Missing pages since the last packet of sound. */
  #missingPageCount = 0;
  #goesBack = false;
  /** The expected position in the stream; undefined before the first page of sound. */
  #granule: number | undefined;
  /** Format of the packets. FLAC frames have their own, whatever the stream's header says. */
  #sampleRate: number;
  #endCount = 0;

  constructor(reader: PacketReader) {
    this.#reader = reader;
    this.#sampleRate = reader.sampleRate;
    this.#builder.skipNext(reader.startCount);
  }

  addPage(page: OggPage, isEnd: boolean): void {
    const last = this.#lastPage;
    const step = last ? page.sequence - last.sequence : 1;
    // Some writers repeat a page.
    if (last && step === 0 && page.granule === last.granule && page.body.length === last.body.length) return;
    this.#lastPage = page;
    // If the numbers go back, another recording with the same serial number follows, and its first page is missing.
    if (step < 0) this.#goesBack = true;
    if (step !== 1) this.#missingPageCount += Math.max(1, step - 1);
    const packets = this.#packetsOf(page, step === 1);
    if (packets.length > 0) this.#addPackets(packets, page.granule, isEnd);
  }

  /** The packets of sound that end on a page. A packet is left out if a part of it was on a missing page. */
  #packetsOf({ isContinued, lacing, body }: OggPage, follows: boolean): Uint8Array[] {
    const packets: Uint8Array[] = [];
    if (!isContinued) this.#open = [];
    else if (!follows || this.#open?.length === 0) this.#open = undefined;
    let start = 0;
    let end = 0;
    const take = (): void => {
      if (end > start) this.#open?.push(body.subarray(start, end));
      start = end;
    };
    for (const length of lacing) {
      end += length;
      if (length === 255) continue;
      take();
      const packet = this.#open && (this.#open.length === 1 ? this.#open[0] : joinBytes(this.#open));
      if (packet && packet.length > 0 && !this.#reader.readsHeader(packet)) packets.push(packet);
      this.#open = [];
    }
    take();
    return packets;
  }

  #addPackets(packets: readonly Uint8Array[], position: number, isEnd: boolean): void {
    const [first] = packets;
    this.#sampleRate = (first && this.#reader.formatOf(first)?.sampleRate) ?? this.#sampleRate;
    let counts = this.#countsOf(packets, this.#previous);
    // No sound ends at 0. Writers that do not count leave the position 0.
    const granule = position === 0 && sumOf(counts) > 0 ? -1 : position;
    if (this.#missingPageCount > 0 || counts.includes(undefined)) {
      const lost = this.#lostBefore(counts, granule);
      if (lost > 0) {
        // Decoding starts anew after the gap.
        counts = this.#countsOf(packets, undefined);
        this.#addSilence(this.#lostBefore(counts, granule), isEnd ? counts[0] : undefined);
      }
      this.#missingPageCount = 0;
    }
    const sampleCount = sumOf(counts);
    const expected = (this.#granule ?? 0) + sampleCount;
    if (granule >= 0 && isEnd && granule < expected && expected - granule <= sampleCount)
      this.#endCount = expected - granule;
    // The first page may declare samples before the start.
    else if (this.#granule === undefined && granule >= 0)
      this.#builder.skipNext(this.#reader.startCount + Math.max(0, sampleCount - granule));
    this.#granule = granule >= 0 ? granule : expected;
    packets.forEach((packet, index) => {
      const count = counts[index];
      const format = this.#reader.formatOf(packet);
      if (count !== undefined && format) this.#builder.add(packet, count, format);
    });
  }

  #countsOf(packets: readonly Uint8Array[], previous: Uint8Array | undefined): (number | undefined)[] {
    this.#previous = previous;
    return packets.map((packet) => {
      const count = this.#reader.sampleCountOf(packet, this.#previous);
      if (count !== undefined) this.#previous = packet;
      return count;
    });
  }

  /** Number of samples missing before packets that end at `granule`. */
  #lostBefore(counts: readonly (number | undefined)[], granule: number): number {
    return granule < 0 ? 0 : granule - sumOf(counts) - (this.#granule ?? 0);
  }

  /** @param unit packet length in samples to round up to, for the end of the stream, which may be inside the last packet. */
  #addSilence(samplesToEnd: number, unit = 0): void {
    const { maximumSampleCount } = this.#reader;
    const sampleRate = this.#sampleRate;
    const lost = unit > 0 ? Math.ceil(samplesToEnd / unit) * unit : samplesToEnd;
    const maximum =
      this.#granule === undefined
        ? MAX_LOST_START_SECONDS * sampleRate
        : (this.#missingPageCount + 1) * MAX_PACKETS_PER_PAGE * maximumSampleCount;
    if (lost <= maximum) {
      this.#builder.addSilence(lost, sampleRate);
      this.#granule = (this.#granule ?? 0) + lost;
    } else if (this.#granule !== undefined) {
      this.#builder.split();
      this.#warnings.push('Pages are missing, and the positions around them do not tell how many seconds.');
    }
  }

  /** @param broken broken pages after the last intact one. */
  finish(broken: readonly BrokenPage[]): EncodedAudio {
    const { sampleRate, maximumSampleCount } = this.#reader;
    const end = this.#granule ?? 0;
    const [lostPage] = broken.filter(
      ({ granule }) =>
        granule > end && granule - end <= MAX_PACKETS_PER_PAGE * maximumSampleCount * broken.length,
    );
    const lost = (lostPage?.granule ?? 0) - end;
    if (lostPage?.isCut)
      this.#warnings.push(
        `It is cut short in a page: its last ${secondsText(lost / sampleRate)} are missing.`,
      );
    else if (lostPage) this.#builder.addSilence(lost, sampleRate);
    else if (!this.#lastPage?.isLast)
      this.#warnings.push('It ends without the mark of its end: something may be missing.');
    if (this.#goesBack)
      this.#warnings.push(
        'The numbers of its pages go back: pages changed places, or the start of a joined recording is missing.',
      );
    this.#builder.trimEnd(this.#endCount);
    return { stretches: joinParts(this.#builder.take()), warnings: this.#warnings };
  }
}

const sumOf = (counts: readonly (number | undefined)[]): number =>
  counts.reduce<number>((sum, count) => sum + (count ?? 0), 0);
