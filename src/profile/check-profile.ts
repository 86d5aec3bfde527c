/** Whether what profiles are made of is one. */
import { isListOf, isRecord } from '../base/checks.ts';
import { badInput } from '../base/option-checks.ts';

const hasNumbers = (value: Readonly<Record<string, unknown>>, ...names: readonly string[]): boolean =>
  names.every((name) => Number.isFinite(value[name]));

const isCountedStep = (step: unknown): step is Readonly<Record<string, unknown>> =>
  isRecord(step) && typeof step.kernel === 'string' && hasNumbers(step, 'nanoseconds', 'flops', 'byteCount');

const isTimedStep = (step: unknown): step is object =>
  isCountedStep(step) &&
  typeof step.name === 'string' &&
  Array.isArray(step.workgroups) &&
  hasNumbers(step, 'startMilliseconds');

const isSpan = (span: unknown): span is object =>
  isRecord(span) && typeof span.name === 'string' && hasNumbers(span, 'start', 'end');

/** @throws UniSpeechError `bad-input`. */
export function checkSteps(steps: unknown): void {
  if (!isListOf(steps, isCountedStep)) throw badInput('steps', steps, 'the steps of a profile');
}

/** @throws UniSpeechError `bad-input`. */
export function checkProfile(profile: unknown): void {
  const isProfile =
    isRecord(profile) &&
    typeof profile.adapter === 'string' &&
    isListOf(profile.spans, isSpan) &&
    isListOf(profile.steps, isTimedStep);
  if (!isProfile) throw badInput('profile', profile, 'what profile() of a model gave');
}
