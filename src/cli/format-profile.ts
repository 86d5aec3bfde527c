/** Formats the output of `unispeech profile`. */
import type { AdapterTime } from '../profile/adapter-time.ts';
import { type CountedStep, type KernelShare, kernelShares, type RunProfile } from '../profile/index.ts';
import { printable } from './printable.ts';
import { formatTable } from './table.ts';

/** A forward pass with its work counted and, if possible, timed. */
export interface CountedProfile {
  readonly model: string;
  readonly audioSeconds: number;
  readonly profile: RunProfile;
  /** The steps of the plan, whether they were timed or not. */
  readonly plannedSteps: readonly Omit<CountedStep, 'nanoseconds'>[];
  /** Where a file was recognised window by window. */
  readonly windows?: AdapterTime & { readonly count: number };
}

const idleShareOf = ({ milliseconds, idleMilliseconds }: AdapterTime): number =>
  milliseconds > 0 ? idleMilliseconds / milliseconds : 0;

export const isTimed = ({ profile }: CountedProfile): boolean => profile.steps.length > 0;

const sharesOf = ({ profile, plannedSteps }: CountedProfile): KernelShare[] =>
  kernelShares(
    profile.steps.length > 0 ? profile.steps : plannedSteps.map((step) => ({ ...step, nanoseconds: 0 })),
  );

const totalOf = (shares: readonly KernelShare[]): Omit<KernelShare, 'kernel'> => {
  const sum = (key: 'stepCount' | 'nanoseconds' | 'share' | 'flops' | 'byteCount'): number =>
    shares.reduce((subtotal, share) => subtotal + share[key], 0);
  return {
    stepCount: sum('stepCount'),
    nanoseconds: sum('nanoseconds'),
    share: sum('share'),
    flops: sum('flops'),
    byteCount: sum('byteCount'),
  };
};

/** A table with one line per kernel family and one for the total, then the host's part. */
export function formatProfile(counted: CountedProfile): string {
  const { profile, model, audioSeconds, windows } = counted;
  const shares = sharesOf(counted);
  const isWithTimes = isTimed(counted);
  const row = ({ kernel, stepCount, nanoseconds, share, flops, byteCount }: KernelShare): string[] => [
    kernel,
    String(stepCount),
    (flops / 1e9).toFixed(3),
    (byteCount / 1e6).toFixed(1),
    ...(isWithTimes
      ? [
          (nanoseconds / 1e6).toFixed(2),
          `${(100 * share).toFixed(1)} %`,
          nanoseconds > 0 && flops > 0 ? (flops / nanoseconds).toFixed(2) : '–',
          nanoseconds > 0 ? (byteCount / nanoseconds).toFixed(2) : '–',
        ]
      : []),
  ];
  const header = [
    'kernel',
    'steps',
    'GFLOP',
    'MB',
    ...(isWithTimes ? ['ms', 'share', 'GFLOP/s', 'GB/s'] : []),
  ];
  const rows = [header, ...shares.map(row), row({ kernel: 'all', ...totalOf(shares) })];
  return [
    printable(`${model}, ${audioSeconds.toFixed(2)} s of audio, on ${profile.adapter}`),
    '',
    formatTable(rows, [1, 2, 3, 4, 5, 6, 7]),
    '',
    `The host needed ${profile.encodeMilliseconds.toFixed(2)} ms to encode and submit.`,
    ...(windows
      ? [
          `${windows.count} windows in ${(windows.milliseconds / 1000).toFixed(2)} s; the adapter had nothing to do for ${windows.idleMilliseconds.toFixed(2)} ms of them, ${(100 * idleShareOf(windows)).toFixed(2)} %.`,
        ]
      : []),
    '',
  ].join('\n');
}

/** The same as data. Times are absent if they could not be measured. */
export function profileAsJson(counted: CountedProfile): object {
  const { profile, model, audioSeconds, windows } = counted;
  const shares = sharesOf(counted);
  const isWithTimes = isTimed(counted);
  const entry = ({ nanoseconds, share, ...counts }: Omit<KernelShare, 'kernel'>): object => ({
    ...counts,
    ...(isWithTimes && { milliseconds: nanoseconds / 1e6, share }),
  });
  return {
    model,
    audioSeconds,
    adapter: profile.adapter,
    isTimed: isWithTimes,
    encodeMilliseconds: profile.encodeMilliseconds,
    ...(windows && { windows: { ...windows, idleShare: idleShareOf(windows) } }),
    total: entry(totalOf(shares)),
    kernels: shares.map(entry),
    steps: profile.steps,
    hostSpans: profile.spans,
  };
}
