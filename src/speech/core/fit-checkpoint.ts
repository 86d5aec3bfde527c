/** Whether a checkpoint holds what its configuration calls for, found out before anything is built for it. */
import { type Checkpoint } from '../../checkpoint/checkpoint.ts';
import { type ResolvedNames, resolveNames } from '../../checkpoint/names.ts';
import type { UniSpeechConfig } from '../encoder/config.ts';
import type { WeightBuffer } from '../encoder/weight-layout.ts';

const INTERMEDIATE = 'encoder.layers.0.feed_forward.intermediate_dense.weight';
/** Key, tensor with that size, its axis and its number of axes. */
const SIZES = [
  ['vocab_size', 'lm_head.weight', 0, 2],
  ['hidden_size', 'encoder.layer_norm.weight', 0, 1],
  ['intermediate_size', INTERMEDIATE, 0, 2],
  ['num_conv_pos_embeddings', 'encoder.pos_conv_embed.conv.weight_v', 2, 3],
] as const;

/**
 * Finds the tensors of a layout in the checkpoint.
 * @throws UniSpeechError `bad-checkpoint` naming what does not fit, and the sizes in the configuration that are to blame.
 */
export function fitNames(
  checkpoint: Checkpoint,
  config: UniSpeechConfig,
  layout: readonly WeightBuffer[],
): ResolvedNames {
  const expected = layout.flatMap(({ sources }) => sources);
  return resolveNames(expected, checkpoint, (shapes) => sizeMismatches(config, shapes));
}

/** @param shapes of the tensors of the checkpoint, by their expected names. */
function sizeMismatches(
  config: UniSpeechConfig,
  shapes: ReadonlyMap<string, readonly number[]>,
): readonly string[] {
  const mismatches = SIZES.flatMap(([key, name, axis, rank]) => {
    const shape = shapes.get(name);
    const found = shape?.[axis];
    // What is laid out for the GPU already is flat and tells no sizes.
    return shape?.length === rank && found !== config[key] ? [difference(key, config[key], found)] : [];
  });
  const layerCount = countOf(shapes, /^encoder\.layers\.(\d+)\./);
  return layerCount < config.num_hidden_layers
    ? [difference('num_hidden_layers', config.num_hidden_layers, layerCount), ...mismatches]
    : mismatches;
}

const difference = (key: string, expected: number, found: number | undefined): string =>
  `"${key}" is ${expected} in config.json and ${found} in the weights`;

/** One more than the largest number in names. */
function countOf(names: ReadonlyMap<string, unknown>, pattern: RegExp): number {
  let count = 0;
  for (const name of names.keys()) count = Math.max(count, 1 + Number(pattern.exec(name)?.[1] ?? -1));
  return count;
}
