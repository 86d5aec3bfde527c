/** Joins decoded stretches to one clip. Compares the decoded samples with the declared count, and reports all losses. */
import type { AudioClip } from '../base/files.ts';
import type { AudioDecodeOptions } from '../base/platform.ts';
import { toMono } from './downmix.ts';
import {
  decodedCountOf,
  type EncodedAudio,
  type EncodedStretch,
  sampleCountOf,
  secondsText,
  type SilentStretch,
} from './encoded-audio.ts';
import { checkDuration } from './duration.ts';
import { MAX_SAMPLE_RATE, MIN_SAMPLE_RATE, resample } from './resample.ts';

/** Receives the decoded samples of a stretch, in order. */
export interface DecodedSink {
  /** Samples written or skipped so far. */
  readonly position: number;
  /** The samples that follow, one array per channel. */
  write(channels: readonly Float32Array[]): void;
  /** Declares everything before this sample that was not written as lost. */
  skipTo(position: number): void;
}

/** Decodes one stretch, and skips packets that it cannot decode. */
export type DecodeStretch = (stretch: EncodedStretch, sink: DecodedSink) => Promise<void>;

/** No valid file needs more decoders than this. */
const MAX_STRETCHES = 400;
/** How many lost places a warning lists one by one. */
const MAX_PLACES = 3;

/** A part of the clip with a single rate. */
interface ClipPart {
  readonly sampleRate: number;
  readonly channels: Float32Array[];
}

interface LostPlace {
  readonly start: number;
  seconds: number;
}

/**
 * Stretches that share rate and channel count stay as they are. Others are mixed to one channel and resampled to the
 * highest rate.
 * @throws UniSpeechError `bad-audio` for more than `maxSeconds`. @throws Error if nothing can be decoded; the signal's reason.
 */
export async function assembleAudio(
  { stretches, warnings }: EncodedAudio,
  decode: DecodeStretch,
  name: string,
  { maxSeconds, mono = false, signal }: AudioDecodeOptions = {},
): Promise<AudioClip> {
  const encoded = stretches.filter((stretch) => stretch.codec !== 'silence');
  const [first] = encoded;
  if (!first) throw new Error('no samples');
  if (encoded.length > MAX_STRETCHES) throw new Error(`it is in ${encoded.length} pieces`);
  for (const { sampleRate } of stretches) {
    if (sampleRate < MIN_SAMPLE_RATE || sampleRate > MAX_SAMPLE_RATE)
      throw new Error(`its sample rate is ${sampleRate} Hz`);
  }
  const totalSeconds = stretches.reduce(
    (sum, stretch) => sum + sampleCountOf(stretch) / stretch.sampleRate,
    0,
  );
  checkDuration(name, totalSeconds, maxSeconds);
  const { channelCount } = first;
  const isUniform = encoded.every(
    (stretch) => stretch.sampleRate === first.sampleRate && stretch.channelCount === channelCount,
  );
  const isMono = mono || !isUniform;
  const places: LostPlace[] = [];
  const parts: ClipPart[] = [];
  let seconds = 0;
  for (const run of runsOfOneRate(stretches)) {
    const sampleRate = run[0]?.sampleRate ?? 0;
    const length = run.reduce((sum, stretch) => sum + sampleCountOf(stretch), 0);
    const part = {
      sampleRate,
      channels: Array.from({ length: isMono ? 1 : channelCount }, () => new Float32Array(length)),
    };
    parts.push(part);
    let offset = 0;
    for (const stretch of run) {
      signal?.throwIfAborted();
      const sampleCount = sampleCountOf(stretch);
      const lose = (start: number, end: number): void =>
        addPlace(places, seconds + start / sampleRate, (end - start) / sampleRate);
      if (stretch.codec === 'silence') lose(0, sampleCount);
      else await decodeInto(part.channels, offset, stretch, decode, isMono, lose);
      offset += sampleCount;
      seconds += sampleCount / sampleRate;
    }
  }
  const lostSeconds = places.reduce((sum, place) => sum + place.seconds, 0);
  if (lostSeconds > seconds - 1e-6) throw new Error('no samples');
  return {
    ...joinParts(parts),
    ...withWarnings([...describePlaces(places, lostSeconds), ...warnings]),
  };
}

const withWarnings = (warnings: readonly string[]) => (warnings.length > 0 ? { warnings } : {});

function runsOfOneRate(
  stretches: readonly (EncodedStretch | SilentStretch)[],
): (EncodedStretch | SilentStretch)[][] {
  const runs: (EncodedStretch | SilentStretch)[][] = [];
  for (const stretch of stretches) {
    const run = runs.at(-1);
    if (run?.[0]?.sampleRate === stretch.sampleRate) run.push(stretch);
    else runs.push([stretch]);
  }
  return runs;
}

/** Decodes a stretch to its place in the clip. Samples that the decoder does not give stay silence. */
async function decodeInto(
  targets: readonly Float32Array[],
  offset: number,
  stretch: EncodedStretch,
  decode: DecodeStretch,
  isMono: boolean,
  lose: (start: number, end: number) => void,
): Promise<void> {
  const promised = decodedCountOf(stretch);
  const [start] = stretch.range;
  const end = start + sampleCountOf(stretch);
  let position = 0;
  const sink: DecodedSink = {
    get position() {
      return position;
    },
    write(channels) {
      const length = channels[0]?.length ?? 0;
      const mixed =
        isMono && channels.length > 1 ? [toMono({ channels, sampleRate: stretch.sampleRate })] : channels;
      const from = Math.min(Math.max(start - position, 0), length);
      const to = Math.min(Math.max(end - position, from), length);
      targets.forEach((target, channel) => {
        // A decoder may give fewer channels than declared. Repeating a mono channel does not change the sound.
        const source = mixed[channel] ?? mixed[0];
        if (source && to > from) target.set(source.subarray(from, to), offset + position + from - start);
      });
      position += length;
    },
    skipTo(next) {
      const from = Math.max(position, start);
      const to = Math.min(next, end);
      if (to > from) lose(from - start, to - start);
      position = Math.max(position, next);
    },
  };
  await decode(stretch, sink);
  sink.skipTo(promised);
}

function addPlace(places: LostPlace[], start: number, seconds: number): void {
  const last = places.at(-1);
  if (last && start - last.start - last.seconds < 1e-6) last.seconds = start + seconds - last.start;
  else places.push({ start, seconds });
}

function describePlaces(places: readonly LostPlace[], lostSeconds: number): string[] {
  if (places.length === 0) return [];
  const shown = places
    .slice(0, MAX_PLACES)
    .map(({ start, seconds }) => `${secondsText(seconds)} at ${start.toFixed(2)} s`);
  const more = places.length > MAX_PLACES ? `, and ${places.length - MAX_PLACES} more places` : '';
  return [
    `${secondsText(lostSeconds)} of it cannot be decoded, as it is damaged or missing, and is silence now: ${shown.join(', ')}${more}.`,
  ];
}

function joinParts(parts: readonly ClipPart[]): AudioClip {
  const [first] = parts;
  if (first && parts.length === 1) return first;
  const sampleRate = Math.max(...parts.map((part) => part.sampleRate));
  const pieces = parts.map((part) =>
    resample(part.channels[0] ?? new Float32Array(0), part.sampleRate, sampleRate),
  );
  const joined = new Float32Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let offset = 0;
  for (const piece of pieces) {
    joined.set(piece, offset);
    offset += piece.length;
  }
  return { channels: [joined], sampleRate };
}
