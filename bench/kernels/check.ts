/** Whether a kernel computes right before it is timed: its known answer, and elements of the very case in float64. */
import { findFault } from '../../kernels/find-fault.ts';
import type { AttentionCall, AttentionSpec } from '../../kernels/attention.ts';
import type { GemmCall, GemmSpec } from '../../kernels/gemm.ts';
import { productOf, type GemmNormCall, type GemmNormSpec } from '../../kernels/gemm-norm.ts';
import { biasDistances } from '../../kernels/position-bias.ts';
import { isGemm, isGemmNorm, type PlannedCall } from '../../kernels/recipes.ts';
import { ACTIVATION_REFERENCES } from '../../kernels/reference/activation.ts';
import { normalize } from '../../kernels/reference/layer-norm.ts';
import { GPUBufferUsage, GPUMapMode } from '../../src/gpu/flags.ts';
import { ceil4 } from '../../src/gpu/kernel.ts';
import type { GpuContext } from '../../src/gpu/context.ts';
import { encodePass, type Dispatch } from '../../src/gpu/dispatch.ts';
import { spreadIndices } from '../lib/spread-indices.ts';
import { numberAt } from './bound-call.ts';

/** Elements of one case that are computed in float64. */
const SAMPLE_COUNT = 48;
/** Of the largest of the samples. Sums of thousands of terms in float32 differ by less than a tenth of it. */
const TOLERANCE = 1e-4;

/** What is wrong with a kernel, in one sentence, or undefined. */
export async function faultOf(
  context: GpuContext,
  call: PlannedCall,
  dispatch: Dispatch,
  written: GPUBuffer,
): Promise<string | undefined> {
  const fault = await findFault(context, call);
  if (fault !== undefined || !('spec' in call)) return fault;
  if ('weights' in call.spec && call.spec.weights !== 'f32') return undefined;
  const samples = samplesOf(call);
  await run(context, call.kernel.name, dispatch, written);
  const found = await readElements(context, written, [...samples.keys()]);
  const largest = Math.max(...[...samples.values()].map(Math.abs));
  const isWrong = [...samples].some(
    ([index, expected]) => !(Math.abs((found.get(index) ?? NaN) - expected) <= TOLERANCE * largest),
  );
  return isWrong ? `The kernel ${call.kernel.name} computes this case wrongly.` : undefined;
}

function samplesOf(call: GemmCall | GemmNormCall | AttentionCall): ReadonlyMap<number, number> {
  if (isGemm(call)) return gemmSamples(call.spec);
  return isGemmNorm(call) ? gemmNormSamples(call.spec) : attentionSamples(call.spec);
}

/** @throws UniSpeechError where WebGPU refuses the dispatch. */
async function run(
  context: GpuContext,
  kernelName: string,
  dispatch: Dispatch,
  written: GPUBuffer,
): Promise<void> {
  const { device } = context;
  const encoder = device.createCommandEncoder();
  // What a twin wrote there before must not pass for this kernel's answer.
  encoder.clearBuffer(written);
  encodePass(encoder, [dispatch]);
  await context.checked(`a dispatch of ${kernelName}`, () => device.queue.submit([encoder.finish()]));
  await device.queue.onSubmittedWorkDone();
}

async function readElements(
  { device }: GpuContext,
  buffer: GPUBuffer,
  indices: readonly number[],
): Promise<ReadonlyMap<number, number>> {
  const staging = device.createBuffer({
    size: 4 * indices.length,
    usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
  });
  try {
    const encoder = device.createCommandEncoder();
    indices.forEach((index, i) => encoder.copyBufferToBuffer(buffer, 4 * index, staging, 4 * i, 4));
    device.queue.submit([encoder.finish()]);
    await staging.mapAsync(GPUMapMode.READ);
    const values = new Float32Array(staging.getMappedRange().slice(0));
    return new Map(indices.map((index, i) => [index, values[i] ?? NaN]));
  } finally {
    staging.destroy();
  }
}

/** Elements of out by index; every binding holds `numberAt`. */
function gemmSamples(spec: GemmSpec): ReadonlyMap<number, number> {
  const activate = ACTIVATION_REFERENCES[spec.activation];
  const samples = new Map<number, number>();
  const perBatch = spec.rows * spec.columns;
  for (const flat of spreadIndices(spec.items * spec.groups * perBatch, SAMPLE_COUNT)) {
    const batch = Math.floor(flat / perBatch);
    const row = Math.floor((flat % perBatch) / spec.columns);
    const column = flat % spec.columns;
    const group = batch % spec.groups;
    const index =
      spec.outOffset +
      Math.floor(batch / spec.groups) * spec.outItemStride +
      group * spec.outGroupStride +
      row * spec.outRowStride +
      column;
    let value = productAt(spec, batch, row, column);
    if (spec.hasActivation) value = activate(value);
    if (spec.hasResidual) value += numberAt(index);
    samples.set(index, value);
  }
  return samples;
}

function productAt(spec: GemmSpec, batch: number, row: number, column: number): number {
  const wRow = (batch % spec.groups) * spec.columns + column;
  let value = spec.hasBias ? numberAt(wRow) : 0;
  for (let k = 0; k < spec.inner; k++) {
    value +=
      numberAt(batch * spec.aBatchStride + row * spec.aRowStride + k) * numberAt(wRow * spec.inner + k);
  }
  return value;
}

/** A few numbers of a few rows. Parameters of both norms are `numberAt`, too. */
function gemmNormSamples(spec: GemmNormSpec): ReadonlyMap<number, number> {
  const activate = ACTIVATION_REFERENCES[spec.activation];
  const product = productOf(spec);
  const scaled = (values: Float64Array, epsilon: number): Float64Array =>
    normalize(values, epsilon).map((value, c) => value * numberAt(c) + numberAt(c));
  const samples = new Map<number, number>();
  for (const flatRow of spreadIndices(spec.items * spec.rows, 4)) {
    const item = Math.floor(flatRow / spec.rows);
    const row = flatRow % spec.rows;
    const convolved = Float64Array.from({ length: spec.channels }, (_, c) =>
      productAt(product, item, row, c),
    );
    const once = scaled(convolved, spec.epsilon).map(activate);
    const out = spec.secondEpsilon === undefined ? once : scaled(once, spec.secondEpsilon);
    const start = spec.outOffset + item * spec.outItemStride + row * spec.outRowStride;
    for (const c of spreadIndices(spec.channels, SAMPLE_COUNT / 4)) samples.set(start + c, out[c] ?? NaN);
  }
  return samples;
}

/** Gate times bias; frames count on from item to item. */
function biasAt({ heads, bias }: AttentionSpec, query: number, head: number, key: number): number {
  if (bias === undefined) return 0;
  const rowLength = biasDistances(bias.reach).length;
  const distance = Math.max(-bias.reach, Math.min(bias.reach, key - query));
  return numberAt(query * ceil4(heads) + head) * numberAt((head + 0.5) * rowLength + distance);
}

/** A few numbers of a few queries. */
function attentionSamples(spec: AttentionSpec): ReadonlyMap<number, number> {
  const stride = ceil4(spec.headSize);
  const start = (frame: number, part: number, head: number): number =>
    ((frame * 3 + part) * spec.heads + head) * stride;
  const samples = new Map<number, number>();
  for (const row of spreadIndices(spec.items * spec.frames * spec.heads, 4)) {
    const head = row % spec.heads;
    const frame = Math.floor(row / spec.heads);
    const firstFrame = Math.floor(frame / spec.frames) * spec.frames;
    const scores = Float64Array.from({ length: spec.frames }, (_, key) => {
      let score = 0;
      for (let d = 0; d < spec.headSize; d++)
        score += numberAt(start(frame, 0, head) + d) * numberAt(start(firstFrame + key, 1, head) + d);
      return score * spec.headSize ** -0.5 + biasAt(spec, frame, head, firstFrame + key);
    });
    const largest = scores.reduce((a, b) => Math.max(a, b));
    const weights = scores.map((score) => Math.exp(score - largest));
    const total = weights.reduce((a, b) => a + b);
    for (const d of spreadIndices(spec.headSize, SAMPLE_COUNT / 4)) {
      let sum = 0;
      weights.forEach((weight, key) => {
        sum += (weight / total) * numberAt(start(firstFrame + key, 2, head) + d);
      });
      samples.set((frame * spec.heads + head) * stride + d, sum);
    }
  }
  return samples;
}
