/** Turns findings into one sentence: will it run here? Pure. */
import { valueOf } from './part.ts';
import type { Findings, KernelTest, ModelSize, Verdict } from './report.ts';

const SLOW_ADVICE =
  'Turn on hardware acceleration, update the graphics driver, or use a machine with a GPU. Small models, such as the one of these examples, are quick everywhere.';
const WRONG_ADVICE = 'Update the graphics driver and the browser, then copy the report into a bug report.';

/** Kernels of one family can replace each other: `gemm_…`, `attention_…`. */
const familyOf = (name: string): string => /^(gemm|attention)_(?!weights)/.exec(name)?.[1] ?? name;

/** Families without any correct kernel. */
function brokenFamilies({ results }: KernelTest): readonly string[] {
  const right = new Set(results.filter(({ passed }) => passed).map(({ name }) => familyOf(name)));
  const families = new Set(results.map(({ name }) => familyOf(name)));
  return [...families].filter((family) => !right.has(family));
}

export function judge(findings: Findings): Verdict {
  const { adapter, device, models, speed } = findings;
  for (const part of [adapter, device]) {
    if (part.status !== 'failed') continue;
    return { level: 'no', sentence: `No. ${part.error.message}`, advice: part.error.fix };
  }
  const kernels = valueOf(findings.kernels);
  const limits = valueOf(findings.limits);
  if (kernels !== undefined) {
    const broken = brokenFamilies(kernels);
    if (broken.length > 0) {
      return {
        level: 'no',
        sentence: `No: this adapter computes wrongly in ${broken.join(', ')}.`,
        advice: WRONG_ADVICE,
      };
    }
  }
  const short = (size: ModelSize) =>
    limits?.filter(({ suffices }) => !suffices[size]).map(({ label }) => label.toLowerCase()) ?? [];
  if (short('base').length > 0) {
    return {
      level: 'no',
      sentence: `No: this adapter has too little ${short('base').join(', ')} for a base model.`,
      advice: 'Use another adapter; a smaller model may fit.',
    };
  }
  const settled = [findings.kernels, findings.limits, models, speed];
  if (settled.some(({ status }) => status === 'pending' || status === 'running'))
    return { level: 'unknown', sentence: 'Looking at this machine …', advice: undefined };
  const failed = settled.find((part) => part.status === 'failed');
  if (failed?.status === 'failed')
    return { level: 'unknown', sentence: `Not clear: ${failed.error.message}`, advice: failed.error.fix };
  return judgeWorking(findings, kernels, short('large').length > 0);
}

/** Judges the speed if everything works. */
function judgeWorking(
  { adapter, speed }: Findings,
  kernels: KernelTest | undefined,
  isLargeTooLarge: boolean,
): Verdict {
  const { secondsPerSecond: cost } = valueOf(speed) ?? {};
  if (cost === undefined)
    return { level: 'unknown', sentence: 'Not clear: nothing was measured.', advice: undefined };
  const wrong = kernels?.results.filter(({ passed }) => !passed) ?? [];
  const isSoftware = valueOf(adapter)?.isSoftware === true;
  const pace = `about ${formatCost(cost.base)} of computing for each second of speech with a base model`;
  if (isSoftware || cost.base > 1) {
    const reason = isSoftware
      ? 'WebGPU computes on the processor here, not on a GPU'
      : 'the models run, but slower than speech';
    return { level: 'slow', sentence: `Yes, but slowly: ${reason}; ${pace}.`, advice: SLOW_ADVICE };
  }
  const large = isLargeTooLarge ? '; large models do not fit its limits' : '';
  return {
    level: 'yes',
    sentence: `Yes: this machine runs UniSpeech faster than speech, ${pace}${large}.`,
    advice:
      wrong.length > 0
        ? `The engine leaves out what computes wrongly here (${wrong.map(({ name }) => name).join(', ')}). ${WRONG_ADVICE}`
        : undefined,
  };
}

/** `3.2 s`, `0.08 s`, `4 ms`. */
const formatCost = (seconds: number): string =>
  seconds < 0.01 ? `${(1000 * seconds).toPrecision(1)} ms` : `${seconds.toFixed(seconds < 1 ? 2 : 1)} s`;
