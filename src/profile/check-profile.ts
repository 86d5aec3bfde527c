/** Whether what profiles are made of is one. */
import { isRecord } from '../base/checks.ts';
import { badInput } from '../base/option-checks.ts';

const hasNumbers = (value: Readonly<Record<string, unknown>>, ...names: readonly string[]): boolean =>
  names.every((name) => Number.isFinite(value[name]));

const isCountedStep = (step: unknown): step is Readonly<Record<string, unknown>> =>
  isRecord(step) && typeof step.kernel === 'string' && hasNumbers(step, 'nanoseconds', 'flops', 'byteCount');

const isTimedStep = (step: unknown): boolean =>
  isCountedStep(step) &&
  typeof step.name === 'string' &&
  Array.isArray(step.workgroups) &&
  hasNumbers(step, 'startMilliseconds');

const isSpan = (span: unknown): boolean =>
  isRecord(span) && typeof span.name === 'string' && hasNumbers(span, 'start', 'end');

const isListOf = (list: unknown, isOne: (item: unknown) => boolean): boolean =>
  Array.isArray(list) && Array.from(list as readonly unknown[]).every(isOne);

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
