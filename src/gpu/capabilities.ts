/** The facts about an adapter that planners need, as plain data, so that plans can be tested without a GPU. */

export interface GpuLimits {
  readonly maxBufferSize: number;
  readonly maxStorageBufferBindingSize: number;
  readonly maxComputeWorkgroupStorageSize: number;
  readonly maxComputeInvocationsPerWorkgroup: number;
  readonly maxComputeWorkgroupsPerDimension: number;
}

/** Measured choices for matrix products: size class (`gemmSizeClass`) → name of a variant. */
export type GemmTuning = Readonly<Record<string, string>>;

export interface GpuCapabilities {
  /** Adapter name, as shown to people. */
  readonly adapter: string;
  /** The subgroup width if the adapter has subgroups of one fixed width, else `undefined`. */
  readonly subgroupSize: number | undefined;
  /** Whether the adapter computes on the processor. If so, `tune: 'auto'` measures nothing. Planners use `isNarrow` instead. */
  readonly isSoftware: boolean;
  readonly timestamps: boolean;
  readonly limits: GpuLimits;
  /** Kernel variants that planners must not choose, because they did not compile or computed wrongly here. */
  readonly distrusted?: readonly string[];
  /** Measured choices. Products of other size classes get their static choice. */
  readonly tuned?: GemmTuning | undefined;
}

const LIMIT_NAMES = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupsPerDimension',
] as const;

/** Reads the limits that planners use from an adapter or a device. */
function readLimits(limits: GPUSupportedLimits): GpuLimits {
  return Object.fromEntries(LIMIT_NAMES.map((name) => [name, limits[name]])) as Record<
    (typeof LIMIT_NAMES)[number],
    number
  >;
}

/**
 * Describes a device. Subgroup kernels hold one tile row or column per lane, so they need the width at
 * pipeline creation. An adapter whose width may vary counts as one without subgroups.
 */
export function readCapabilities(device: GPUDevice): GpuCapabilities {
  const info = device.adapterInfo;
  const fixedWidth = info.subgroupMinSize === info.subgroupMaxSize && info.subgroupMinSize > 0;
  return {
    adapter:
      info.description || [info.vendor, info.architecture].filter(Boolean).join(' ') || 'unnamed adapter',
    subgroupSize: device.features.has('subgroups') && fixedWidth ? info.subgroupMinSize : undefined,
    isSoftware: isSoftwareAdapter(info),
    timestamps: device.features.has('timestamp-query'),
    limits: readLimits(device.limits),
  };
}

/**
 * Whether subgroups are as narrow as a processor's registers. On such adapters loads and barriers are expensive, and staging in workgroup
 * memory only adds copies.
 */
export const isNarrow = (subgroupSize: number | undefined): subgroupSize is number =>
  subgroupSize !== undefined && subgroupSize <= 8;

/** Names of software adapters that do not report it: SwiftShader, Mesa's llvmpipe, Windows' WARP. */
const SOFTWARE_NAMES = /swiftshader|llvmpipe|lavapipe|basic render|\bwarp\b/i;

/** Whether an adapter computes on the processor instead of a GPU. It says so, or its name is known. */
export const isSoftwareAdapter = (info: GPUAdapterInfo): boolean =>
  info.isFallbackAdapter ||
  SOFTWARE_NAMES.test(`${info.vendor} ${info.architecture} ${info.device} ${info.description}`);
