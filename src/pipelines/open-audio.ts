/** Opens any audio that pipelines accept as one stream of mono samples at the model's rate. */
import type { AudioStream } from '../audio/audio-stream.ts';
import { type PreparedClip, type PrepareOptions, prepareClip } from './audio-source.ts';

export interface OpenedAudio extends Pick<PreparedClip, 'stride' | 'passThrough'> {
  /** The sound. Files are opened when the iteration begins. */
  readonly stream: AudioStream;
  /** All samples of `stream`, where they are in memory already; undefined for what comes bit by bit. */
  readonly samples: Float32Array | undefined;
}

/** @throws UniSpeechError `bad-input` for what is no audio. Everything else is found while the stream is iterated. */
export async function openAudio(source: unknown, options: PrepareOptions): Promise<OpenedAudio> {
  const { samples, name, warnings = [], stride, passThrough } = await prepareClip(source, options);
  const { sampleRate } = options;
  const stream: AudioStream = {
    name,
    sampleRate,
    declaredSeconds: samples.length / sampleRate,
    warnings,
    async *[Symbol.asyncIterator]() {
      yield await Promise.resolve(samples);
    },
  };
  return { stream, samples, stride, passThrough };
}
