/** The graph of a model: which outputs it has, and what its nodes take from the configuration. */
import { describe, expect, test } from 'vitest';
import type { EncoderConfig } from '../../src/speech/encoder/config.ts';
import { Data2VecAudioConfig } from '../../src/speech/families/data2vec-audio.ts';
import { HubertConfig } from '../../src/speech/families/hubert.ts';
import { UniSpeechConfig } from '../../src/speech/families/unispeech.ts';
import type { GraphOptions } from '../../src/speech/encoder/encoder-graph.ts';
import { buildModelGraph, loadArchitecture } from '../../src/speech/heads/architecture.ts';
import { NO_HEAD } from '../../src/speech/heads/none.ts';

const options: GraphOptions = {
  masksFrames: false,
  hiddenStates: true,
  attentions: true,
  hiddenStatesConvention: 'current',
};

describe.each([false, true])('stable layer norm: %s', (do_stable_layer_norm) => {
  const config = UniSpeechConfig.fromJson({ num_hidden_layers: 2, do_stable_layer_norm });

  test.each(['current', 'classic'] as const)(
    'hidden states and attentions, %s convention',
    async (convention) => {
      const graph = buildModelGraph(await loadArchitecture(config, NO_HEAD), {
        ...options,
        hiddenStatesConvention: convention,
      });
      expect([...graph.outputs.keys()].sort()).toEqual([
        'attentions.0',
        'attentions.1',
        'extract_features',
        'hidden_states.0',
        'hidden_states.1',
        'hidden_states.2',
        'last_hidden_state',
      ]);
      // Behind a stable encoder stands one more norm, which only the classic convention counts as part of the last layer.
      const isSame = graph.outputs.get('hidden_states.2') === graph.outputs.get('last_hidden_state');
      expect(isSame).toBe(!do_stable_layer_norm || convention === 'classic');
    },
  );
});

test('norms of convolutions have the epsilon of PyTorch, all others that of the configuration', async () => {
  const config = UniSpeechConfig.fromJson({ num_hidden_layers: 1, layer_norm_eps: 0.25 });
  const { nodes } = buildModelGraph(await loadArchitecture(config, NO_HEAD), options);
  const epsilons = nodes.flatMap((node) => ('epsilon' in node ? [[node.kind, node.epsilon] as const] : []));
  expect(epsilons.length).toBeGreaterThan(3);
  for (const [kind, epsilon] of epsilons) expect(epsilon, kind).toBe(kind === 'conv_stack' ? 1e-5 : 0.25);
});

describe('positions', () => {
  const namesOf = async (config: EncoderConfig) => {
    const { nodes, tensors } = buildModelGraph(await loadArchitecture(config, NO_HEAD), options);
    const named = nodes.map(({ kind, out }) => [tensors[out]?.name ?? '', kind] as const);
    return named.filter(([name]) => name.startsWith('positional'));
  };

  test('of data2vec are norms without weights behind convolutions; the file does not choose its norms', async () => {
    const config = Data2VecAudioConfig.fromJson({
      num_hidden_layers: 1,
      num_conv_pos_embeddings: 2,
      feat_extract_norm: 'group',
      do_stable_layer_norm: true,
    });
    expect(config).toMatchObject({ feat_extract_norm: 'layer', do_stable_layer_norm: false });
    // The sum joins the norm of the encoder.
    expect(await namesOf(config)).toEqual([
      ['positional conv 0', 'frame_conv'],
      ['positional conv 0 activation', 'layer_norm'],
      ['positional conv 1', 'frame_conv'],
      ['positional conv 1 activation', 'layer_norm'],
    ]);
  });

  test('of HuBERT with a batch norm: the frames themselves are added', async () => {
    const config = HubertConfig.fromJson({ num_hidden_layers: 1, conv_pos_batch_norm: true });
    expect(await namesOf(config)).toEqual([
      ['positional norm', 'channel_affine'],
      ['positional activation', 'frame_conv'],
    ]);
    const { nodes, tensors } = buildModelGraph(await loadArchitecture(config, NO_HEAD), options);
    const sum = nodes.find((node) => node.kind === 'layer_norm' && node.residual !== undefined);
    const added = [sum && 'x' in sum ? sum.x : -1, sum && 'residual' in sum ? sum.residual : -1];
    expect(added.map((id) => tensors[id]?.name)).toEqual(['positional activation', 'feature projection']);
  });
});
