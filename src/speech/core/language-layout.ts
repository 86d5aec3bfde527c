/** Which weights of a model a language may replace. */
import type { EncoderConfig } from '../encoder/config.ts';
import { piecesOf } from '../encoder/pieces-of.ts';
import type { WeightBuffer } from '../encoder/weight-buffers.ts';
import type { Head } from '../heads/head.ts';

/** The weights that a language may replace: none for models without adapters. */
export function languageLayout(config: EncoderConfig, head: Head<unknown>): readonly WeightBuffer[] {
  const { layerAdapter } = piecesOf(config);
  if (layerAdapter === undefined || head.isOfLanguage !== true) return [];
  const adapters = Array.from({ length: config.num_hidden_layers }, (_, layer) =>
    layerAdapter.layout(config, `encoder.layers.${layer}`),
  );
  return [...adapters.flat(), ...head.layout(config)];
}
