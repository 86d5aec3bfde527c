/**
 * The sound of an Ogg file (RFC 3533). Its pages belong to streams with different serial numbers. Streams that begin together
 * are one link, and links may follow each other (chaining). The first audio stream of each link is taken.
 */
import { textAt } from '../base/bytes.ts';
import { UniSpeechError } from '../base/errors.ts';
import type { EncodedAudio, EncodedStretch, SilentStretch } from './encoded-audio.ts';
import { openStream, type PacketReader } from './ogg-codecs.ts';
import { type BrokenPage, type OggPage, readOggPages } from './ogg-pages.ts';
import { readOggTrack } from './ogg-track.ts';

/** A stream, and where its pages are among all intact pages of the file. */
interface OggStream {
  readonly serial: number;
  readonly pages: OggPage[];
  readonly firstIndex: number;
  lastIndex: number;
}

/** Streams that begin together. */
interface OggLink {
  readonly streams: OggStream[];
  hasData: boolean;
}

/** @throws Error for a file without readable sound; UniSpeechError `unsupported` if the sound has another codec. */
export function demuxOgg(bytes: Uint8Array): EncodedAudio {
  const { pages, broken } = readOggPages(bytes);
  const { links, orphanByteLength } = findLinks(pages);
  const stretches: (EncodedStretch | SilentStretch)[] = [];
  const warnings: string[] = [];
  const tracks = links.flatMap((link) => trackOf(link) ?? []);
  if (tracks.length === 0) throw noSound(pages, links);
  for (const { stream, reader } of tracks) {
    const isTail = ({ pageCount, serial }: BrokenPage): boolean =>
      serial === stream.serial && pageCount > stream.lastIndex;
    const track = readOggTrack(stream.pages, reader, broken.filter(isTail));
    stretches.push(...track.stretches);
    warnings.push(...track.warnings);
  }
  if (tracks.length < links.length)
    warnings.push('A part of it has no Opus, Vorbis or FLAC stream and is left out.');
  if (orphanByteLength > 0)
    warnings.push(`The start of a stream is missing: its ${orphanByteLength} bytes are left out.`);
  return { stretches, warnings };
}

function findLinks(pages: readonly OggPage[]): {
  readonly links: readonly OggLink[];
  readonly orphanByteLength: number;
} {
  const links: OggLink[] = [];
  /** The latest stream of each serial number, with its link. */
  const open = new Map<number, { readonly stream: OggStream; readonly link: OggLink }>();
  let orphanByteLength = 0;
  pages.forEach((page, index) => {
    const { serial } = page;
    if (page.isFirst) {
      let link = links.at(-1);
      if (!link || link.hasData) links.push((link = { streams: [], hasData: false }));
      const stream = { serial, pages: [page], firstIndex: index, lastIndex: index };
      link.streams.push(stream);
      open.set(serial, { stream, link });
      return;
    }
    const found = open.get(serial);
    if (!found) orphanByteLength += page.body.length;
    else {
      found.stream.pages.push(page);
      found.stream.lastIndex = index;
      found.link.hasData = true;
    }
  });
  return { links, orphanByteLength };
}

function trackOf({
  streams,
}: OggLink): { readonly stream: OggStream; readonly reader: PacketReader } | undefined {
  for (const stream of streams) {
    const reader = openStream(stream.pages[0]?.body ?? new Uint8Array(0));
    if (reader) return { stream, reader };
  }
  return undefined;
}

/** Why there is nothing to decode. */
function noSound(pages: readonly OggPage[], links: readonly OggLink[]): Error {
  if (pages.length === 0) return new Error('no intact Ogg page');
  const [first] = links.flatMap(({ streams }) => streams.flatMap((stream) => stream.pages[0] ?? []));
  if (!first) return new Error('the start of its stream is missing or damaged');
  const name = textAt(first.body, 0, 8);
  return new UniSpeechError(
    'unsupported',
    `None of its streams is Opus, Vorbis or FLAC: the first begins with ${JSON.stringify(name)}.`,
  );
}
