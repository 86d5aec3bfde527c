/** Decodes compressed audio in browsers: by WebCodecs on pages and in workers. Pages use Web Audio if WebCodecs lacks a codec. */
import type { DecodedSink, DecodeStretch } from '../audio/assemble.ts';
import { clipOf } from '../audio/audio-buffer.ts';
import type { EncodedStretch } from '../audio/encoded-audio.ts';

/** After this many packets on which decoders failed, the rest is given up. */
const MAX_FAILURES = 16;
/** Limits how many samples of a file wait in the decoder's queue. */
const PACKETS_PER_BATCH = 512;

/** @throws Error if this browser cannot decode the codec. */
export const decodeStretch: DecodeStretch = async (stretch, sink) => {
  const { codec, sampleRate, channelCount, description } = stretch;
  const config: AudioDecoderConfig = {
    codec,
    sampleRate,
    numberOfChannels: channelCount,
    // Opus with one or two channels needs no description.
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

/** Advice for a worker that lacks a decoder. */
export const WORKER_FIX = 'Decode it on the page, or use createWorkerPipeline(), which does';

/** Workers lack `OfflineAudioContext`. */
export const canDecodeFiles = (): boolean => typeof OfflineAudioContext === 'function';

/** Lets the browser decode a whole file, at the caller's rate. */
export async function decodeWholeFile(bytes: Uint8Array, sampleRate: number) {
  const context = new OfflineAudioContext(1, 1, sampleRate);
  // Decoding detaches the buffer it gets, so it gets a copy.
  return clipOf(await context.decodeAudioData(bytes.slice().buffer));
}

/** A decoder that fails stays closed. The packet at which it failed is skipped, and a new decoder continues after it. */
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
    // The first packet whose samples are incomplete.
    while (index < packets.length && start + (sampleCounts[index] ?? 0) <= sink.position) {
      start += sampleCounts[index] ?? 0;
      index += 1;
    }
    start += sampleCounts[index] ?? 0;
    index += 1;
    sink.skipTo(start);
  }
}

/** @returns false if the decoder failed before the end. */
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
      // Timestamps only need to increase, because the packets follow each other without gaps.
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
