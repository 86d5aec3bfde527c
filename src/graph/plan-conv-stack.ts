/**
 * Plans the convolutional feature extractor. Layer 0 has its own kernels. Layers 1… are GEMMs over overlapping rows
 * of [time, channel]. The outputs of the first layers are by far the largest tensors of the model (197 MB at 30 s). A clip whose
 * tensors exceed the binding limit is therefore computed in tiles of final frames, each from the rows that it needs.
 */
import {
  conv0ChunkCount,
  planConv0GroupNorm,
  planConv0LayerNorm,
  planConv0Merge,
  planConv0Statistics,
  type Conv0Spec,
} from '../../kernels/conv0.ts';
import { linearSpec, planGemm } from '../../kernels/gemm.ts';
import { chooseGemmNorm, planGemmNorm, productOf, type GemmNormSpec } from '../../kernels/gemm-norm.ts';
import { planLayerNorm } from '../../kernels/layer-norm.ts';
import { UniSpeechError } from '../base/errors.ts';
import { ceil4 } from '../gpu/kernel.ts';
import type { GraphNode } from './graph-node.ts';
import type { PlanBuilder, StepBuffer } from './plan-builder.ts';
import type { ConvGeometry, RunShape } from './shape.ts';

type ConvStackNode = Extract<GraphNode, { kind: 'conv_stack' }>;

/** A half-open range of rows. */
interface RowRange {
  readonly start: number;
  readonly end: number;
}

/** The rows of every layer's output that the final frames [start, end) need, from the first layer on. */
export function layerRanges(layers: readonly ConvGeometry[], frames: RowRange): readonly RowRange[] {
  const ranges: RowRange[] = [frames];
  for (const { kernel, stride } of layers.slice(1).reverse()) {
    const [next] = ranges;
    if (next) ranges.unshift({ start: next.start * stride, end: (next.end - 1) * stride + kernel });
  }
  return ranges;
}

/**
 * Maximum work of one dispatch, because submits cannot cut it: 40 ms at 1 TFLOP/s. The second convolution for 15 s in a
 * 512-channel model is just below it.
 */
const MAX_DISPATCH_WORK = 4e10;

/**
 * Splits the frames of a clip into equal tiles whose tensors fit `maxByteLength`. For a single clip it also limits the work
 * per dispatch.
 */
function tileFrames(
  { layers }: ConvStackNode,
  { items, frames }: RunShape,
  maxByteLength: number,
): readonly RowRange[] {
  const isTooLarge = (frameCount: number): boolean =>
    layerRanges(layers, { start: 0, end: frameCount }).some(({ end: rows }, i) => {
      const { channels = 1, kernel = 1 } = layers[i] ?? {};
      const work = 2 * rows * channels * kernel * (layers[i - 1]?.channels ?? 1);
      return 4 * items * rows * ceil4(channels) > maxByteLength || (items === 1 && work > MAX_DISPATCH_WORK);
    });
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
      const isLast = i === layers.length - 1;
      const { start, end } = ranges[i + 1] ?? tile;
      const inStride = ceil4(channels);
      const outStride = ceil4(layer.channels);
      const product = linearSpec({
        rows: end - start,
        columns: outStride,
        inner: layer.kernel * inStride,
        aRowStride: layer.stride * inStride,
        items: shape.items,
        aBatchStride: rows * inStride,
        outItemStride: (end - start) * outStride,
        outOffset: isLast ? tile.start * outStride : 0,
        weights: plan.weightFormat,
        hasBias: layer.bias !== undefined,
        activation: node.activation,
        hasActivation: layer.norm === undefined,
        hasResidual: false,
      });
      const operands = [x, layer.weight, layer.bias];
      ({ channels } = layer);
      ({ rows } = product);
      x = isLast ? out : plan.tensor(name, shape.items * rows * outStride);
      if (layer.norm === undefined) {
        plan.step(name, planGemm(product, plan.capabilities), [...operands, undefined, x]);
      } else {
        const norm = { ...layer.norm, epsilon: node.epsilon };
        const outNorm = isLast ? node.outNorm : undefined;
        const spec = { ...product, channels, epsilon: norm.epsilon, secondEpsilon: outNorm?.epsilon };
        planNormalizedConv(plan, name, spec, operands, outNorm ? [norm, outNorm] : [norm], x);
      }
    });
  }
}

type Norm = NonNullable<ConvStackNode['outNorm']>;

/** Plans a convolution with its norms as one dispatch, or as one per operation if no kernel for all of it can be trusted. */
function planNormalizedConv(
  plan: PlanBuilder,
  name: string,
  spec: GemmNormSpec,
  operands: readonly StepBuffer[],
  norms: readonly Norm[],
  out: number,
): void {
  const { capabilities } = plan;
  const variant = chooseGemmNorm(spec.weights, capabilities);
  if (variant !== undefined) {
    const [norm, outNorm] = norms;
    const parameters = [norm?.gamma, norm?.beta, outNorm?.gamma, outNorm?.beta];
    plan.step(name, planGemmNorm(spec, variant), [...operands, ...parameters, out]);
    return;
  }
  const scratch = (suffix: string): number =>
    plan.tensor(name + suffix, spec.items * spec.rows * spec.outRowStride);
  let x = scratch(' product');
  plan.step(name, planGemm({ ...productOf(spec), outOffset: 0 }, capabilities), [...operands, undefined, x]);
  norms.forEach(({ gamma, beta, epsilon }, i) => {
    const isLast = i === norms.length - 1;
    const target = isLast ? out : scratch(' norm');
    const call = planLayerNorm(
      {
        rows: spec.items * spec.rows,
        channels: spec.channels,
        epsilon,
        hasResidual: false,
        hasAffine: true,
        activation: spec.activation,
        hasActivation: i === 0,
        outOffset: isLast ? spec.outOffset : 0,
      },
      capabilities,
    );
    plan.step(`${name} norm`, call, [x, undefined, gamma, beta, target]);
    x = target;
  });
}
