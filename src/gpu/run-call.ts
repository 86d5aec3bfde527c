/** Runs one kernel call on its own buffers, for self-tests, kernel tests and benchmarks. */
import type { GpuContext } from './context.ts';
import { bindCalls, encodePass } from './dispatch.ts';
import { GPUBufferUsage, GPUMapMode } from './flags.ts';
import type { KernelCall } from './kernel.ts';

/** Content of a read-only binding, or the number of 32-bit elements of the written binding. */
export type CallBuffer = Float32Array | Uint32Array | number;

/**
 * Runs one kernel call and reads the written binding back. `buffers` are the bindings after the uniform block, in order. The
 * written one starts as NaN, so that elements which the kernel did not write are visible.
 */
export async function runCall(
  context: GpuContext,
  call: KernelCall,
  buffers: readonly CallBuffer[],
): Promise<Float32Array<ArrayBuffer>> {
  const { device, pipelines } = context;
  const compiled = await pipelines.compile(call.kernel);
  const outByteLength =
    4 * Math.max(0, ...buffers.map((content) => (typeof content === 'number' ? content : 0)));
  const created: GPUBuffer[] = [];
  const upload = (content: Float32Array | Uint32Array): GPUBuffer => {
    const buffer = device.createBuffer({
      size: Math.max(16, content.byteLength),
      usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
    });
    created.push(buffer);
    device.queue.writeBuffer(buffer, 0, content.buffer, content.byteOffset, content.byteLength);
    return buffer;
  };
  try {
    const staging = await context.checked(`the kernel ${call.kernel.name}`, () => {
      const resources = buffers.map((content) => ({
        buffer: upload(typeof content === 'number' ? new Float32Array(content).fill(NaN) : content),
      }));
      const written = resources[buffers.findIndex((content) => typeof content === 'number')];
      if (written === undefined) throw new Error('no written binding');
      const { dispatches, uniforms } = bindCalls(device, [{ call, compiled, resources }]);
      created.push(uniforms);
      const readback = device.createBuffer({
        size: outByteLength,
        usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
      });
      created.push(readback);
      const encoder = device.createCommandEncoder();
      encodePass(encoder, dispatches);
      encoder.copyBufferToBuffer(written.buffer, 0, readback, 0, outByteLength);
      device.queue.submit([encoder.finish()]);
      return readback;
    });
    await staging.mapAsync(GPUMapMode.READ);
    return new Float32Array(staging.getMappedRange().slice(0));
  } finally {
    for (const buffer of created) buffer.destroy();
  }
}
