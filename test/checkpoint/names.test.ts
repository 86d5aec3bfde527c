/** Expected tensors are found under every spelling, and everything that does not fit is said in one error. */
import { describe, expect, test } from 'vitest';
import type { CheckpointTensor } from '../../src/checkpoint/checkpoint.ts';
import type { StoredDtype } from '../../src/checkpoint/dtype.ts';
import { type ExpectedTensor, resolveNames } from '../../src/checkpoint/names.ts';
import { UNISPEECH } from '../../src/speech/families/unispeech.ts';

interface FakeCheckpoint {
  readonly name: string;
  readonly tensors: ReadonlyMap<string, CheckpointTensor>;
  readonly unlisted: readonly string[];
}

const file = (
  tensors: Readonly<Record<string, readonly number[]>>,
  dtypes: Readonly<Record<string, StoredDtype>> = {},
): FakeCheckpoint => ({
  name: 'm.safetensors',
  tensors: new Map(
    Object.entries(tensors).map(([name, shape]) => [
      name,
      { dtype: dtypes[name] ?? 'F32', shape, byteLength: 0, file: 'm.safetensors' },
    ]),
  ),
  unlisted: [],
});

/** By the rules of UniSpeech. */
const resolve = (
  expected: readonly ExpectedTensor[],
  checkpoint: FakeCheckpoint,
  reasonsOf?: Parameters<typeof resolveNames>[3],
) => resolveNames(expected, checkpoint, UNISPEECH.names, reasonsOf);

const CONV = 'encoder.pos_conv_embed.conv';
const EXPECTED: readonly ExpectedTensor[] = [
  { name: 'encoder.layer_norm.weight', shape: [4] },
  { name: `${CONV}.weight_g`, shape: [1, 1, 3] },
  { name: `${CONV}.weight_v`, shape: [4, 2, 3] },
  { name: 'lm_head.weight', shape: [5, 4] },
];

const BASE_NAMES = {
  'encoder.layer_norm.weight': [4],
  [`${CONV}.weight_g`]: [1, 1, 3],
  [`${CONV}.weight_v`]: [4, 2, 3],
};
const HEAD = { 'lm_head.weight': [5, 4] };

describe('resolveNames finds', () => {
  test('a tensor of a head that is called like a part of the base model, by its name without prefix', () => {
    const name = 'feature_extractor.weight';
    const expected = [{ name, shape: [6, 40] }];
    expect([...resolve(expected, file({ [name]: [6, 40] })).names]).toEqual([[name, name]]);
    // Another class does not miss it.
    expect(resolve(EXPECTED, file({ ...BASE_NAMES, ...HEAD, [name]: [6, 40] })).unexpected).toEqual([]);
    const prefixed = `unispeech.${name}`;
    expect(() => resolve(expected, file({ [prefixed]: [6, 40] }))).toThrow(`missing: ${name} [6, 40]`);
    const both = resolve(expected, file({ [name]: [6, 40], [prefixed]: [3] }));
    expect(both.unexpected).toEqual([prefixed]);
  });

  test('names without and with the prefix', () => {
    expect(resolve(EXPECTED, file({ ...BASE_NAMES, ...HEAD })).names.get(`${CONV}.weight_v`)).toBe(
      `${CONV}.weight_v`,
    );
    const prefixed = Object.fromEntries(
      Object.entries(BASE_NAMES).map(([name, shape]) => [`unispeech.${name}`, shape]),
    );
    const { names, unexpected } = resolve(EXPECTED, file({ ...HEAD, ...prefixed }));
    expect([...names]).toEqual([
      ['lm_head.weight', 'lm_head.weight'],
      ['encoder.layer_norm.weight', 'unispeech.encoder.layer_norm.weight'],
      [`${CONV}.weight_g`, `unispeech.${CONV}.weight_g`],
      [`${CONV}.weight_v`, `unispeech.${CONV}.weight_v`],
    ]);
    expect(unexpected).toEqual([]);
  });

  test('the newer spelling of weight norm', () => {
    const { names } = resolve(
      EXPECTED,
      file({
        'unispeech.encoder.layer_norm.weight': [4],
        [`unispeech.${CONV}.parametrizations.weight.original0`]: [1, 1, 3],
        [`unispeech.${CONV}.parametrizations.weight.original1`]: [4, 2, 3],
        ...HEAD,
      }),
    );
    expect(names.get(`${CONV}.weight_g`)).toBe(`unispeech.${CONV}.parametrizations.weight.original0`);
    expect(names.get(`${CONV}.weight_v`)).toBe(`unispeech.${CONV}.parametrizations.weight.original1`);
  });

  test('gamma and beta of a LayerNorm', () => {
    const expected = [
      { name: 'LayerNorm.weight', shape: [2] },
      { name: 'LayerNorm.bias', shape: [2] },
    ];
    const { names } = resolve(expected, file({ 'LayerNorm.gamma': [2], 'LayerNorm.beta': [2] }));
    expect([...names.values()]).toEqual(['LayerNorm.gamma', 'LayerNorm.beta']);
  });

  test('unexpected tensors, but not those of other heads', () => {
    const { unexpected } = resolve(EXPECTED, {
      ...file({ ...BASE_NAMES, ...HEAD, 'unispeech.extra': [1], 'quantizer.codevectors': [1, 2, 3] }),
      unlisted: ['spare'],
    });
    expect(unexpected).toEqual(['spare', 'unispeech.extra']);
    const other = file({ ...BASE_NAMES, ...HEAD, 'classifier.extra': [1], masked_spec_embed: [4] });
    expect(resolve(EXPECTED, other).unexpected).toEqual([]);
  });
});

describe('resolveNames rejects', () => {
  test('everything that does not fit, in one error', () => {
    const resolveAll = (): unknown =>
      resolve(
        [...EXPECTED, ...'abcdef'.split('').map((name) => ({ name, shape: [1] }))],
        file({ ...BASE_NAMES, 'lm_head.weight': [4, 5], f: [1] }, { f: 'I64' }),
      );
    expect(resolveAll).toThrow(
      'm.safetensors does not fit its config and the model class: ' +
        '5 tensors are missing: a [1], b [1], c [1], d [1] and 1 more; ' +
        '1 tensor is of a wrong shape: lm_head.weight (expected [5, 4], found [4, 5]); ' +
        '1 tensor is of a wrong dtype: f (expected one of F32, F16, BF16, F64, found I64).',
    );
  });

  test('what does not fit, after the reasons for it, and fewer of long names', () => {
    const long = ['a', 'b', 'c'].map((letter) => ({ name: letter.repeat(90), shape: [1] }));
    expect(() =>
      resolve([...EXPECTED, ...long], file(BASE_NAMES), (shapes) => [
        `"x" is 5 in config.json and ${String(shapes.get('encoder.layer_norm.weight')?.[0])} in the weights`,
      ]),
    ).toThrow(
      'the model class: "x" is 5 in config.json and 4 in the weights; ' +
        `4 tensors are missing: lm_head.weight [5, 4], ${'a'.repeat(90)} [1] and 2 more.`,
    );
  });

  test('another number of dimensions', () => {
    expect(() => resolve(EXPECTED, file({ ...BASE_NAMES, 'lm_head.weight': [5, 4, 1] }))).toThrow(
      'lm_head.weight (expected [5, 4], found [5, 4, 1])',
    );
  });

  test('a positional convolution with its weight norm removed', () => {
    const tensors = { 'encoder.layer_norm.weight': [4], [`unispeech.${CONV}.weight`]: [4, 2, 3], ...HEAD };
    expect(() => resolve(EXPECTED, file(tensors))).toThrow(
      `m.safetensors holds a ready-made "unispeech.${CONV}.weight", expected its weight norm`,
    );
  });

  test('two spellings of one tensor', () => {
    const tensors = { ...BASE_NAMES, 'unispeech.encoder.layer_norm.weight': [4], ...HEAD };
    expect(() => resolve(EXPECTED, file(tensors))).toThrow(
      'holds both "encoder.layer_norm.weight" and "unispeech.encoder.layer_norm.weight"',
    );
  });
});
