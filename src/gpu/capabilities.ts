/** What planners need to know of an adapter: plain data, so that plans are tested without a GPU. */

export interface GpuLimits {
  readonly maxBufferSize: number;
  readonly maxStorageBufferBindingSize: number;
  readonly maxComputeWorkgroupStorageSize: number;
  readonly maxComputeInvocationsPerWorkgroup: number;
  readonly maxComputeWorkgroupsPerDimension: number;
}

/** Measured choices of matrix products: size class (`gemmSizeClass`) → name of a variant. */
export type GemmTuning = Readonly<Record<string, string>>;

export interface GpuCapabilities {
  /** Adapter name, as shown to people. */
  readonly adapter: string;
  /** The subgroup width when the adapter has subgroups of one fixed width, else `undefined`. */
  readonly subgroupSize: number | undefined;
  /** Whether the processor computes, by what the adapter says of itself: nothing is tuned there by itself. Planners go by `isNarrow`. */
  readonly isSoftware: boolean;
  readonly timestamps: boolean;
  readonly limits: GpuLimits;
  /** Kernel variants that planners must not choose: they did not compile or computed wrongly here. */
  readonly distrusted?: readonly string[];
  /** What was measured here; products of other size classes have their static choice. */
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
 * Describes a device. Subgroup kernels hold one tile row or column a lane, so they need the width at
 * pipeline creation: an adapter whose width may vary counts as one without subgroups.
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
 * Whether subgroups are as narrow as the registers of a processor. Loads and barriers are dear there, and staging in workgroup memory
 * only adds copies.
 */
export const isNarrow = (subgroupSize: number | undefined): subgroupSize is number =>
  subgroupSize !== undefined && subgroupSize <= 8;

/** Software adapters that do not say so of themselves: SwiftShader, Mesa's llvmpipe, Windows' WARP. */
const SOFTWARE_NAMES = /swiftshader|llvmpipe|lavapipe|basic render|\bwarp\b/i;

/** Whether an adapter computes on the processor instead of a GPU: told by it, or known by its name. */
export const isSoftwareAdapter = (info: GPUAdapterInfo): boolean =>
  info.isFallbackAdapter ||
  SOFTWARE_NAMES.test(`${info.vendor} ${info.architecture} ${info.device} ${info.description}`);
