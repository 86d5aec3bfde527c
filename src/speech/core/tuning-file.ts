/** The stored text of an adapter's measurements, with everything that they depend on, and a checksum. Pure. */
import { gemmSources } from '../../../kernels/gemm.ts';
import { VERSION } from '../../base/version.ts';
import type { GemmTuning, GpuCapabilities } from '../../gpu/capabilities.ts';
import { Sha256 } from '../../files/sha256.ts';

const sha256 = (text: string): string => new Sha256().update(new TextEncoder().encode(text)).hex();

/** The part of a `GpuContext` that is needed. */
export interface TunedDevice {
  readonly device: { readonly adapterInfo: GPUAdapterInfo; readonly features: ReadonlySet<string> };
  readonly capabilities: GpuCapabilities;
}

/** The adapter's identity, and the features and limits that kernels depend on. */
export function adapterIdentity({ device, capabilities }: TunedDevice): string {
  // All that this runtime tells, the driver too where it does: properties of a prototype, which only this finds.
  const info: Record<string, unknown> = {};
  for (const name in device.adapterInfo) info[name] = device.adapterInfo[name as keyof GPUAdapterInfo];
  const { subgroupSize, limits } = capabilities;
  return JSON.stringify([info, subgroupSize, [...device.features].sort(), limits]);
}

/** The name under which an adapter's text is stored. */
export const tuningName = (identity: string): string => sha256(identity).slice(0, 32);

/** Everything that the measurements depend on. A text with other values is ignored. */
const stateOf = (context: TunedDevice) => ({
  adapter: adapterIdentity(context),
  version: VERSION,
  kernels: sha256(gemmSources(context.capabilities)),
});

/** The stored data of an adapter. */
export interface KeptTuning {
  /** Measured choices only. */
  readonly choices: GemmTuning;
  /** Size class → how many loads could measure nothing in time, this class included. */
  readonly attempts: Readonly<Record<string, number>>;
}

export function encodeTuning(context: TunedDevice, { choices, attempts }: KeptTuning): string {
  const body = { ...stateOf(context), choices, attempts };
  return JSON.stringify({ sha256: sha256(JSON.stringify(body)), body }, undefined, 2);
}

/** Parses such a text; undefined if it is damaged, foreign or outdated. */
export function decodeTuning(context: TunedDevice, text: string): KeptTuning | undefined {
  try {
    const { choices = {}, attempts = {} } = (JSON.parse(text) as { readonly body: Partial<KeptTuning> }).body;
    const kept = { choices, attempts };
    // The text is valid only if writing its data now would give exactly the same text, including the checksum.
    return encodeTuning(context, kept) === text ? kept : undefined;
  } catch {
    return undefined;
  }
}
