/** Whether a checkpoint holds what its configuration calls for, found out before anything is built for it. */
import { isList } from '../../base/checks.ts';
import { type Checkpoint } from '../../checkpoint/checkpoint.ts';
import { type ResolvedNames, resolveNames } from '../../checkpoint/names.ts';
import type { EncoderConfig } from '../encoder/config.ts';
import type { WeightBuffer } from '../encoder/weight-buffers.ts';
import { encoderSizes } from '../encoder/weight-layout.ts';
import type { Architecture } from '../heads/architecture.ts';
import type { Head } from '../heads/head.ts';

/**
 * Finds the tensors of a layout in the checkpoint.
 * @param layout of the model with this head, or what `unispeech quantize` makes of it.
 * @throws UniSpeechError `bad-checkpoint` naming what does not fit, and the sizes in the configuration that are to blame.
 */
export function fitNames(
  checkpoint: Checkpoint,
  architecture: Architecture,
  layout: readonly WeightBuffer[],
): ResolvedNames {
  const { config, head } = architecture;
  const expected = layout.flatMap(({ sources }) => sources);
  return resolveNames(expected, checkpoint, config.family.names, (shapes) => [
    ...namedClass(config, head, shapes),
    ...sizeMismatches(architecture, shapes),
  ]);
}

/** The class that config.json names, if the checkpoint has not all tensors of this head: it may be meant for another. */
function namedClass(
  config: EncoderConfig,
  head: Head<unknown>,
  shapes: ReadonlyMap<string, unknown>,
): readonly string[] {
  const { architectures } = config.json;
  const name: unknown = isList(architectures) ? architectures[0] : undefined;
  const isWhole = head
    .layout(config)
    .every(({ sources }) => sources.every((source) => shapes.has(source.name)));
  return isWhole || typeof name !== 'string' ? [] : [`config.json names the class ${name}`];
}

/** @param shapes of the tensors of the checkpoint, by their expected names. */
function sizeMismatches(
  architecture: Architecture,
  shapes: ReadonlyMap<string, readonly number[]>,
): readonly string[] {
  const { config, head } = architecture;
  const mismatches = [...head.sizes, ...encoderSizes(architecture)].flatMap(
    ([key, tensor, axis, axisCount]) => {
      const shape = shapes.get(tensor);
      const found = shape?.[axis];
      return shape?.length === axisCount && found !== config[key]
        ? [difference(key, config[key], found)]
        : [];
    },
  );
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
