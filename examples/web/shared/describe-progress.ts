/** Progress of a load as one line: stage, bytes, rate. Pure. */
import type { ProgressInfo } from 'unispeech-webgpu';
import { formatBytes } from './format.ts';

type TotalProgress = Extract<ProgressInfo, { readonly status: 'progress_total' }>;

const STAGES: Readonly<Record<NonNullable<TotalProgress['stage']>, string>> = {
  download: 'Downloading',
  compile: 'Compiling shaders',
  check: 'Checking kernels',
  tune: 'Measuring kernels',
};

/**
 * `Downloading: 2.1 MB of 3.4 MB, 1.2 MB/s`.
 * @param elapsedMilliseconds since the load began, for a mean rate where the engine tells none.
 */
export function describeProgress(info: TotalProgress, elapsedMilliseconds: number): string {
  const { loaded, total, stage = loaded < total ? 'download' : 'compile' } = info;
  const bytes = `${formatBytes(loaded)} of ${formatBytes(total)}`;
  if (stage !== 'download')
    return `${STAGES[stage]} … (${loaded < total ? bytes : formatBytes(total)} loaded)`;
  const isMeasurable = elapsedMilliseconds > 300;
  const rate = info.bytesPerSecond ?? (isMeasurable ? (1000 * loaded) / elapsedMilliseconds : undefined);
  return `${STAGES[stage]}: ${bytes}${rate === undefined ? '' : `, ${formatBytes(rate)}/s`}`;
}
