import { messageOf } from '../base/checks.ts';
import { UniSpeechError } from '../base/errors.ts';
import type { Platform } from '../base/platform.ts';
import { readCapabilities, type GpuCapabilities } from './capabilities.ts';
import { KernelTrust } from './kernel-trust.ts';
import { PipelineCache } from './pipelines.ts';
import { SubmitPace } from './submit-pace.ts';

const WANTED_FEATURES: readonly GPUFeatureName[] = ['subgroups', 'timestamp-query'];

export interface GpuContextOptions {
  /** Lowers the limits that the engine assumes, to test smaller adapters. */
  readonly maxStorageBufferBindingSize?: number;
  /** Cuts runs into submits of this much work (`workOf`), to test slower devices. */
  readonly submitBudget?: number;
}

/**
 * A device together with its capabilities and its pipeline cache. Models share one
 * context. The last `release()` destroys the device, unless it is the caller's.
 */
export class GpuContext {
  readonly trust = new KernelTrust();
  readonly pipelines: PipelineCache;
  readonly pace: SubmitPace;
  #capabilities: GpuCapabilities;
  #userCount = 0;
  #lost: GPUDeviceLostInfo | undefined;

  constructor(
    readonly device: GPUDevice,
    /** Whether the engine opened the device. Only then may it destroy the device, or open another one after a loss. */
    readonly ownsDevice: boolean,
    options: GpuContextOptions = {},
  ) {
    const capabilities = readCapabilities(device);
    const bindingLimit = Math.min(
      capabilities.limits.maxStorageBufferBindingSize,
      options.maxStorageBufferBindingSize ?? Infinity,
    );
    this.#capabilities = {
      ...capabilities,
      limits: { ...capabilities.limits, maxStorageBufferBindingSize: bindingLimit },
    };
    this.pipelines = new PipelineCache(device);
    this.pace = new SubmitPace(options.submitBudget);
    void device.lost.then((info) => {
      this.#lost = info;
    });
  }

  /** The same object as long as plans stay valid; a new one after a variant was distrusted. */
  get capabilities(): GpuCapabilities {
    return this.#capabilities;
  }

  /** Forbids a kernel variant in all later plans. Returns whether it was allowed until now. */
  distrust(variant: string): boolean {
    const { distrusted = [] } = this.#capabilities;
    if (distrusted.includes(variant)) return false;
    this.#capabilities = { ...this.#capabilities, distrusted: [...distrusted, variant] };
    return true;
  }

  get isLost(): boolean {
    return this.#lost !== undefined;
  }

  retain(): this {
    this.#userCount++;
    return this;
  }

  release(): void {
    this.#userCount--;
    if (this.#userCount === 0 && this.ownsDevice) {
      if (shared === this) shared = undefined;
      this.device.destroy();
    }
  }

  /** @throws UniSpeechError `device-lost` if the device is lost. */
  assertAlive(): void {
    if (this.#lost === undefined) return;
    throw new UniSpeechError(
      'device-lost',
      `The GPU device was lost (${this.#lost.reason}: ${this.#lost.message || 'no reason given'}).`,
      this.ownsDevice
        ? 'Load the model again.'
        : 'It was passed in, so it cannot be replaced: load the model again with a new device.',
    );
  }

  /**
   * Runs `work` and turns validation errors and failed allocations inside it into one exception. `work` is synchronous, because
   * each device has one stack of error scopes: users whose scopes overlapped in time would pop each other's.
   * @throws UniSpeechError `out-of-memory` or `limit-exceeded`; what `work` created is then invalid.
   */
  async checked<T>(what: string, work: () => T): Promise<T> {
    this.device.pushErrorScope('validation');
    this.device.pushErrorScope('out-of-memory');
    let outcome: { readonly value: T } | { readonly error: unknown };
    try {
      outcome = { value: work() };
    } catch (error) {
      outcome = { error };
    }
    const [memoryError, validationError] = await Promise.all([
      this.device.popErrorScope(),
      this.device.popErrorScope(),
    ]);
    if ('error' in outcome) throw outcome.error;
    if (memoryError) {
      throw new UniSpeechError(
        'out-of-memory',
        `The GPU has too little memory for ${what}: ${memoryError.message}`,
        'Use shorter audio, smaller batches or a smaller model, or close other programs that use the GPU.',
      );
    }
    if (validationError) {
      throw new UniSpeechError('limit-exceeded', `WebGPU refused ${what}: ${validationError.message}`);
    }
    return outcome.value;
  }

  /**
   * The error to throw for an error of the device: `device-lost` if the device is lost by now, else the error itself.
   */
  async explain(error: unknown): Promise<unknown> {
    // A separate promise reports the loss. It may settle after the call that failed because of the loss.
    await Promise.race([this.device.lost, new Promise((resolve) => setTimeout(resolve, 50))]);
    try {
      this.assertAlive();
      return error;
    } catch (lost) {
      return lost;
    }
  }
}

/** Contexts of callers' devices. Models on the same device share its compiled pipelines and its capabilities. */
const callersContexts = new WeakMap<GPUDevice, GpuContext>();

/** The context of a caller's device, which is never destroyed. */
export function contextOf(device: GPUDevice): GpuContext {
  const context = callersContexts.get(device) ?? new GpuContext(device, false);
  callersContexts.set(device, context);
  return context.retain();
}

let shared: GpuContext | undefined;
let opening: Promise<GpuContext> | undefined;

/** The context that models share if the caller gives no device. */
export async function openSharedContext(platform: Platform): Promise<GpuContext> {
  if (shared === undefined || shared.isLost) {
    opening ??= openContext(platform).finally(() => {
      opening = undefined;
    });
    shared = await opening;
  }
  return shared.retain();
}

/**
 * Requests the most capable adapter, and a device with every limit that it offers. If the adapter refuses such a device, requests
 * one with the limits that WebGPU guarantees.
 * @throws UniSpeechError `no-webgpu`, `no-adapter` or `no-device`, with the fix for this platform.
 */
export async function openContext(platform: Platform, options: GpuContextOptions = {}): Promise<GpuContext> {
  const gpu = await platform.requestGpu();
  let refusal: unknown;
  for (const describe of [fullDevice, () => ({})]) {
    // Each attempt needs a new adapter: an adapter gives only one device, and some count a refused one.
    const adapter = await requestAdapter(gpu, platform);
    if (!adapter) {
      throw new UniSpeechError(
        'no-adapter',
        'WebGPU found no adapter on this machine.',
        platform.noAdapterFix,
      );
    }
    try {
      return new GpuContext(await adapter.requestDevice(describe(adapter)), true, options);
    } catch (error) {
      refusal = error;
    }
  }
  throw new UniSpeechError(
    'no-device',
    `The GPU adapter opened no device: ${messageOf(refusal)}`,
    'Close other pages and programs that use the GPU, or restart the browser.',
    { cause: refusal },
  );
}

/** Dawn throws where the environment names an adapter that there is not. */
async function requestAdapter(gpu: GPU, { noAdapterFix }: Platform): Promise<GPUAdapter | null> {
  try {
    return await gpu.requestAdapter({ powerPreference: 'high-performance' });
  } catch (cause) {
    const reason = messageOf(cause);
    throw new UniSpeechError('no-adapter', `WebGPU found no adapter: ${reason}`, noAdapterFix, { cause });
  }
}

const fullDevice = ({ features, limits }: GPUAdapter): GPUDeviceDescriptor => ({
  requiredFeatures: WANTED_FEATURES.filter((feature) => features.has(feature)),
  requiredLimits: {
    maxBufferSize: limits.maxBufferSize,
    maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
    maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
    maxComputeInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
    maxComputeWorkgroupSizeX: limits.maxComputeWorkgroupSizeX,
  },
});
