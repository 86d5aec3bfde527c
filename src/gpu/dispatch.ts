/** Binds kernel calls to buffers and encodes them: the only way from a `KernelCall` to GPU commands. */
import { GPUBufferUsage } from './flags.ts';
import { packParams, type KernelCall } from './kernel.ts';
import type { CompiledKernel } from './pipelines.ts';

/** A call with its pipeline and its buffers. */
export interface CallBindings {
  readonly call: KernelCall;
  readonly compiled: CompiledKernel;
  /** Bindings after the uniform block, in order. */
  readonly resources: readonly GPUBufferBinding[];
  /** Shown by GPU debuggers. */
  readonly label?: string;
}

/** One dispatch, ready to be encoded any number of times. */
export interface Dispatch {
  readonly pipeline: GPUComputePipeline;
  readonly bindGroup: GPUBindGroup;
  readonly workgroups: KernelCall['workgroups'];
}

export interface BoundCalls {
  /** One dispatch per call, in order. */
  readonly dispatches: readonly Dispatch[];
  /** The uniform blocks of all calls. The caller destroys the buffer. */
  readonly uniforms: GPUBuffer;
}

/**
 * Writes the uniform blocks of calls into one buffer and makes their bind groups.
 * @param label label of that buffer, shown by GPU debuggers.
 */
export function bindCalls(
  device: GPUDevice,
  calls: readonly CallBindings[],
  label = 'uniforms of calls',
): BoundCalls {
  const alignment = device.limits.minUniformBufferOffsetAlignment;
  const blocks = calls.map(({ call }) => packParams(call.params));
  const stride =
    Math.max(1, ...blocks.map(({ byteLength }) => Math.ceil(byteLength / alignment))) * alignment;
  const words = new Uint32Array((blocks.length * stride) / 4);
  blocks.forEach((block, index) => words.set(block, (index * stride) / 4));
  const uniforms = device.createBuffer({
    label,
    size: words.byteLength,
    usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
  });
  device.queue.writeBuffer(uniforms, 0, words);
  const dispatches = calls.map(
    ({ call, compiled, resources, label: name = call.kernel.name }, index): Dispatch => {
      const block = { buffer: uniforms, offset: index * stride, size: blocks[index]?.byteLength ?? 0 };
      return {
        pipeline: compiled.pipeline,
        bindGroup: device.createBindGroup({
          label: name,
          layout: compiled.layout,
          entries: [block, ...resources].map((resource, binding) => ({ binding, resource })),
        }),
        workgroups: call.workgroups,
      };
    },
  );
  return { dispatches, uniforms };
}

/** Encodes one compute pass. */
export function encodePass(
  encoder: GPUCommandEncoder,
  dispatches: Iterable<Dispatch>,
  descriptor?: GPUComputePassDescriptor,
): void {
  const pass = encoder.beginComputePass(descriptor);
  let last: Dispatch | undefined;
  for (const dispatch of dispatches) {
    if (dispatch.pipeline !== last?.pipeline) pass.setPipeline(dispatch.pipeline);
    if (dispatch.bindGroup !== last?.bindGroup) pass.setBindGroup(0, dispatch.bindGroup);
    pass.dispatchWorkgroups(...dispatch.workgroups);
    last = dispatch;
  }
  pass.end();
}
