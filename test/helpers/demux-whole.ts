/** Demuxes a file whose bytes are all there: its stretches are whole, too. For tests and benchmarks; the engine takes parts as they come. */
import type { Demuxer, StretchPart } from '../../src/audio/demuxer.ts';
import type { EncodedStretch, SilentStretch } from '../../src/audio/encoded-audio.ts';

export interface EncodedAudio {
  readonly stretches: readonly (EncodedStretch | SilentStretch)[];
  /** Problems that were worked around, one sentence each. The assembler adds warnings about silence. */
  readonly warnings: readonly string[];
}

/** @param demuxer one that has not been used. @throws what its `finish()` throws. */
export function demuxWhole(demuxer: Demuxer, bytes: Uint8Array): EncodedAudio {
  demuxer.push(bytes);
  demuxer.finish();
  return { stretches: joinParts(demuxer.take()), warnings: demuxer.warnings };
}

/** Joins each part with those that continue it. */
export function joinParts(
  parts: readonly (StretchPart | SilentStretch)[],
): (EncodedStretch | SilentStretch)[] {
  const groups: (StretchPart[] | SilentStretch)[] = [];
  let group: StretchPart[] = [];
  for (const part of parts) {
    if (part.codec === 'silence') groups.push(part);
    else if (part.continues && group.length > 0) group.push(part);
    else groups.push((group = [part]));
  }
  return groups.map((found) => (Array.isArray(found) ? joinGroup(found) : found));
}

function joinGroup(parts: readonly StretchPart[]): EncodedStretch {
  const [first] = parts;
  if (!first) throw new Error('a stretch has at least one part');
  if (parts.length === 1) return first;
  const packets = parts.flatMap((part) => part.packets);
  const sampleCounts = parts.flatMap((part) => part.sampleCounts);
  let decodedCount = 0;
  let start = 0;
  let end = 0;
  for (const part of parts) {
    const [from, to] = part.range;
    // What is cut off is at the start of the first parts and at the end of the last ones.
    if (end <= start) start = decodedCount + from;
    if (to > from) end = decodedCount + to;
    for (const count of part.sampleCounts) decodedCount += count;
  }
  return {
    codec: first.codec,
    sampleRate: first.sampleRate,
    channelCount: Math.max(...parts.map((part) => part.channelCount)),
    description: first.description,
    packets,
    sampleCounts,
    range: [start, Math.max(start, end)],
    toFile: () => first.format.toFile(packets, sampleCounts),
  };
}
