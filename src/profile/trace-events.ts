/** Converts a profile to a trace for https://ui.perfetto.dev and chrome://tracing, in the object form of the "Trace Event Format". */
import type { RunProfile } from '../speech/core/batch-parts.ts';
import type { HostSpan } from '../graph/run.ts';
import { checkProfile } from './check-profile.ts';
import { gpuSpans, perSecond } from './gpu-spans.ts';

export type TraceArgs = Readonly<Record<string, string | number>>;

/** A span ("X", complete) or a name ("M", metadata). Times are microseconds since the start of the trace. */
export type TraceEvent =
  | {
      readonly ph: 'X';
      readonly name: string;
      readonly cat: string;
      readonly pid: number;
      readonly tid: number;
      readonly ts: number;
      readonly dur: number;
      readonly args: TraceArgs;
    }
  | {
      readonly ph: 'M';
      readonly name: string;
      readonly pid: number;
      readonly tid: number;
      readonly args: TraceArgs;
    };

export interface Trace {
  readonly traceEvents: readonly TraceEvent[];
  readonly displayTimeUnit: 'ms';
  readonly otherData: TraceArgs;
}

const PROCESS = 1;
const HOST = 1;
const GPU = 2;

/** The track of each activity of the host: runs that overlap are on tracks of their own, as spans of one track must not overlap. */
function tracksOf(spans: readonly HostSpan[]): Map<HostSpan, number> {
  const ends: number[] = [];
  const tracks = new Map<HostSpan, number>();
  for (const span of spans.toSorted((a, b) => a.start - b.start)) {
    const free = ends.findIndex((end) => end <= span.start);
    const track = free < 0 ? ends.length : free;
    ends[track] = span.end;
    tracks.set(span, track === 0 ? HOST : GPU + track);
  }
  return tracks;
}

/**
 * Makes one thread of the host's activities and one with a span for every kernel dispatch. GPU times are placed as if the last dispatch
 * had ended exactly when the host saw it.
 * @param otherData shown with the trace, in addition to the adapter.
 * @throws UniSpeechError `bad-input` if `profile` is not a profile.
 */
export function traceEvents(profile: RunProfile, otherData: TraceArgs = {}): Trace {
  checkProfile(profile);
  const kernels = gpuSpans(profile);
  const tracks = tracksOf(profile.spans);
  const origin = [...profile.spans, ...kernels].reduce(
    (least, { start }) => Math.min(least, start),
    Infinity,
  );
  // Times are whole nanoseconds, so that spans end exactly where the next ones begin.
  const nanoseconds = (time: number): number => Math.round((time - origin) * 1e6);
  const span = (
    tid: number,
    cat: string,
    name: string,
    { start, end }: { readonly start: number; readonly end: number },
    args: TraceArgs,
  ): TraceEvent => {
    const from = nanoseconds(start);
    const dur = (nanoseconds(end) - from) / 1000;
    return { ph: 'X', name, cat, pid: PROCESS, tid, ts: from / 1000, dur, args };
  };
  const named = (name: string, tid: number, args: TraceArgs): TraceEvent => ({
    ph: 'M',
    name,
    pid: PROCESS,
    tid,
    args,
  });
  return {
    traceEvents: [
      named('process_name', HOST, { name: 'unispeech-webgpu' }),
      named('thread_name', HOST, { name: 'Host' }),
      named('thread_name', GPU, { name: `GPU: ${profile.adapter}` }),
      ...[...new Set(tracks.values())]
        .filter((track) => track > GPU)
        .flatMap((track) => [
          named('thread_name', track, { name: 'Host, next run' }),
          named('thread_sort_index', track, { sort_index: HOST }),
        ]),
      named('thread_sort_index', HOST, { sort_index: HOST }),
      named('thread_sort_index', GPU, { sort_index: GPU }),
      ...profile.spans.map((hostSpan) =>
        span(tracks.get(hostSpan) ?? HOST, 'host', hostSpan.name, hostSpan, {}),
      ),
      ...kernels.map((kernelSpan) => {
        const { name, kernel, workgroups, byteCount, flops, nanoseconds: measured } = kernelSpan.step;
        return span(GPU, 'gpu', kernel, kernelSpan, {
          kernel,
          step: name,
          workgroups: workgroups.join(' x '),
          bytes: byteCount,
          flops,
          nanoseconds: measured,
          ...rates(flops, byteCount, measured),
        });
      }),
    ],
    displayTimeUnit: 'ms',
    otherData: { adapter: profile.adapter, ...otherData },
  };
}

function rates(flops: number, byteCount: number, nanoseconds: number): TraceArgs {
  const gflops = perSecond(flops, nanoseconds);
  const gigabytes = perSecond(byteCount, nanoseconds);
  return gflops === undefined || gigabytes === undefined ? {} : { 'GFLOP/s': gflops, 'GB/s': gigabytes };
}
