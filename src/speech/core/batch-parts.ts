/** The parts of a batch that is run in parts: their inputs, results and timings. */
import type { StepTime } from '../../gpu/step-timer.ts';
import { describeStep, type StepFacts } from '../../graph/explain.ts';
import type { Plan, PlanPort } from '../../graph/plan.ts';
import type { BusySpan, HostSpan, RunInputs, RunResult } from '../../graph/run.ts';
import type { OutputTensors } from '../heads/head.ts';
import { joinParts, toTensor } from './outputs.ts';

/** One dispatch and its GPU times. */
export interface TimedStep extends StepFacts, StepTime {}

/** Timings of a run, for benchmarks and reports. */
export interface RunReport {
  /** Milliseconds of encoding and submitting on the host. */
  readonly encodeMilliseconds: number;
  /** When the GPU had work to do. */
  readonly busy: readonly BusySpan[];
  /** The host's activities. */
  readonly spans: readonly HostSpan[];
  /** Every dispatch, if the adapter has timestamps and timing was requested; else empty. */
  readonly steps: readonly TimedStep[];
}

/** A forward pass step by step. For a batch that is run in parts it covers all parts. */
export interface RunProfile extends RunReport {
  readonly adapter: string;
}

/** The result of one part. */
export interface PartResult {
  readonly plan: Plan;
  readonly tensors: OutputTensors;
  readonly report: RunReport;
}

export const partResult = (plan: Plan, result: RunResult): PartResult => ({
  plan,
  tensors: tensorsOf(plan, result),
  report: reportOf(plan, result),
});

/** The part of a batch from one item to another, for each input. */
export function itemsOf(inputs: RunInputs, items: number, first: number, end: number): RunInputs {
  return new Map(
    [...inputs].map(([name, values]) => {
      const itemLength = values.length / items;
      return [name, values.subarray(first * itemLength, end * itemLength)];
    }),
  );
}

/** The outputs of the whole batch. */
export function joinedOutputs(parts: readonly PartResult[]): OutputTensors {
  const outputs = parts[0]?.plan.outputs ?? new Map<string, PlanPort>();
  return new Map(
    [...outputs].map(([name, { graphTensor }]) => [
      name,
      joinParts(
        parts.flatMap(({ tensors }) => tensors.get(name) ?? []),
        graphTensor,
      ),
    ]),
  );
}

function tensorsOf(plan: Plan, result: RunResult): OutputTensors {
  return new Map(
    [...plan.outputs].map(([name, { graphTensor }]) => [
      name,
      toTensor(result.outputs.get(name) ?? new Float32Array(), graphTensor, plan.shape),
    ]),
  );
}

function reportOf(plan: Plan, { encodeMilliseconds, busy, spans, stepTimes }: RunResult): RunReport {
  const steps = plan.steps.flatMap((step, index) => {
    const time = stepTimes?.[index];
    return time ? [{ ...describeStep(step), ...time }] : [];
  });
  return { encodeMilliseconds, busy, spans, steps };
}
