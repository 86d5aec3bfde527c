/**
 * Plans the convolutional feature extractor. Layer 0 has its own kernels; layers 1… are GEMMs over overlapping rows
 * of [time, channel]. The first layers' outputs are by far the largest tensors of the model (197 MB at 30 s), so a
 * clip that does not fit the binding limit is computed in tiles of final frames, each from the rows that it needs.
 */
import {
  conv0ChunkCount,
  planConv0GroupNorm,
  planConv0LayerNorm,
  planConv0Merge,
  planConv0Statistics,
  type Conv0Spec,
} from '../../kernels/conv0.ts';
import { planGemm } from '../../kernels/gemm.ts';
import { chooseGemmNorm, planGemmNorm, productOf, type GemmNormSpec } from '../../kernels/gemm-norm.ts';
import { planLayerNorm } from '../../kernels/layer-norm.ts';
import { UniSpeechError } from '../base/errors.ts';
import { ceil4 } from '../gpu/kernel.ts';
import type { GraphNode } from './graph.ts';
import type { PlanBuilder, StepBuffer } from './plan-builder.ts';
import type { ConvGeometry, RunShape } from './shape.ts';

type ConvStackNode = Extract<GraphNode, { kind: 'conv_stack' }>;

/** A half-open range of rows. */
interface RowRange {
  readonly start: number;
  readonly end: number;
}

/** The rows of every layer's output that the final frames [start, end) need, first layer first. */
export function layerRanges(layers: readonly ConvGeometry[], frames: RowRange): readonly RowRange[] {
  const ranges: RowRange[] = [frames];
  for (const { kernel, stride } of layers.slice(1).reverse()) {
    const [next] = ranges;
    if (next) ranges.unshift({ start: next.start * stride, end: (next.end - 1) * stride + kernel });
  }
  return ranges;
}

/** Bytes of the largest tensor between the layers when `frameCount` final frames are computed at once. */
export function largestConvTensor(node: ConvStackNode, items: number, frameCount: number): number {
  const ranges = layerRanges(node.layers, { start: 0, end: frameCount });
  const byteLengths = node.layers.map(({ channels }, i) => {
    const range = ranges[i] ?? { start: 0, end: 0 };
    return items * (range.end - range.start) * ceil4(channels) * 4;
  });
  return Math.max(...byteLengths);
}

/** Arithmetic operations of the largest dispatch when `frameCount` final frames of one clip are computed at once. */
function largestConvWork(node: ConvStackNode, frameCount: number): number {
  const ranges = layerRanges(node.layers, { start: 0, end: frameCount });
  const works = node.layers.map(({ channels, kernel }, i) => {
    const { start, end } = ranges[i] ?? { start: 0, end: 0 };
    return 2 * (end - start) * channels * kernel * (node.layers[i - 1]?.channels ?? 1);
  });
  return Math.max(...works);
}

/**
 * Work of one dispatch, which no submit can cut: 40 ms at 1 TFLOP/s. The second convolution of 15 s of a 512-channel model
 * is just below it.
 */
const MAX_DISPATCH_WORK = 4e10;

/**
 * Splits the frames of a clip into equal tiles whose tensors fit `maxByteLength`, and of a single clip also so that no
 * dispatch keeps the GPU busy for long.
 */
export function tileFrames(
  node: ConvStackNode,
  { items, frames }: RunShape,
  maxByteLength: number,
): readonly RowRange[] {
  const isTooLarge = (frameCount: number): boolean =>
    largestConvTensor(node, items, frameCount) > maxByteLength ||
    (items === 1 && largestConvWork(node, frameCount) > MAX_DISPATCH_WORK);
  let tileCount = 1;
  while (tileCount < frames && isTooLarge(Math.ceil(frames / tileCount))) tileCount++;
  const tileSize = Math.ceil(frames / tileCount);
  return Array.from({ length: Math.ceil(frames / tileSize) }, (_, i) => ({
    start: i * tileSize,
    end: Math.min(frames, (i + 1) * tileSize),
  }));
}

/** Adds the steps of the node; `audio` and `out` are plan tensors. */
export function planConvStack(
  plan: PlanBuilder,
  node: ConvStackNode,
  shape: RunShape,
  audio: number,
  out: number,
): void {
  const { maxStorageBufferBindingSize } = plan.capabilities.limits;
  const tiles = tileFrames(node, shape, maxStorageBufferBindingSize);
  if (tiles.length > 1 && shape.items > 1) {
    throw new UniSpeechError(
      'limit-exceeded',
      'A batch that needs tiling in time must be split into single clips.',
    );
  }
  const [layer0, ...layers] = node.layers;
  if (layer0?.norm === undefined)
    throw new UniSpeechError('bad-config', 'The first convolution has no norm.');
  const conv0: Conv0Spec = {
    items: shape.items,
    sampleCount: shape.samples,
    channels: layer0.channels,
    kernel: layer0.kernel,
    stride: layer0.stride,
    hasBias: layer0.bias !== undefined,
    activation: node.activation,
    epsilon: node.epsilon,
    firstRow: 0,
    rows: 0,
  };
  const conv0Weights = [layer0.weight, layer0.bias];
  const conv0Norm = [layer0.norm.gamma, layer0.norm.beta];

  let statistics: number | undefined;
  if (layer0.norm.kind === 'group') {
    const perItem = 2 * layer0.channels * shape.items;
    const chunks = plan.tensor('group norm chunks', perItem * conv0ChunkCount(conv0));
    statistics = plan.tensor('group norm statistics', perItem);
    plan.step('conv 0 statistics', planConv0Statistics(conv0), [audio, ...conv0Weights, chunks]);
    plan.step('conv 0 statistics', planConv0Merge(conv0), [chunks, statistics]);
  }

  for (const tile of tiles) {
    const ranges = layerRanges(node.layers, tile);
    const range0 = ranges[0] ?? tile;
    const spec = { ...conv0, firstRow: range0.start, rows: range0.end - range0.start };
    const isOnlyLayer = layers.length === 0;
    let channels = layer0.channels;
    let rows = spec.rows;
    let x = isOnlyLayer ? out : plan.tensor('conv 0', shape.items * rows * ceil4(channels));
    if (statistics === undefined) {
      plan.step('conv 0', planConv0LayerNorm(spec), [audio, ...conv0Weights, ...conv0Norm, x]);
    } else {
      plan.step('conv 0', planConv0GroupNorm(spec), [audio, ...conv0Weights, ...conv0Norm, statistics, x]);
    }

    layers.forEach((layer, i) => {
      const name = `conv ${i + 1}`;
      const range = ranges[i + 1] ?? tile;
      const isLast = i === layers.length - 1;
      const inStride = ceil4(channels);
      const outStride = ceil4(layer.channels);
      const layerRows = range.end - range.start;
      const scratch = (suffix: string): number =>
        plan.tensor(name + suffix, shape.items * layerRows * outStride);
      const offset = isLast ? tile.start * outStride : 0;
      const product = {
        rows: layerRows,
        columns: outStride,
        inner: layer.kernel * inStride,
        aRowStride: layer.stride * inStride,
        items: shape.items,
        aBatchStride: rows * inStride,
        outRowStride: outStride,
        outItemStride: layerRows * outStride,
        outOffset: offset,
        weights: plan.weightFormat,
        hasBias: layer.bias !== undefined,
        activation: node.activation,
      };
      const operands = [x, layer.weight, layer.bias];
      const { norm } = layer;
      if (norm === undefined) {
        x = isLast ? out : scratch('');
        const spec = { groups: 1, outGroupStride: 0, lastGroupColumns: outStride, hasResidual: false };
        plan.step(name, planGemm({ ...product, ...spec, hasActivation: true }, plan.capabilities), [
          ...operands,
          undefined,
          x,
        ]);
      } else {
        const outNorm = isLast ? node.outNorm : undefined;
        const spec = {
          ...product,
          channels: layer.channels,
          epsilon: node.epsilon,
          secondEpsilon: outNorm?.epsilon,
        };
        x = planNormalizedConv(plan, name, spec, operands, [norm, outNorm], isLast ? out : scratch(' norm'));
      }
      channels = layer.channels;
      rows = layerRows;
    });
  }
}

type Norm = Pick<NonNullable<ConvStackNode['outNorm']>, 'gamma' | 'beta'>;

/**
 * A convolution with its norms into `out`: one dispatch, or where no kernel for that can be trusted, one for each operation.
 * @returns `out`.
 */
function planNormalizedConv(
  plan: PlanBuilder,
  name: string,
  spec: GemmNormSpec,
  operands: readonly StepBuffer[],
  [norm, outNorm]: readonly [Norm, Norm | undefined],
  out: number,
): number {
  const { capabilities } = plan;
  const parametersOf = (each: Norm | undefined): readonly StepBuffer[] => [each?.gamma, each?.beta];
  const variant = chooseGemmNorm(spec.weights, capabilities);
  if (variant !== undefined) {
    plan.step(name, planGemmNorm(spec, variant), [
      ...operands,
      ...parametersOf(norm),
      ...parametersOf(outNorm),
      out,
    ]);
    return out;
  }
  const scratch = (suffix: string): number =>
    plan.tensor(name + suffix, spec.items * spec.rows * spec.outRowStride);
  const convOut = scratch('');
  plan.step(name, planGemm({ ...productOf(spec), outOffset: 0 }, capabilities), [
    ...operands,
    undefined,
    convOut,
  ]);
  const planNorm = (x: number, each: Norm, epsilon: number, target: number, hasActivation: boolean): void =>
    plan.step(
      `${name} norm`,
      planLayerNorm(
        {
          rows: spec.items * spec.rows,
          channels: spec.channels,
          epsilon,
          hasResidual: false,
          activation: spec.activation,
          hasActivation,
          outOffset: target === out ? spec.outOffset : 0,
        },
        capabilities,
      ),
      [x, undefined, ...parametersOf(each), target],
    );
  const normalized = outNorm ? scratch(' norm') : out;
  planNorm(convOut, norm, spec.epsilon, normalized, true);
  if (outNorm) planNorm(normalized, outNorm, spec.secondEpsilon ?? 0, out, false);
  return out;
}
