/** A profile as a trace for https://ui.perfetto.dev and chrome://tracing: the "Trace Event Format", object form. */
import type { RunProfile } from '../speech/core/runner.ts';
import { checkProfile } from './check-profile.ts';
import { gpuSpans, perSecond } from './gpu-spans.ts';

export type TraceArgs = Readonly<Record<string, string | number>>;

/** A span ("X", complete) or a name ("M", metadata). Times are microseconds from the begin of the trace. */
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

/**
 * A thread of what the host did and one with a span for every dispatch of a kernel. GPU times are placed as if the last dispatch
 * had ended just when the host saw it.
 * @param otherData shown with the trace, beside the adapter.
 * @throws UniSpeechError `bad-input` for what is no profile.
 */
export function traceEvents(profile: RunProfile, otherData: TraceArgs = {}): Trace {
  checkProfile(profile);
  const kernels = gpuSpans(profile);
  const origin = [...profile.spans, ...kernels].reduce(
    (least, { start }) => Math.min(least, start),
    Infinity,
  );
  // Whole nanoseconds: ends then meet the begins of the next spans exactly.
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
      named('thread_sort_index', HOST, { sort_index: HOST }),
      named('thread_sort_index', GPU, { sort_index: GPU }),
      ...profile.spans.map((hostSpan) => span(HOST, 'host', hostSpan.name, hostSpan, {})),
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
