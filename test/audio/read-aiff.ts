/** Reads an AIFF file whose bytes are all there. For tests; the engine takes them as they come. */
import { openAiff } from '../../src/audio/aiff.ts';
import { joinSamples } from '../../src/audio/channels.ts';
import type { MixOptions } from '../../src/audio/pcm-reader.ts';
import type { AudioClip } from '../../src/base/files.ts';

export function readAiff(bytes: Uint8Array, name: string, options: MixOptions = {}): AudioClip {
  const reader = openAiff(name, options);
  reader.push(bytes);
  reader.finish();
  const blocks = reader.take();
  const [first] = blocks;
  if (!first) throw new Error('no sound and no error');
  const channels = first.channels.map((_, channel) =>
    joinSamples(blocks.map((block) => block.channels[channel] ?? new Float32Array(0))),
  );
  const { warnings } = reader;
  return { channels, sampleRate: first.sampleRate, ...(warnings.length > 0 && { warnings }) };
}
