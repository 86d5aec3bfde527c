/** Mixes sound down to one channel and resamples it to one rate, block by block. */
import type { SoundBlock } from '../base/sound-stream.ts';
import { toMono } from './downmix.ts';
import { StreamResampler } from './stream-resampler.ts';

/** Blocks of one channel at one rate. Sound that keeps its rate is resampled as one, so the sizes of the blocks change no sample. */
export async function* monoBlocks(
  sound: AsyncIterable<SoundBlock>,
  sampleRate: number,
): AsyncGenerator<Float32Array, void, undefined> {
  let fromRate = sampleRate;
  let resampler: StreamResampler | undefined;
  for await (const block of sound) {
    if (block.sampleRate !== fromRate) {
      if (resampler) yield resampler.flush();
      fromRate = block.sampleRate;
      resampler = fromRate === sampleRate ? undefined : new StreamResampler(fromRate, sampleRate);
    }
    const mono = toMono(block);
    yield resampler ? resampler.push(mono) : mono;
  }
  if (resampler) yield resampler.flush();
}
