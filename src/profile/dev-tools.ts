/** A profile as tracks of the Performance panel of Chrome's DevTools. */
import { badInput } from '../base/option-checks.ts';
import type { RunProfile } from '../speech/core/batch-parts.ts';
import { checkProfile } from './check-profile.ts';
import { gpuSpans, perSecond } from './gpu-spans.ts';
import { kernelFamily } from './kernel-shares.ts';

/** The colours that the panel knows for its own extensions. */
type TrackColor = 'primary' | 'primary-light' | 'secondary' | 'tertiary' | 'tertiary-light';

/** `detail.devtools` of a performance measure that the panel draws as an entry of a track. */
export interface DevToolsEntry {
  readonly dataType: 'track-entry';
  readonly track: string;
  readonly trackGroup: string;
  readonly color: TrackColor;
  readonly tooltipText: string;
  readonly properties: readonly (readonly [name: string, value: string])[];
}

/**
 * Adds a performance measure for every dispatch and every activity of the host. While the Performance panel records, they
 * appear as the tracks "GPU" and "Host" of one group. Chromium rounds GPU times to 100 µs, so short kernels may show as 0.
 * @param trackGroup the group's name.
 * @throws UniSpeechError `bad-input` if `profile` is not a profile.
 * @returns the measures; `performance.clearMeasures(name)` removes them.
 */
export function showInDevTools(profile: RunProfile, trackGroup = 'unispeech-webgpu'): PerformanceMeasure[] {
  checkProfile(profile);
  if (typeof (trackGroup as unknown) !== 'string') throw badInput('trackGroup', trackGroup, 'a string');
  const measure = (
    name: string,
    { start, end }: { readonly start: number; readonly end: number },
    entry: Pick<DevToolsEntry, 'track' | 'color' | 'tooltipText' | 'properties'>,
  ): PerformanceMeasure => {
    const devtools: DevToolsEntry = { dataType: 'track-entry', trackGroup, ...entry };
    // A measure cannot begin before the page did, but the GPU's clock may be wrong.
    return performance.measure(name, {
      start: Math.max(0, start),
      end: Math.max(0, end),
      detail: { devtools },
    });
  };
  return [
    ...profile.spans.map((span) =>
      measure(span.name, span, {
        track: 'Host',
        color: 'primary-light',
        tooltipText: span.name,
        properties: [],
      }),
    ),
    ...gpuSpans(profile).map((span) => {
      const { name, kernel, workgroups, byteCount, flops, nanoseconds } = span.step;
      return measure(kernel, span, {
        track: 'GPU',
        color: colorOf(kernel),
        tooltipText: `${name}: ${kernel}`,
        properties: [
          ['step', name],
          ['kernel', kernel],
          ['workgroups', workgroups.join(' x ')],
          ['bytes', String(byteCount)],
          ['flops', String(flops)],
          ['GFLOP/s', rate(flops, nanoseconds)],
          ['GB/s', rate(byteCount, nanoseconds)],
          ['adapter', profile.adapter],
        ],
      });
    }),
  ];
}

const rate = (count: number, nanoseconds: number): string => perSecond(count, nanoseconds)?.toFixed(2) ?? '–';

function colorOf(kernel: string): TrackColor {
  const family = kernelFamily(kernel);
  if (family.startsWith('gemm')) return 'primary';
  if (family.startsWith('attention')) return 'secondary';
  return family.startsWith('conv') || family.startsWith('pos_conv') ? 'tertiary' : 'tertiary-light';
}
