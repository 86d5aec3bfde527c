/** Turns the pages of one Ogg stream into packets, with silence in place of missing pages. */
import { joinBytes } from '../base/bytes.ts';
import { secondsText } from './encoded-audio.ts';
import type { PacketReader } from './ogg-codecs.ts';
import type { OggPage } from './ogg-pages.ts';
import type { StretchBuilder } from './stretch-builder.ts';

const MAX_PACKETS_PER_PAGE = 255;
/** A first page later than this belongs to a stream cut from a broadcast. An earlier one means that pages are missing. */
const MAX_LOST_START_SECONDS = 60;

/** Where the header of a broken page says that it ends, and whether the file ends in it. */
export interface BrokenPage {
  readonly granule: number;
  readonly isCut: boolean;
}

export class OggTrack {
  readonly serial: number;
  readonly #reader: PacketReader;
  readonly #builder: StretchBuilder;
  readonly #warnings: string[];
  /** The last page so far. If no other follows, its position is that of the end. */
  #held: OggPage;
  /** The parts so far of an incomplete packet; undefined while a packet without its start is skipped. */
  #open: Uint8Array[] | undefined = [];
  #lastPage: OggPage | undefined;
  /** The last packet of sound. */
  #previous: Uint8Array | undefined;
  /** Missing pages since the last packet of sound. */
  #missingPageCount = 0;
  #goesBack = false;
  #unexplainedCount = 0;
  /** The expected position in the stream; undefined before the first page of sound. */
  #granule: number | undefined;
  /** Format of the packets. FLAC frames have their own, whatever the stream's header says. */
  #sampleRate: number;

  /** @param first the page that holds the stream's header. */
  constructor(first: OggPage, reader: PacketReader, builder: StretchBuilder, warnings: string[]) {
    this.serial = first.serial;
    this.#held = first;
    this.#reader = reader;
    this.#builder = builder;
    this.#warnings = warnings;
    this.#sampleRate = reader.sampleRate;
    builder.skipNext(reader.startCount);
  }

  /** Takes the next page. Its packets are not added before the one behind it comes. */
  addPage(page: OggPage): void {
    const { sequence, granule, body } = this.#held;
    // Some writers repeat a page.
    if (page.sequence === sequence && page.granule === granule && page.body.length === body.length) return;
    this.#readHeld(false);
    this.#held = page;
  }

  #readHeld(isEnd: boolean): void {
    const page = this.#held;
    const last = this.#lastPage;
    const step = last ? page.sequence - last.sequence : 1;
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
    let endCount = 0;
    if (granule >= 0 && isEnd && granule < expected && expected - granule <= sampleCount)
      endCount = expected - granule;
    // The first page may declare samples before the start.
    else if (this.#granule === undefined && granule >= 0)
      this.#builder.skipNext(this.#reader.startCount + Math.max(0, sampleCount - granule));
    this.#granule = granule >= 0 ? granule : expected;
    packets.forEach((packet, index) => {
      const count = counts[index];
      const format = this.#reader.formatOf(packet);
      if (count !== undefined && format) this.#builder.add(packet, count, format);
    });
    if (endCount > 0) this.#builder.trimEnd(endCount);
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
      this.#unexplainedCount += 1;
    }
  }

  /** No page follows. @param broken broken pages after the last intact one. */
  finish(broken: readonly BrokenPage[]): void {
    this.#readHeld(true);
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
    else if (!this.#held.isLast)
      this.#warnings.push('It ends without the mark of its end: something may be missing.');
    if (this.#unexplainedCount > 0) {
      const where = this.#unexplainedCount > 1 ? ` in ${this.#unexplainedCount} places` : '';
      this.#warnings.push(
        `Pages are missing${where}, and the positions around them do not tell how many seconds.`,
      );
    }
    if (this.#goesBack)
      this.#warnings.push(
        'The numbers of its pages go back: pages changed places, or the start of a joined recording is missing.',
      );
  }
}

const sumOf = (counts: readonly (number | undefined)[]): number =>
  counts.reduce<number>((sum, count) => sum + (count ?? 0), 0);
