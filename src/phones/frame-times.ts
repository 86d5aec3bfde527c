/** Where frames lie in time. */
import type { EmissionInfo } from '../pipelines/emissions.ts';

/**
 * A frame sees more samples than lie between it and the next one. It stands for those around its centre, so it begins a little after the first sample that it
 * sees: 2.5 ms for a wav2vec 2.0. `return_timestamps` follows transformers, which leaves that out.
 * @param startSample of the first frame.
 * @param endSample of the frame behind the last one.
 * @returns seconds.
 */
export function secondsOfFrames(
  { sampling_rate, samples_per_frame, samples_per_window }: EmissionInfo,
  startSample: number,
  endSample: number,
): readonly [start: number, end: number] {
  const shift = (samples_per_window - samples_per_frame) / 2;
  return [(startSample + shift) / sampling_rate, (endSample + shift) / sampling_rate];
}
