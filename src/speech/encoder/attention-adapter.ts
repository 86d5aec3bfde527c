/**
 * The adapters of MMS (Pratap et al., 2023): a norm and two narrow linear layers behind the feed-forward of each layer, which a language may
 * have instead of others (`Wav2Vec2AttnAdapterLayer`).
 */
import type { ConfigFields } from './config-fields.ts';
import type { LayerPiece } from './pieces.ts';
import { linear, norm } from './weight-buffers.ts';

/** The reference's adapters use PyTorch's default epsilon, whatever `layer_norm_eps` says, and ReLU, whatever `hidden_act` says. */
const EPSILON = 1e-5;

/** @param width of the narrow layer, `adapter_attn_dim`. */
export const attentionAdapter = (width: number): LayerPiece => ({
  layout: ({ hidden_size: hidden }: ConfigFields, layer) => {
    const name = `${layer}.adapter_layer`;
    return [
      ...norm(`${name}.norm`, hidden),
      ...linear(`${name}.linear_1`, width, hidden),
      ...linear(`${name}.linear_2`, hidden, width),
    ];
  },
  addTo(build, h, layer, label) {
    const name = `${layer}.adapter_layer`;
    const normed = build.layerNorm(`${name}.norm`, `${label} adapter norm`, h, EPSILON);
    const down = build.linear(`${name}.linear_1`, `${label} adapter down`, normed, width);
    const narrow = build.activate(`${label} adapter activation`, 'relu', down);
    const up = build.linear(`${name}.linear_2`, `${label} adapter up`, narrow, build.config.hidden_size);
    return build.add(`${label} adapter sum`, h, up);
  },
});
