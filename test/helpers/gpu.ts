import { platform } from '#platform';
import {
  openContext,
  openSharedContext,
  type GpuContext,
  type GpuContextOptions,
} from '../../src/gpu/context.ts';

/** A context of its own for one test file; release it in `afterAll`. */
export async function openTestContext(options: GpuContextOptions = {}): Promise<GpuContext> {
  const context = await openContext(platform, options);
  return context.retain();
}

/**
 * Keeps the device that models share open between the models of one test file, so that kernels compile once.
 * Returns what lets it go.
 */
export async function shareTestContext(): Promise<() => void> {
  const context = await openSharedContext(platform);
  return () => context.release();
}

/** Counts the buffers of a device that were made from now on and are not destroyed. The device works as always. */
export function countLiveBuffers(device: GPUDevice): () => number {
  let liveCount = 0;
  const createBuffer = device.createBuffer.bind(device);
  device.createBuffer = (descriptor) => {
    const buffer = createBuffer(descriptor);
    const destroy = buffer.destroy.bind(buffer);
    let isAlive = true;
    liveCount++;
    buffer.destroy = () => {
      if (isAlive) liveCount--;
      isAlive = false;
      destroy();
    };
    return buffer;
  };
  return () => liveCount;
}
