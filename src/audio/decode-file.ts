/** Decodes audio files whole, for those who need all of a clip at once. */
import type { AudioClip } from '../base/files.ts';
import type { AudioDecodeOptions } from '../base/platform.ts';
import type { ByteStream, SoundStream } from '../base/sound-stream.ts';
import { type AudioDecoders, decodeStream } from './decode-stream.ts';
import { DEFAULT_MAX_SECONDS } from './duration.ts';
import { joinSamples } from './channels.ts';
import { monoBlocks } from './mono-blocks.ts';

/** See `decodeStream`, whose blocks it collects. */
export const decodeFile = (
  bytes: ByteStream,
  name: string,
  { maxSeconds = DEFAULT_MAX_SECONDS, ...others }: AudioDecodeOptions,
  decoders: AudioDecoders,
): Promise<AudioClip> => collectClip(decodeStream(bytes, name, { maxSeconds, ...others }, decoders));

/** Blocks that share rate and channel count stay as they are. Others are mixed to one channel and resampled to the highest rate. */
export async function collectClip(sound: SoundStream): Promise<AudioClip> {
  const blocks = await collect(sound);
  const sampleRate = blocks.reduce((highest, block) => Math.max(highest, block.sampleRate), 0);
  const channelCount = blocks[0]?.channels.length ?? 0;
  const isUniform = blocks.every(
    (block) => block.sampleRate === sampleRate && block.channels.length === channelCount,
  );
  const channels = isUniform
    ? Array.from({ length: channelCount }, (_, index) =>
        joinSamples(blocks.map((block) => block.channels[index] ?? new Float32Array(0))),
      )
    : [joinSamples(await collect(monoBlocks(inOrder(blocks), sampleRate)))];
  const { warnings } = sound;
  return { channels, sampleRate, ...(warnings.length > 0 && { warnings }) };
}

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const list: Item[] = [];
  for await (const item of items) list.push(item);
  return list;
}

async function* inOrder<Item>(items: readonly Item[]): AsyncGenerator<Item, void, undefined> {
  for (const item of items) yield await Promise.resolve(item);
}
