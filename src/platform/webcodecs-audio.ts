/** Compressed audio in browsers: by WebCodecs, on pages and in workers; where that lacks a codec, on pages by Web Audio. */
import type { DecodedSink, DecodeStretch } from '../audio/assemble.ts';
import { clipOf } from '../audio/audio-buffer.ts';
import type { EncodedStretch } from '../audio/encoded-audio.ts';

/** Packets that one decoder after the other gave up on: the rest would be no better. */
const MAX_FAILURES = 16;
/** So that not all samples of a file wait in the decoder's queue at once. */
const PACKETS_PER_BATCH = 512;

/** @throws Error where this browser cannot decode the codec. */
export const decodeStretch: DecodeStretch = async (stretch, sink) => {
  const { codec, sampleRate, channelCount, description } = stretch;
  const config: AudioDecoderConfig = {
    codec,
    sampleRate,
    numberOfChannels: channelCount,
    // Opus of one or two channels needs none.
    ...(description && (codec !== 'opus' || channelCount > 2) && { description }),
  };
  const canDecode =
    typeof AudioDecoder === 'function' &&
    (await AudioDecoder.isConfigSupported(config).catch(() => undefined))?.supported === true;
  if (canDecode) return decodePackets(stretch, config, sink);
  if (!canDecodeFiles()) throw new Error(`this browser does not decode ${codec} in a worker. ${WORKER_FIX}`);
  const { channels } = await decodeWholeFile(stretch.toFile(), sampleRate);
  sink.write(channels);
};

/** What to do in a worker that lacks a decoder. */
export const WORKER_FIX = 'Decode it on the page, or use createWorkerPipeline(), which does';

/** Workers lack it. */
export const canDecodeFiles = (): boolean => typeof OfflineAudioContext === 'function';

/** By the browser, at a rate of the caller's choice. */
export async function decodeWholeFile(bytes: Uint8Array, sampleRate: number) {
  const context = new OfflineAudioContext(1, 1, sampleRate);
  // Decoding takes the memory away from whoever holds it.
  return clipOf(await context.decodeAudioData(bytes.slice().buffer));
}

/** A decoder that fails is closed for good: the packet that it failed at is skipped, and a new one goes on behind it. */
async function decodePackets(
  { packets, sampleCounts }: EncodedStretch,
  config: AudioDecoderConfig,
  sink: DecodedSink,
): Promise<void> {
  let failureCount = 0;
  for (let index = 0, start = 0; index < packets.length && failureCount < MAX_FAILURES;) {
    const isDone = await decodeFrom(index, packets, config, sink);
    if (isDone) return;
    failureCount += 1;
    // The first packet whose samples are not all there.
    while (index < packets.length && start + (sampleCounts[index] ?? 0) <= sink.position) {
      start += sampleCounts[index] ?? 0;
      index += 1;
    }
    start += sampleCounts[index] ?? 0;
    index += 1;
    sink.skipTo(start);
  }
}

/** @returns false where the decoder gave up in the middle. */
async function decodeFrom(
  first: number,
  packets: readonly Uint8Array[],
  config: AudioDecoderConfig,
  sink: DecodedSink,
): Promise<boolean> {
  let isFailed = false;
  const decoder = new AudioDecoder({
    output(data) {
      sink.write(planesOf(data));
      data.close();
    },
    error() {
      isFailed = true;
    },
  });
  try {
    decoder.configure(config);
    for (let index = first; index < packets.length; index += 1) {
      const data = packets[index] ?? new Uint8Array(0);
      // The times only have to rise: the packets follow each other without gaps.
      decoder.decode(new EncodedAudioChunk({ type: 'key', timestamp: index * 20_000, data }));
      if (decoder.decodeQueueSize >= PACKETS_PER_BATCH)
        await new Promise((resolve) => decoder.addEventListener('dequeue', resolve, { once: true }));
    }
    await decoder.flush();
  } catch {
    isFailed = true;
  } finally {
    if (decoder.state !== 'closed') decoder.close();
  }
  return !isFailed;
}

function planesOf(data: AudioData): Float32Array[] {
  return Array.from({ length: data.numberOfChannels }, (_, planeIndex) => {
    const plane = new Float32Array(data.numberOfFrames);
    data.copyTo(plane, { planeIndex, format: 'f32-planar' });
    return plane;
  });
}
