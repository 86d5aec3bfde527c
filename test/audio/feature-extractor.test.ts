import { describe, expect, test } from 'vitest';
import { Wav2Vec2FeatureExtractor } from '../../src/audio/feature-extractor.ts';
import type { FeatureOptions } from '../../src/audio/feature-extractor.ts';
import type { FeatureRows } from '../../src/audio/features.ts';
import { UniSpeechError } from '../../src/base/errors.ts';
import { Tensor } from '../../src/base/tensor.ts';

const X = Float32Array.of(1, 2, 3, 4);
const Y = Float32Array.of(1, 3);
const X_NORMALIZED = [-1.3416407, -0.4472136, 0.4472136, 1.3416407];
const extractor = new Wav2Vec2FeatureExtractor();

function expectRows(actual: FeatureRows, values: readonly number[][], masks?: readonly number[][]) {
  const found = actual.input_values.map((row) => Array.from(row));
  expect(found.map((row) => row.length)).toEqual(values.map((row) => row.length));
  for (const [index, value] of values.flat().entries()) expect(found.flat()[index]).toBeCloseTo(value, 6);
  expect(actual.attention_mask?.map((row) => Array.from(row))).toEqual(masks);
}

describe('vectors of the reference', () => {
  test('one clip', () => expectRows(extractor.extract(X), [X_NORMALIZED]));

  test('padding with a mask: statistics of the samples only, padding stays zero', () =>
    expectRows(
      extractor.extract([X, Y], { padding: true, return_attention_mask: true }),
      [X_NORMALIZED, [-1, 1, 0, 0]],
      [
        [1, 1, 1, 1],
        [1, 1, 0, 0],
      ],
    ));

  test('padding without a mask: the zeros are part of the statistics', () =>
    expectRows(extractor.extract([X, Y], { padding: true }), [
      X_NORMALIZED,
      [0, 1.6329931, -0.8164966, -0.8164966],
    ]));

  test('padding to a multiple', () =>
    expectRows(
      extractor.extract([X, Y], { padding: true, pad_to_multiple_of: 3, return_attention_mask: true }),
      [
        [...X_NORMALIZED, 0, 0],
        [-1, 1, 0, 0, 0, 0],
      ],
      [
        [1, 1, 1, 1, 0, 0],
        [1, 1, 0, 0, 0, 0],
      ],
    ));

  test('truncation to max_length', () =>
    expectRows(
      extractor.extract([X, Y], {
        padding: 'max_length',
        max_length: 3,
        truncation: true,
        return_attention_mask: true,
      }),
      [
        [-1.2247448, 0, 1.2247448],
        [-1, 1, 0],
      ],
      [
        [1, 1, 1],
        [1, 1, 0],
      ],
    ));

  test('a constant clip', () => expectRows(extractor.extract([1, 1, 1]), [[0, 0, 0]]));

  test('left padding destroys the samples, as in the reference', () =>
    expectRows(
      new Wav2Vec2FeatureExtractor({ padding_side: 'left' }).extract([X, Y], {
        padding: true,
        return_attention_mask: true,
      }),
      [X_NORMALIZED, [0, 0, 0, 0]],
      [
        [1, 1, 1, 1],
        [0, 0, 1, 1],
      ],
    ));

  test('no normalisation', () =>
    expectRows(
      new Wav2Vec2FeatureExtractor({ do_normalize: false, return_attention_mask: true }).extract([X, Y], {
        padding: true,
      }),
      [
        [1, 2, 3, 4],
        [1, 3, 0, 0],
      ],
      [
        [1, 1, 1, 1],
        [1, 1, 0, 0],
      ],
    ));
});

describe('padding and truncation', () => {
  const raw = new Wav2Vec2FeatureExtractor({ do_normalize: false });
  const Z = Float32Array.of(1, 2, 3, 4, 5, 6, 7);

  test.each<[FeatureOptions, number[]]>([
    [{}, [4, 2, 7]],
    [{ padding: 'do_not_pad', pad_to_multiple_of: 4 }, [4, 2, 7]],
    [{ padding: 'longest' }, [7, 7, 7]],
    [{ padding: true, pad_to_multiple_of: 4 }, [8, 8, 8]],
    [{ padding: true, pad_to_multiple_of: 7 }, [7, 7, 7]],
    [{ padding: 'max_length', max_length: 5 }, [5, 5, 7]],
    [{ padding: 'max_length', max_length: 5, pad_to_multiple_of: 4 }, [8, 8, 8]],
    [{ padding: true, truncation: true, max_length: 3 }, [3, 3, 3]],
    [{ padding: true, truncation: true, max_length: 3, pad_to_multiple_of: 5 }, [5, 5, 5]],
    [{ padding: true, truncation: true, max_length: 100 }, [7, 7, 7]],
    [{ truncation: true, max_length: 3 }, [3, 2, 3]],
    [{ max_length: 3 }, [4, 2, 7]],
  ])('%o gives lengths %j', (options, lengths) => {
    const { input_values } = raw.extract([X, Y, Z], options);
    expect(input_values.map((row) => row.length)).toEqual(lengths);
    expect(Array.from(input_values[2] ?? []).slice(0, 3)).toEqual([1, 2, 3]);
  });

  test('a mask without padding is all ones and changes nothing', () => {
    const masked = extractor.extract([X, Y], { return_attention_mask: true });
    expectRows(
      masked,
      [X_NORMALIZED, [-1, 1]],
      [
        [1, 1, 1, 1],
        [1, 1],
      ],
    );
  });

  test('the padding value fills the padding, after normalisation too', () => {
    const options = { padding: 'max_length', max_length: 4 } as const;
    const filled = new Wav2Vec2FeatureExtractor({ padding_value: 9, return_attention_mask: true });
    expectRows(filled.extract(Y, options), [[-1, 1, 9, 9]], [[1, 1, 0, 0]]);
  });

  test('the input is never changed', () => {
    const samples = X.slice();
    extractor.extract([samples, Y], { padding: true });
    raw.extract(samples).input_values[0]?.fill(0);
    expect(samples).toEqual(X);
  });
});

describe('the call', () => {
  test('gives tensors with a batch axis', async () => {
    const single = await extractor(X, { sampling_rate: 16_000 });
    expect(single.input_values.dims).toEqual([1, 4]);
    expect(single).not.toHaveProperty('attention_mask');
    const batch = await extractor([X, Y], { padding: true, return_attention_mask: true });
    expect(batch.input_values.dims).toEqual([2, 4]);
    expect(batch.attention_mask).toMatchObject({ type: 'int32', dims: [2, 4] });
    expect(batch.attention_mask?.tolist()).toEqual([
      [1, 1, 1, 1],
      [1, 1, 0, 0],
    ]);
    expect(Array.from(batch.input_values.at(1).data)).toEqual([
      expect.closeTo(-1, 6),
      expect.closeTo(1, 6),
      0,
      0,
    ]);
  });

  test.each<[string, Parameters<typeof extractor>[0]]>([
    ['numbers', [1, 2, 3, 4]],
    ['float64', Float64Array.of(1, 2, 3, 4)],
    ['int16', Int16Array.of(1, 2, 3, 4)],
    ['int32', Int32Array.of(1, 2, 3, 4)],
    ['a batch of one', [X]],
    ['nested numbers', [[1, 2, 3, 4]]],
    ['a tensor [samples]', new Tensor('float32', X, [4])],
    ['a tensor [clips, samples]', new Tensor('float32', X, [1, 4])],
    ['tensors', [new Tensor('float32', X, [4])]],
  ])('takes %s', async (_, audio) => {
    const { input_values } = await extractor(audio);
    expect(input_values.dims).toEqual([1, 4]);
    for (const [index, value] of X_NORMALIZED.entries()) {
      expect(input_values.data[index]).toBeCloseTo(value, 6);
    }
  });

  test('a tensor of several rows is a batch', async () => {
    const audio = new Tensor('float32', Float32Array.of(1, 3, 5, 9), [2, 2]);
    const { input_values } = await extractor(audio);
    expect(input_values.dims).toEqual([2, 2]);
    for (const [index, value] of [-1, 1, -1, 1].entries())
      expect(input_values.data[index]).toBeCloseTo(value, 6);
  });
});

describe('errors', () => {
  const message = (text: string | RegExp) => ({
    name: 'UniSpeechError',
    message: expect.stringMatching(text) as string,
  });

  test.each<[string, unknown, RegExp]>([
    ['an empty batch', [], /got an empty batch/],
    ['an empty clip', new Float32Array(0), /got a clip without samples/],
    ['an empty clip in a batch', [X, new Float32Array(0)], /got clip 2 of 2 without samples/],
    ['an empty tensor', new Tensor('float32', new Float32Array(0), [0, 4]), /got an empty batch/],
    [
      'three dimensions',
      [[[1, 2]]],
      /Only mono-channel audio is supported for input to Wav2Vec2FeatureExtractor/,
    ],
    ['a 3-D tensor', new Tensor('float32', X, [1, 1, 4]), /Only mono-channel audio is supported/],
    ['2-D tensors in a batch', [new Tensor('float32', X, [1, 4])], /Only mono-channel audio is supported/],
    ['NaN', [X, Float32Array.of(1, NaN)], /got clip 2 of 2 whose sample 1 is NaN/],
    ['more than float32 holds', [1e300], /whose sample 0 is Infinity/],
    ['bytes', new Uint8Array(4), /takes samples as Float32Array, .* found a Uint8Array/],
    ['a string', 'clip.wav', /found "clip\.wav"/],
    ['strings', ['1', '2'], /found "1"/],
    ['null', null, /found null/],
    ['an int64 tensor', new Tensor('int64', new BigInt64Array(2), [2]), /found a Tensor/],
  ])('%s', async (_, audio, text) => {
    const call = extractor as (audio: unknown) => Promise<unknown>;
    await expect(call(audio)).rejects.toMatchObject({ ...message(text), code: 'bad-input' });
  });

  test.each<[string, FeatureOptions, RegExp]>([
    [
      'another sampling rate',
      { sampling_rate: 8000 },
      /trained using a sampling rate of 16000\. Please make sure that the provided `raw_speech` input was sampled with 16000 and not 8000\./,
    ],
    ['truncation without max_length', { truncation: true }, /make sure that `max_length` is defined/],
    ['max_length padding without it', { padding: 'max_length' }, /make sure that max_length is defined/],
    [
      'a multiple of 0',
      { padding: true, pad_to_multiple_of: 0 },
      /pad_to_multiple_of must be a positive whole/,
    ],
    ['half a sample', { padding: true, max_length: 1.5 }, /max_length must be a positive whole number/],
    ['unequal lengths without padding', {}, /different lengths \(4, 2 samples\).* Pass padding: true/],
  ])('%s', async (_, options, text) => {
    await expect(extractor([X, Y], options)).rejects.toMatchObject(message(text));
  });

  test('unknown options and padding strategies are named', async () => {
    const call = extractor as (audio: Float32Array, options: object) => Promise<unknown>;
    await expect(call(X, { paddding: true })).rejects.toThrow(/no option "paddding"/);
    await expect(call(X, { padding: 'left' })).rejects.toThrow(
      /"left" is not a valid PaddingStrategy, please select one of \['longest', 'max_length', 'do_not_pad'\]/,
    );
  });

  test('padding without a padding value', async () => {
    const unpadded = new Wav2Vec2FeatureExtractor({ padding_value: null });
    await expect(unpadded([X, Y], { padding: true })).rejects.toThrow(/padding_value null/);
    expectRows(unpadded.extract(Y), [[-1, 1]]);
  });
});

describe('pad', () => {
  test('pads features of single clips without normalising', () => {
    const padded = extractor.pad([{ input_values: X }]);
    expect(padded.input_values.tolist()).toEqual([[1, 2, 3, 4]]);
    const batch = extractor.pad([{ input_values: X }, { input_values: Y }], { return_attention_mask: true });
    expect(batch.input_values.tolist()).toEqual([
      [1, 2, 3, 4],
      [1, 3, 0, 0],
    ]);
    expect(batch.attention_mask?.tolist()).toEqual([
      [1, 1, 1, 1],
      [1, 1, 0, 0],
    ]);
  });

  test('keeps and pads the masks it gets', () => {
    const features = { input_values: [X, Y], attention_mask: [[1, 1, 1, 0], Int32Array.of(1, 1)] };
    expect(extractor.pad(features, { pad_to_multiple_of: 5 }).attention_mask?.tolist()).toEqual([
      [1, 1, 1, 0, 0],
      [1, 1, 0, 0, 0],
    ]);
  });

  test('takes what the extractor gave', async () => {
    const features = await extractor([X, Y], { padding: true, return_attention_mask: true });
    const again = extractor.pad(features, { padding: 'max_length', max_length: 5 });
    expect(again.input_values.dims).toEqual([2, 5]);
    expect(again.attention_mask?.tolist()).toEqual([
      [1, 1, 1, 1, 0],
      [1, 1, 0, 0, 0],
    ]);
  });

  test('says what is missing or does not fit', () => {
    const pad = (features: unknown) => () => extractor.pad(features as never);
    expect(pad({ labels: [1] })).toThrow(/includes input_values, but you provided \[labels\]/);
    expect(pad([{ input_values: X }, {}])).toThrow(/includes input_values, but you provided \[\]/);
    expect(pad({ input_values: [X, Y], attention_mask: [] })).toThrow('attention masks of  values, expected');
    expect(pad({ input_values: [X, Y], attention_mask: [[1, 1]] })).toThrow(
      /masks of 2 values, expected 4, 2/,
    );
    expect(pad([])).toThrow(/got an empty batch/);
    expect(() => extractor.pad({ input_values: [X, Y] }, { padding: false })).toThrow(/different lengths/);
  });
});

describe('configuration', () => {
  test('defaults of the reference', () => {
    expect(new Wav2Vec2FeatureExtractor().config).toEqual({
      feature_size: 1,
      sampling_rate: 16_000,
      padding_value: 0,
      padding_side: 'right',
      return_attention_mask: false,
      do_normalize: true,
    });
  });

  test('reads a configuration file and ignores what it does not know', () => {
    const json: unknown = JSON.parse(
      '{"feature_extractor_type":"Wav2Vec2FeatureExtractor","processor_class":"Wav2Vec2Processor","feature_size":1,' +
        '"return_attention_mask":true,"sampling_rate":8000,"padding_side":"right","padding_value":0.0}',
    );
    const { config } = Wav2Vec2FeatureExtractor.fromConfig(json, 'preprocessor_config.json');
    expect(config).toMatchObject({ sampling_rate: 8000, return_attention_mask: true, do_normalize: true });
    expect(config).not.toHaveProperty('processor_class');
  });

  test.each<[unknown, RegExp]>([
    [[], /^p\.json must hold an object of feature extractor options, found an array of 0/],
    [null, /found null/],
    [
      { sampling_rate: '16000' },
      /^p\.json: sampling_rate must be a positive whole number of Hz, found "16000"/,
    ],
    [{ sampling_rate: 0 }, /sampling_rate must be a positive/],
    [{ sampling_rate: 1e9 }, /sampling_rate must be at most 768000 Hz, found 1000000000/],
    [{ feature_size: 80 }, /feature_size must be 1, found 80/],
    [{ padding_value: 'zero' }, /padding_value must be a number or null/],
    [{ padding_side: 'both' }, /padding_side must be "right" or "left"/],
    [{ do_normalize: 1 }, /do_normalize must be true or false, found 1/],
  ])('rejects %j', (json, text) => {
    const build = () => Wav2Vec2FeatureExtractor.fromConfig(json, 'p.json');
    expect(build).toThrow(UniSpeechError);
    expect(build).toThrow(text);
  });

  test('the constructor rejects unknown and wrong options', () => {
    const build = (options: object) => () => new Wav2Vec2FeatureExtractor(options);
    expect(build({ samplingRate: 8000 })).toThrow(/no option "samplingRate"/);
    expect(build({ sampling_rate: -1 })).toThrow(/sampling_rate must be a positive/);
  });
});
