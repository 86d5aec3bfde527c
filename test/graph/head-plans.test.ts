/** Plans of the heads: what they read back, what they keep, and where the parts of a batch are joined. No GPU. */
import { describe, expect, test } from 'vitest';
import { explainPlan } from '../../src/graph/explain.ts';
import { planGraph, readbackByteLength, type Plan } from '../../src/graph/plan.ts';
import { joinParts } from '../../src/speech/core/outputs.ts';
import { UniSpeechConfig } from '../../src/speech/families/unispeech.ts';
import { buildModelGraph } from '../../src/speech/heads/architecture.ts';
import type { Head } from '../../src/speech/heads/head.ts';
import { FRAME_CLASSIFICATION_HEAD } from '../../src/speech/heads/frame-classification.ts';
import { PRE_TRAINING_HEAD } from '../../src/speech/heads/pre-training.ts';
import { SEQUENCE_CLASSIFICATION_HEAD } from '../../src/speech/heads/sequence-classification.ts';
import { X_VECTOR_HEAD } from '../../src/speech/heads/x-vector.ts';
import { Tensor } from '../../src/base/tensor.ts';
import { adapter } from '../helpers/planned.ts';
import { COMMON_PIECES } from '../../src/speech/encoder/encoder.ts';

const capabilities = adapter(8);

interface HeadPlanChoice {
  readonly json?: object;
  readonly convention?: 'current' | 'classic';
  readonly hiddenStates?: boolean;
  readonly headInputs?: readonly string[];
}

/** Five seconds. */
function planOf(
  head: Head<unknown>,
  { json = {}, convention = 'current', hiddenStates = false, headInputs = [] }: HeadPlanChoice,
): Plan {
  const config = UniSpeechConfig.fromJson(json);
  const graph = buildModelGraph(
    { config, pieces: COMMON_PIECES, head },
    {
      masksFrames: true,
      hiddenStates,
      attentions: false,
      hiddenStatesConvention: convention,
    },
    headInputs,
  );
  const shape = { items: 2, samples: 80_000, frames: config.frameCount(80_000) };
  return planGraph(graph, shape, capabilities, { hiddenActivation: 'gelu', weightFormat: 'f32' });
}

const meansOf = ({ steps }: Plan) => steps.filter(({ call }) => call.recipe.kind === 'frame_mean');

describe('classification', () => {
  test('is a mean and two products behind the encoder, and reads back its logits only', () => {
    const plan = planOf(SEQUENCE_CLASSIFICATION_HEAD, { json: { num_labels: 5 } });
    expect(plan.steps.slice(-3).map(({ name }) => name)).toEqual(['pooling', 'projector', 'classifier']);
    expect([...plan.outputs.keys()]).toEqual(['logits']);
    expect(readbackByteLength(plan.tensors, plan.outputs)).toBe(2 * 8 * 4);
  });

  test.each([
    [false, 'current'],
    [true, 'current'],
    [true, 'classic'],
  ] as const)(
    'sums states as they come, and keeps none of them: stable %s, %s',
    (do_stable_layer_norm, convention) => {
      const plain = planOf(SEQUENCE_CLASSIFICATION_HEAD, { json: { do_stable_layer_norm } });
      const weighted = planOf(SEQUENCE_CLASSIFICATION_HEAD, {
        json: { do_stable_layer_norm, use_weighted_layer_sum: true },
        convention,
      });
      const means = meansOf(weighted);
      expect(means.map(({ call }) => call.params.weight_index)).toEqual(
        Array.from({ length: 13 }, (_, n) => n),
      );
      expect(means.map(({ call }) => call.params.has_total)).toEqual([0, ...Array<number>(12).fill(1)]);
      // Each term is added to what the one before it wrote.
      means.slice(1).forEach(({ buffers }, n) => expect(buffers[3]).toBe(means[n]?.buffers.at(-1)));
      // Between two means the layer that makes the next state runs.
      const places = means.map((mean) => weighted.steps.indexOf(mean));
      places.slice(1).forEach((place, n) => expect(place - (places[n] ?? 0)).toBeGreaterThan(4));
      const bytesOf = (plan: Plan) => explainPlan(plan, capabilities).activationByteLength;
      expect(bytesOf(weighted)).toBeLessThanOrEqual(bytesOf(plain) + 4 * 2 * 2 * 768);
    },
  );

  test('the last term is the state that the convention says', () => {
    const lastStep = (convention: 'current' | 'classic') => {
      const { steps } = planOf(SEQUENCE_CLASSIFICATION_HEAD, {
        json: { do_stable_layer_norm: true, use_weighted_layer_sum: true },
        convention,
      });
      const read = steps.find(({ name }) => name === 'pooling 12')?.buffers[0];
      return steps.findLast(({ buffers }) => buffers.at(-1) === read)?.name;
    };
    expect(lastStep('current')).toBe('layer 11 sum');
    expect(lastStep('classic')).toBe('encoder norm');
  });

  test('keeps hidden states where they are asked for', () => {
    const { outputs } = planOf(SEQUENCE_CLASSIFICATION_HEAD, {
      json: { use_weighted_layer_sum: true, num_hidden_layers: 2 },
      hiddenStates: true,
    });
    expect([...outputs.keys()]).toEqual(['hidden_states.0', 'hidden_states.1', 'hidden_states.2', 'logits']);
  });
});

describe('classification of frames', () => {
  test('is one product behind the encoder', () => {
    const plan = planOf(FRAME_CLASSIFICATION_HEAD, { json: { num_labels: 3 } });
    expect(plan.steps.slice(-2).map(({ name }) => name)).toEqual(['layer 11 final norm', 'classifier']);
    expect(readbackByteLength(plan.tensors, plan.outputs)).toBe(2 * 249 * 4 * 4);
  });

  test('a weighted sum keeps no state, only the sum', () => {
    const bytesOf = (use_weighted_layer_sum: boolean) => {
      const plan = planOf(FRAME_CLASSIFICATION_HEAD, { json: { use_weighted_layer_sum } });
      return explainPlan(plan, capabilities).activationByteLength;
    };
    expect(bytesOf(true)).toBeLessThanOrEqual(bytesOf(false) + 2 * (2 * 249 * 768 * 4));
    const { steps } = planOf(FRAME_CLASSIFICATION_HEAD, { json: { use_weighted_layer_sum: true } });
    const sums = steps.filter(({ name }) => name.startsWith('weighted sum'));
    expect(sums.map(({ call }) => call.params.factor_index)).toEqual(Array.from({ length: 13 }, (_, n) => n));
    sums.slice(1).forEach(({ buffers }, n) => expect(buffers[2]).toBe(sums[n]?.buffers.at(-1)));
  });

  test('behind an adapter does not exist', () => {
    const config = UniSpeechConfig.fromJson({});
    const adapted = Object.assign(Object.create(config) as UniSpeechConfig, { add_adapter: true });
    expect(() => FRAME_CLASSIFICATION_HEAD.layout(adapted)).toThrow(
      'config.json: "add_adapter" is true, but there is no classification of frames behind an adapter.',
    );
  });
});

describe('embeddings of speakers', () => {
  test('are convolutions over frames, their statistics and two products', () => {
    const plan = planOf(X_VECTOR_HEAD, {});
    const start = plan.steps.findIndex(({ name }) => name === 'projector');
    expect(plan.steps.slice(start).map(({ name }) => name)).toEqual([
      'projector',
      // An activation moves into its convolution, whose name is then that of the activation.
      'tdnn.0.kernel activation',
      'tdnn.1.kernel activation unfold',
      'tdnn.1.kernel activation',
      'tdnn.2.kernel activation unfold',
      'tdnn.2.kernel activation',
      'tdnn.3.kernel activation',
      'tdnn.4.kernel activation',
      'statistics',
      'feature_extractor',
      'classifier',
    ]);
    expect([...plan.outputs.keys()]).toEqual(['logits', 'embeddings']);
    const last = plan.tensors.find(({ name }) => name === 'tdnn.4.kernel activation');
    expect(last?.byteLength).toBe(2 * (249 - 14) * 1500 * 4);
  });

  test('read vectors of speakers only for a loss', () => {
    const { steps, outputs } = planOf(X_VECTOR_HEAD, { headInputs: ['tdnn_counts', 'speaker_products'] });
    expect(steps.at(-1)?.name).toBe('objective');
    expect(steps.at(-1)?.buffers.slice(1, 3)).toEqual(['objective.weight', undefined]);
    expect([...outputs.keys()].at(-1)).toBe('speaker_products');
  });

  test('need as many kernels as dilations', () => {
    expect(() => planOf(X_VECTOR_HEAD, { json: { tdnn_kernel: [5, 3] } })).toThrow(
      '"tdnn_dim", "tdnn_kernel" and "tdnn_dilation" must have the same length, but they have 5, 2, 5 entries.',
    );
  });
});

describe('pre-training', () => {
  const namesOf = ({ steps }: Plan) => steps.slice(-8).map(({ name }) => name);

  test('is a quantizer behind the encoder; ctc_proj runs only with a mask', () => {
    const plan = planOf(PRE_TRAINING_HEAD, {});
    const quantizer = [
      'quantizer.weight_proj',
      'choice of codes',
      'counts of codes',
      'vectors of codes',
      'project_q',
      'project_hid',
    ];
    expect(namesOf(plan).slice(2)).toEqual(quantizer);
    expect([...plan.outputs.keys()]).toEqual([
      'projected_states',
      'code_counts',
      'projected_quantized_states',
    ]);
    const mixed = planOf(PRE_TRAINING_HEAD, { headInputs: ['mix_codes'] });
    expect(namesOf(mixed)).toEqual([...quantizer, 'mixed states', 'ctc_proj']);
    expect([...mixed.outputs.keys()].at(-1)).toBe('logits');
    expect([...mixed.inputs.keys()].at(-1)).toBe('mix_codes');
  });

  test('counts the codes of masked frames only for a loss, and reads logits of codes back only with noise', () => {
    const counted = planOf(PRE_TRAINING_HEAD, { headInputs: ['masked_frames'] });
    expect(counted.outputs.has('masked_code_counts')).toBe(true);
    expect(namesOf(counted)).toContain('counts of masked frames');
    const noisy = planOf(PRE_TRAINING_HEAD, { headInputs: ['code_noise'] });
    expect(noisy.outputs.has('code_logits')).toBe(true);
    expect(counted.outputs.has('code_logits')).toBe(false);
    expect(namesOf(noisy)).not.toContain('counts of masked frames');
  });

  test('nothing that a step reads is written over before it', () => {
    const { steps, memory, tensors, inputs } = planOf(PRE_TRAINING_HEAD, { headInputs: ['mix_codes'] });
    const holders = new Map([...inputs.values()].map(({ tensor }) => [memory.slabOf[tensor], tensor]));
    for (const { name, buffers } of steps) {
      for (const read of buffers.slice(0, -1)) {
        if (typeof read !== 'number') continue;
        expect(holders.get(memory.slabOf[read]), `${name} reads ${tensors[read]?.name}`).toBe(read);
      }
      const written = buffers.at(-1);
      if (typeof written === 'number') holders.set(memory.slabOf[written], written);
    }
  });

  test('counts the codes of the batch, and reads nothing else of the codebook back', () => {
    const { outputs, tensors } = planOf(PRE_TRAINING_HEAD, {});
    const frames = 2 * 249 * 768 * 4;
    expect(readbackByteLength(tensors, outputs)).toBe(frames + frames + 2 * 320 * 4);
  });
});

test('parts of a batch follow each other, and sums over the batch are added', () => {
  const parts = [
    [1, 2],
    [3, 4],
    [5, 7],
  ].map((row) => new Tensor('float32', Float32Array.from(row), [1, 2]));
  const items = joinParts(parts, { name: 'x', extent: 'items', channels: 2 });
  expect([items.dims, [...items.data]]).toEqual([
    [3, 2],
    [1, 2, 3, 4, 5, 7],
  ]);
  const rows = parts.map(({ data }) => new Tensor('float32', data, [2]));
  const sums = joinParts(rows, { name: 'x', extent: 'batch', channels: 2 });
  expect([sums.dims, [...sums.data]]).toEqual([[2], [9, 13]]);
});
