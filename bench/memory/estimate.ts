/** What a model takes on the device, from its configuration alone. */
import type { GpuCapabilities } from '../../src/gpu/capabilities.ts';
import { explainPlan } from '../../src/graph/explain.ts';
import { planClip } from '../../src/speech/core/runner.ts';
import { SliceEncoder } from '../../src/speech/core/slice-encoder.ts';
import type { EncoderConfig } from '../../src/speech/encoder/config.ts';
import { WEIGHT_FORMAT, type Dtype } from '../../src/speech/encoder/weight-dtype.ts';
import { CTC_HEAD } from '../../src/speech/heads/ctc.ts';
import { modelLayout } from '../../src/speech/heads/head.ts';

/** Small weights share a buffer, each from an offset that WebGPU allows on every adapter. */
const OFFSET_ALIGNMENT = 256;

export interface DeviceMemory {
  readonly weightByteLength: number;
  readonly activationByteLength: number;
}

export function estimateDeviceMemory(
  config: EncoderConfig,
  capabilities: GpuCapabilities,
  dtype: Dtype,
  seconds: number,
): DeviceMemory {
  const encoder = new SliceEncoder(WEIGHT_FORMAT[dtype]);
  const plan = planClip(config, capabilities, CTC_HEAD, seconds, dtype);
  return {
    weightByteLength: modelLayout(config, CTC_HEAD)
      .map((weight) => Math.ceil(encoder.byteLengthOf(weight) / OFFSET_ALIGNMENT) * OFFSET_ALIGNMENT)
      .reduce((sum, byteLength) => sum + byteLength, 0),
    activationByteLength: explainPlan(plan, capabilities).activationByteLength,
  };
}
