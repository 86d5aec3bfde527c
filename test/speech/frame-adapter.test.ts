/** The adapter behind the encoder: how many frames it leaves, who counts them how, and which heads cannot follow it. */
import { describe, expect, test } from 'vitest';
import { Tensor } from '../../src/base/tensor.ts';
import { openAudio } from '../../src/pipelines/open-audio.ts';
import { cutPieces, planCutting } from '../../src/pipelines/recognition-pieces.ts';
import { UniSpeechConfig } from '../../src/speech/families/unispeech.ts';
import { Wav2Vec2Config } from '../../src/speech/families/wav2vec2.ts';
import { CONTRASTIVE_HEAD } from '../../src/speech/heads/contrastive-pre-training.ts';
import { CTC_HEAD } from '../../src/speech/heads/ctc.ts';
import { FRAME_CLASSIFICATION_HEAD } from '../../src/speech/heads/frame-classification.ts';
import { buildModelGraph, loadArchitecture } from '../../src/speech/heads/architecture.ts';
import { minimumSamples, type Head } from '../../src/speech/heads/head.ts';
import { labelLoss } from '../../src/speech/heads/label-losses.ts';
import { SEQUENCE_CLASSIFICATION_HEAD } from '../../src/speech/heads/sequence-classification.ts';
import { X_VECTOR_HEAD } from '../../src/speech/heads/x-vector.ts';
import { listOf } from '../helpers/async-lists.ts';

const RATE = 16_000;
/** Three steps of a half: 8 · 320 samples from one frame to the next. */
const configOf = (json: object = {}) =>
  Wav2Vec2Config.fromJson({ add_adapter: true, num_hidden_layers: 1, ...json });
const config = configOf();

test('makes frames fewer and farther apart; the ratio of the reference stays that of the encoder', () => {
  expect(config.inputs_to_logits_ratio).toBe(320);
  expect(config.samplesPerOutputFrame).toBe(8 * 320);
  // 499 → 250 → 125 → 63.
  expect(config.frameCount(10 * RATE)).toBe(499);
  expect(config.outputFrameCount(10 * RATE)).toBe(63);
  expect(config.outputWidth).toBe(768);
  expect(configOf({ output_hidden_size: 1024 }).outputWidth).toBe(1024);
  expect(configOf({ add_adapter: false, output_hidden_size: 1024 }).outputWidth).toBe(768);
});

test('a mask counts frames as if kernels were 1, which is true of kernels of 3 alone', () => {
  expect(config.maskedFrameCount(10 * RATE)).toBe(config.outputFrameCount(10 * RATE));
  const wide = configOf({ adapter_kernel_size: 7 });
  // 499 → 248 → 122 → 59.
  expect(wide.outputFrameCount(10 * RATE)).toBe(59);
  expect(wide.maskedFrameCount(10 * RATE)).toBe(63);
});

test('the shortest clip leaves one frame', () => {
  expect(config.minimumSampleCount).toBe(400);
  const wide = configOf({ adapter_kernel_size: 7 });
  expect(wide.outputFrameCount(wide.minimumSampleCount)).toBe(1);
  expect(wide.outputFrameCount(wide.minimumSampleCount - 1)).toBe(0);
});

test('reads the frames of the encoder, and gives heads its width', async () => {
  const narrow = configOf({ output_hidden_size: 30, num_adapter_layers: 2 });
  const options = { masksFrames: false, hiddenStates: true, attentions: false } as const;
  const architecture = await loadArchitecture(narrow, CTC_HEAD);
  const graph = buildModelGraph(architecture, { ...options, hiddenStatesConvention: 'current' });
  const names = graph.nodes.map(({ out }) => graph.tensors[out]?.name);
  expect(names.slice(-7)).toEqual([
    'adapter projection',
    'adapter norm',
    'adapter 0 convolution',
    'adapter 0',
    'adapter 1 convolution',
    'adapter 1',
    'lm head',
  ]);
  const states = graph.tensors[graph.outputs.get('hidden_states.1') ?? -1];
  expect(states).toMatchObject({ channels: 768, windows: [] });
  expect(graph.tensors[graph.outputs.get('logits') ?? -1]?.windows).toHaveLength(2);
  expect(CTC_HEAD.layout(narrow)[0]).toMatchObject({ elementCount: 32 * 32, rowLength: 32 });
});

test.each(['fixed', 'quiet'] as const)(
  '%s chunks of recognition are whole frames of the output, and leave no gap',
  async (cut) => {
    const clip = openAudio(new Float32Array(40 * RATE), { sampleRate: RATE });
    const options = { chunkLengthSeconds: 10, strideSeconds: 2, cut };
    const pieces = await listOf(
      cutPieces(
        clip,
        planCutting(clip, options, config, () => 30),
        () => undefined,
      ),
    );
    expect(pieces.length).toBeGreaterThan(3);
    for (const [index, { start, kept, overlap }] of pieces.entries()) {
      const next = pieces[index + 1];
      const { samplesPerOutputFrame } = config;
      if (next)
        expect(start + samplesPerOutputFrame * (overlap?.first ?? kept[1])).toBe(
          next.start + samplesPerOutputFrame * next.kept[0],
        );
    }
    expect(pieces.at(-1)?.kept[1]).toBe(config.outputFrameCount(pieces.at(-1)?.samples.length ?? 0));
  },
);

describe('losses', () => {
  const call = (json: object) => ({
    config: configOf({ pad_token_id: 0, ...json }),
    shape: { items: 1, samples: RATE, frames: config.frameCount(RATE) },
    sampleCounts: [RATE],
    isMasked: false,
    inputs: { labels: [[1, 2]] },
  });

  test('read as many frames as there are', () => {
    const logits = new Tensor('float32', new Float32Array(7 * 32), [1, 7, 32]);
    const loss = labelLoss(call({}), 'text')(new Map([['logits', logits]]));
    expect(Number.isFinite(loss.item())).toBe(true);
  });

  test('are refused, as in the reference, where the formula counts more', () => {
    expect(() => labelLoss(call({ adapter_kernel_size: 7 }), 'text')).toThrow(
      'Row 0 of the batch counts 7 frames in the CTC loss, but the adapter of this model leaves 3.',
    );
  });
});

test.each([
  ['classification of clips', SEQUENCE_CLASSIFICATION_HEAD],
  ['classification of frames', FRAME_CLASSIFICATION_HEAD],
  ['pre-training', CONTRASTIVE_HEAD],
])('there is no %s behind it', (what, head) => {
  expect(() => (head as Head<unknown>).layout(config)).toThrow(
    `config.json: "add_adapter" is true, but there is no ${what} behind an adapter.`,
  );
});

describe('embeddings of speakers', () => {
  test('need the more samples, and read hidden states in front of it', () => {
    const plain = Wav2Vec2Config.fromJson({});
    // 16 frames for a deviation; three times 2n − 2 frames for n of them.
    expect(minimumSamples(plain, X_VECTOR_HEAD)).toBe(plain.samplesFor(16));
    expect(minimumSamples(config, X_VECTOR_HEAD)).toBe(plain.samplesFor(121));
    const weighted = configOf({ use_weighted_layer_sum: true });
    expect(minimumSamples(weighted, X_VECTOR_HEAD)).toBe(plain.samplesFor(16));
  });

  test('are refused of another width than the projector reads', () => {
    const narrow = { output_hidden_size: 30 };
    expect(() => X_VECTOR_HEAD.layout(configOf(narrow))).toThrow(
      'config.json: "output_hidden_size" is 30, but the projector of an embedding reads "hidden_size" channels, 768.',
    );
    expect(X_VECTOR_HEAD.layout(configOf({ ...narrow, use_weighted_layer_sum: true }))).not.toHaveLength(0);
  });
});

test('sizes without bound, and families without it, are refused', () => {
  expect(() => configOf({ num_adapter_layers: 20 })).toThrow(
    /"conv_kernel" and "conv_stride", with the adapter, make one frame of 335544320 samples/,
  );
  expect(() => UniSpeechConfig.fromJson({ add_adapter: true })).toThrow(
    '"add_adapter" is true, but UniSpeech models with adapters are not supported.',
  );
});
