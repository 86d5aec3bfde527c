/** The first convolution with both norms, chained as the model chains it. */
import { afterAll, expect, test } from 'vitest';
import {
  conv0ChunkCount,
  conv0RowCount,
  planConv0GroupNorm,
  planConv0LayerNorm,
  planConv0Merge,
  planConv0Statistics,
  type Conv0Spec,
} from '../../kernels/conv0.ts';
import {
  conv0Data,
  conv0GroupNormReference,
  conv0LayerNormCase,
  conv0LayerNormReference,
  conv0StatisticsReference,
  type Conv0Data,
} from '../../kernels/reference/conv0.ts';
import { UNUSED } from '../../kernels/reference/kernel-case.ts';
import { SeededRandom } from '../../src/base/seeded-random.ts';
import { ceil4, type KernelCall } from '../../src/gpu/kernel.ts';
import { runCall } from '../../src/gpu/run-call.ts';
import { openTestContext } from '../helpers/gpu.ts';
import { bitsOf, expectClose, expectRight } from '../helpers/kernel-expect.ts';

const context = await openTestContext();
afterAll(() => context.release());
const random = new SeededRandom(4);

type Geometry = Pick<Conv0Spec, 'channels' | 'kernel' | 'stride'>;
/** A ragged block of channels; few of them; more than any block; a kernel and a stride longer than a window of registers. */
const WIDE: Geometry = { channels: 67, kernel: 10, stride: 5 };
const NARROW: Geometry = { channels: 5, kernel: 3, stride: 2 };
const MANY: Geometry = { channels: 519, kernel: 3, stride: 2 };
const LONG: Geometry = { channels: 2, kernel: 70, stride: 90 };
const GEOMETRIES: readonly Geometry[] = [WIDE, NARROW, MANY, LONG];
/** Layer norm has as many threads as the channels of a row need. The others have 32, 8, 64 and 8; these have 16, and 8 without a rest. */
const FEWER_THREADS: readonly Geometry[] = [
  { channels: 50, kernel: 4, stride: 2 },
  { channels: 32, kernel: 3, stride: 2 },
];

/** The whole clip of `rows` output rows, with `extra` samples that no row uses. */
const wholeClip = (geometry: Geometry, rows: number, extra = 0): Conv0Spec => ({
  ...geometry,
  items: 2,
  sampleCount: (rows - 1) * geometry.stride + geometry.kernel + Math.min(extra, geometry.stride - 1),
  hasBias: true,
  activation: 'gelu',
  epsilon: 1e-5,
  firstRow: 0,
  rows,
});

async function runStatistics(spec: Conv0Spec, { audio, w }: Conv0Data): Promise<Float32Array> {
  const chunkLength = 2 * spec.items * conv0ChunkCount(spec) * spec.channels;
  const chunks = await runCall(context, planConv0Statistics(spec), [audio, w, UNUSED, chunkLength]);
  // Means and deviations apart, since the deviations are far larger.
  for (const part of [0, 1]) {
    const every = (_: number, i: number): boolean => i % 2 === part;
    const expected = conv0StatisticsReference(spec, { audio, w, bias: UNUSED, gamma: UNUSED, beta: UNUSED });
    expectClose(chunks.filter(every), expected.filter(every), `statistics ${part} ${JSON.stringify(spec)}`);
  }
  return runCall(context, planConv0Merge(spec), [chunks, 2 * spec.items * spec.channels]);
}

const outLength = (spec: Conv0Spec): number => spec.items * spec.rows * ceil4(spec.channels);

async function runGroupNorm(
  spec: Conv0Spec,
  data: Conv0Data,
  statistics: Float32Array,
  change: (call: KernelCall) => KernelCall = (call) => call,
): Promise<Float32Array> {
  const { audio, w, bias, gamma, beta } = data;
  const buffers = [audio, w, bias, gamma, beta, statistics, outLength(spec)];
  return runCall(context, change(planConv0GroupNorm(spec)), buffers);
}

async function checkGroupNorm(spec: Conv0Spec, data: Conv0Data): Promise<void> {
  const out = await runGroupNorm(spec, data, await runStatistics(spec, data));
  expectClose(out, conv0GroupNormReference(spec, data), `group norm ${JSON.stringify(spec)}`);
}

test.each(GEOMETRIES)('group norm: $channels channels, kernel $kernel, stride $stride', async (geometry) => {
  for (const rows of [1, 7, 8, 9, 61]) {
    const spec = wholeClip(geometry, rows, 3);
    await checkGroupNorm(spec, conv0Data(spec, random));
  }
});

test('group norm around the length of a chunk', async () => {
  for (const rows of [255, 256, 257, 513]) {
    const spec = wholeClip(NARROW, rows);
    await checkGroupNorm(spec, conv0Data(spec, random));
  }
});

test('group norm: offsets of audio and bias far above the deviation', async () => {
  const spec = wholeClip(NARROW, 700);
  const data = {
    ...conv0Data(spec, random),
    audio: random.normals(spec.items * spec.sampleCount, 1000),
    bias: random.normals(spec.channels, -1000),
  };
  await checkGroupNorm(spec, data);
});

test('group norm: a chunk far from the rest of the clip', async () => {
  // Rows share no samples, so chunk 2 begins with the first loud one. All three samples that the origin is the median of lie
  // before it. Multiples of powers of two, so that f32 holds the convolution exactly and only the sums can lose digits.
  const spec = wholeClip({ channels: 5, kernel: 2, stride: 2 }, 600);
  const firstLoudSample = 2 * 256 * 2;
  const dyadic = (values: Float32Array, steps: number, offset: (i: number) => number = () => 0) =>
    values.map((value, i) => offset(i) + Math.round(value * steps) / steps);
  const { audio, w, ...rest } = conv0Data(spec, random);
  await runStatistics(spec, {
    ...rest,
    audio: dyadic(audio, 64, (i) => (i % spec.sampleCount < firstLoudSample ? 0 : 1000)),
    w: dyadic(w, 16),
  });
});

test('group norm: constant audio gives the activated beta', async () => {
  for (const constant of [0, 0.37, -1000.1]) {
    const spec = wholeClip(NARROW, 20);
    const audio = new Float32Array(spec.items * spec.sampleCount).fill(constant);
    await checkGroupNorm(spec, { ...conv0Data(spec, random), audio });
  }
});

const LAYER_NORM_GEOMETRIES = [...GEOMETRIES, ...FEWER_THREADS];
test.each(LAYER_NORM_GEOMETRIES)('layer norm: $channels channels, kernel $kernel', async (geometry) => {
  for (const rows of [1, 7, 8, 9, 61]) {
    const spec = wholeClip(geometry, rows, 3);
    await expectRight(context, conv0LayerNormCase(spec, conv0Data(spec, random)), JSON.stringify(spec));
  }
});

test('layer norm: a mean far above the deviation', async () => {
  // Multiples of powers of two, so that f32 holds the convolution exactly and only the norm can lose digits.
  const spec = wholeClip(NARROW, 33);
  const data = conv0Data(spec, random);
  const dyadic = (values: Float32Array, steps: number, offset = 0): Float32Array =>
    values.map((value) => offset + Math.round(value * steps) / steps);
  await expectRight(
    context,
    conv0LayerNormCase(spec, {
      ...data,
      audio: dyadic(data.audio, 64),
      w: dyadic(data.w, 16),
      bias: dyadic(data.bias, 64, 1000),
    }),
  );
});

test('tiles of time equal the whole bit for bit', async () => {
  for (const geometry of [WIDE, NARROW]) {
    const whole = wholeClip(geometry, 61, 1);
    const data = conv0Data(whole, random);
    const { audio, w, bias, gamma, beta } = data;
    const statistics = await runStatistics(whole, data);
    const runLayerNorm = (spec: Conv0Spec): Promise<Float32Array> =>
      runCall(context, planConv0LayerNorm(spec), [audio, w, bias, gamma, beta, outLength(spec)]);
    const wholes = [await runGroupNorm(whole, data, statistics), await runLayerNorm(whole)];
    for (const [firstRow, rows] of [
      [0, 8],
      [8, 17],
      [25, 1],
      [26, 35],
    ] as const) {
      const tile = { ...whole, firstRow, rows };
      const tiles = [await runGroupNorm(tile, data, statistics), await runLayerNorm(tile)];
      const references = [conv0GroupNormReference(tile, data), conv0LayerNormReference(tile, data)];
      tiles.forEach((out, i) => {
        const stride = ceil4(whole.channels);
        expectClose(out, references[i] ?? new Float64Array(), `rows from ${firstRow}`);
        for (let item = 0; item < whole.items; item++) {
          const start = (item * whole.rows + firstRow) * stride;
          expect(bitsOf(out.slice(item * rows * stride, (item + 1) * rows * stride))).toEqual(
            bitsOf(wholes[i]?.slice(start, start + rows * stride) ?? new Float32Array()),
          );
        }
      });
    }
  }
});

test('time blocks spread over two dimensions of the grid', async () => {
  const spec = wholeClip(NARROW, 61);
  const data = conv0Data(spec, random);
  const { audio, w, bias, gamma, beta } = data;
  const spread = (call: KernelCall): KernelCall => {
    const [x, , z] = call.workgroups;
    return { ...call, workgroups: [3, Math.ceil(x / 3), z] };
  };
  const statistics = await runStatistics(spec, data);
  expectClose(
    await runGroupNorm(spec, data, statistics, spread),
    conv0GroupNormReference(spec, data),
    'spread group norm',
  );
  const layerNormBuffers = [audio, w, bias, gamma, beta, outLength(spec)];
  expectClose(
    await runCall(context, spread(planConv0LayerNorm(spec)), layerNormBuffers),
    conv0LayerNormReference(spec, data),
    'spread layer norm',
  );
});

test('without bias', async () => {
  const spec = { ...wholeClip(LONG, 13), hasBias: false };
  await expectRight(context, conv0LayerNormCase(spec, conv0Data(spec, random)));
  expect(conv0RowCount(spec)).toBe(13);
});
