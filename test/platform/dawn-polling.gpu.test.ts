/** While the adapter works, the process rests: Dawn's bindings do not spin the event loop. */
import { performance } from 'node:perf_hooks';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { globals } from 'webgpu';
import { GPUBufferUsage, GPUMapMode } from '../../src/gpu/flags.ts';
import type { GpuContext } from '../../src/gpu/context.ts';
import { ASYNC_METHODS } from '../../src/platform/dawn-polling.ts';
import { openTestContext } from '../helpers/gpu.ts';

let context: GpuContext;

beforeEach(async () => {
  context = await openTestContext();
});
afterEach(() => {
  context.release();
});

/** One invocation that keeps the adapter busy for some tenths of a second. */
const SLOW_SHADER = `
@group(0) @binding(0) var<storage, read_write> state: u32;
@compute @workgroup_size(1) fn main() {
  for (var i = 0u; i < 100000000u; i++) { state = state * 1664525u + 1013904223u; }
}`;

/** Submits the shader. @returns the buffer that its state is copied to. */
async function submitSlowWork({ device }: GpuContext): Promise<GPUBuffer> {
  const module = device.createShaderModule({ code: SLOW_SHADER });
  const pipeline = await device.createComputePipelineAsync({ layout: 'auto', compute: { module } });
  const buffer = device.createBuffer({ size: 4, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC });
  const staging = device.createBuffer({ size: 4, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
  const layout = pipeline.getBindGroupLayout(0);
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, device.createBindGroup({ layout, entries: [{ binding: 0, resource: { buffer } }] }));
  pass.dispatchWorkgroups(1);
  pass.end();
  encoder.copyBufferToBuffer(buffer, 0, staging, 0, 4);
  device.queue.submit([encoder.finish()]);
  return staging;
}

test('the event loop rests while the adapter works, and Dawn still answers', async () => {
  const setImmediate = vi.spyOn(globalThis, 'setImmediate');
  try {
    const staging = await submitSlowWork(context);
    const start = performance.now();
    const before = performance.eventLoopUtilization();
    await Promise.all([staging.mapAsync(GPUMapMode.READ), context.device.queue.onSubmittedWorkDone()]);
    const { utilization } = performance.eventLoopUtilization(before);
    expect(performance.now() - start, 'the work is too short for this test').toBeGreaterThan(50);
    expect(new Uint32Array(staging.getMappedRange())[0]).toBe(1_116_472_576);
    // Without rest it is 1; here it was 0.1.
    expect(utilization).toBeLessThan(0.7);
    expect(setImmediate, 'Dawn asked by the global function').not.toHaveBeenCalled();
  } finally {
    setImmediate.mockRestore();
  }
});

test('the global setImmediate is its own again after each call, also after one that fails', async () => {
  const { device } = context;
  const original = globalThis.setImmediate;
  const staging = device.createBuffer({ size: 4, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
  const mapped = staging.mapAsync(GPUMapMode.READ);
  expect(globalThis.setImmediate).toBe(original);
  await mapped;
  expect(globalThis.setImmediate).toBe(original);
  await expect(
    (async () => staging.mapAsync('nonsense' as never))(),
    'a call that Dawn refuses',
  ).rejects.toThrow();
  expect(globalThis.setImmediate).toBe(original);
});

test('every method that gives a promise is paced', () => {
  const classes = globals as Readonly<Record<string, { readonly prototype: object }>>;
  const found = Object.entries(ASYNC_METHODS).flatMap(([className, methods]) =>
    methods.map(
      (method) => [method, String(Reflect.get(classes[className]?.prototype ?? {}, method))] as const,
    ),
  );
  expect(found.length).toBeGreaterThan(6);
  // One that Dawn no longer has would be no function at all.
  for (const [method, source] of found) expect(source, method).toMatch(/^function(?!.*\[native code\])/s);
});
