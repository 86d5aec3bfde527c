import type { GpuContext } from './context.ts';
import { GPUBufferUsage, GPUMapMode } from './flags.ts';
import type { KernelCall } from './kernel.ts';

/** Content of a read-only binding, or the number of 32-bit elements of the written one. */
export type CallBuffer = Float32Array | Uint32Array | number;

/**
 * Runs one kernel call on its own buffers and reads the written binding back: for self-tests, kernel tests
 * and benchmarks. `buffers` are the bindings after the uniform block, in order; the written one starts as
 * NaN, so that an element that the kernel forgot shows.
 */
export async function runCall(
  context: GpuContext,
  call: KernelCall,
  buffers: readonly CallBuffer[],
): Promise<Float32Array<ArrayBuffer>> {
  const { device, pipelines } = context;
  const { pipeline, layout } = await pipelines.compile(call.kernel);
  const outByteLength =
    4 * Math.max(0, ...buffers.map((content) => (typeof content === 'number' ? content : 0)));
  const created: GPUBuffer[] = [];
  const upload = (content: Float32Array | Uint32Array, usage: number): GPUBuffer => {
    const size = Math.max(16, content.byteLength);
    const buffer = device.createBuffer({ size, usage: usage | GPUBufferUsage.COPY_DST });
    device.queue.writeBuffer(buffer, 0, content.buffer, content.byteOffset, content.byteLength);
    created.push(buffer);
    return buffer;
  };
  try {
    const staging = await context.checked(`the kernel ${call.kernel.name}`, () => {
      let written: GPUBuffer | undefined;
      const gpuBuffers = [
        upload(call.params, GPUBufferUsage.UNIFORM),
        ...buffers.map((content) => {
          if (typeof content !== 'number') return upload(content, GPUBufferUsage.STORAGE);
          written = upload(
            new Float32Array(content).fill(NaN),
            GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC,
          );
          return written;
        }),
      ];
      if (written === undefined) throw new Error('no written binding');
      const bindGroup = device.createBindGroup({
        layout,
        entries: gpuBuffers.map((buffer, binding) => ({ binding, resource: { buffer } })),
      });
      const readback = device.createBuffer({
        size: outByteLength,
        usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
      });
      created.push(readback);
      const encoder = device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, bindGroup);
      pass.dispatchWorkgroups(...call.workgroups);
      pass.end();
      encoder.copyBufferToBuffer(written, 0, readback, 0, outByteLength);
      device.queue.submit([encoder.finish()]);
      return readback;
    });
    await staging.mapAsync(GPUMapMode.READ);
    return new Float32Array(staging.getMappedRange().slice(0));
  } finally {
    for (const buffer of created) buffer.destroy();
  }
}
