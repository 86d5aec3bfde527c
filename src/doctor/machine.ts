/** Facts about the program, the adapter and the device. */
import { UniSpeechError } from '../base/errors.ts';
import type { ModelStorage } from '../base/model-storage.ts';
import type { Platform } from '../base/platform.ts';
import { isSoftwareAdapter, type GpuCapabilities } from '../gpu/capabilities.ts';
import type { AdapterFacts, DeviceFacts, RuntimeFacts, StorageFacts } from './report.ts';

/** Globals that only some runtimes have. */
interface Globals {
  readonly process?: { readonly version: string; readonly platform: string; readonly arch: string };
  readonly navigator?: {
    readonly userAgent?: string;
    readonly hardwareConcurrency?: number;
    readonly userAgentData?: { readonly platform?: string };
    readonly storage?: StorageManager;
  };
  readonly isSecureContext?: boolean;
}

const globals = globalThis as Globals;

export function examineRuntime({ name }: Platform): RuntimeFacts {
  const { process, navigator, isSecureContext } = globals;
  const logicalCoreCount = navigator?.hardwareConcurrency;
  if (name === 'node' && process) {
    return {
      kind: 'node',
      program: `Node ${process.version}`,
      system: `${process.platform} ${process.arch}`,
      isSecureContext: true,
      logicalCoreCount,
    };
  }
  return {
    kind: 'browser',
    program: navigator?.userAgent ?? 'a browser that does not tell its name',
    system: navigator?.userAgentData?.platform ?? '',
    isSecureContext: isSecureContext === true,
    logicalCoreCount,
  };
}

/**
 * @throws UniSpeechError `no-webgpu` or `no-adapter`, with the fix for this platform; whatever the browser throws.
 */
export async function examineAdapter(platform: Platform): Promise<AdapterFacts> {
  const gpu = await platform.requestGpu();
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) {
    throw new UniSpeechError(
      'no-adapter',
      'WebGPU is available, but it found no adapter on this machine.',
      platform.noAdapterFix,
    );
  }
  const { vendor, architecture, device, description } = adapter.info;
  return {
    vendor,
    architecture,
    device,
    description,
    isSoftware: isSoftwareAdapter(adapter.info),
    features: [...adapter.features].sort(),
  };
}

export function describeDevice(
  device: GPUDevice,
  /** Includes stored measurements. */
  capabilities: GpuCapabilities,
): DeviceFacts {
  return {
    features: [...device.features].sort(),
    subgroupSize: capabilities.subgroupSize ?? null,
    timestamps: capabilities.timestamps,
    tunedCount: Object.keys(capabilities.tuned ?? {}).length,
    limits: capabilities.limits,
  };
}

/** Undefined if there is no browser storage: in Node, and on insecure pages. */
export async function examineStorage(models: ModelStorage): Promise<StorageFacts | undefined> {
  const storage = globals.navigator?.storage;
  if (storage === undefined) return undefined;
  const { usage, quota } = await storage.estimate();
  return { usage, quota, isPersistent: await storage.persisted(), models: await models.list() };
}
