/** Which weights of a model a language may replace. */
import type { WeightBuffer } from '../encoder/weight-buffers.ts';
import type { Architecture } from '../heads/architecture.ts';

/** The weights that a language may replace: none for models without adapters. */
export function languageLayout({
  config,
  pieces: { layerAdapter },
  head,
}: Architecture): readonly WeightBuffer[] {
  if (layerAdapter === undefined || head.isOfLanguage !== true) return [];
  const adapters = Array.from({ length: config.num_hidden_layers }, (_, layer) =>
    layerAdapter.layout(config, `encoder.layers.${layer}`),
  );
  return [...adapters.flat(), ...head.layout(config)];
}
