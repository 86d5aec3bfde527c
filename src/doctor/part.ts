/** Makes one part of a report, whether it succeeds or fails. */
import { isError } from '../base/checks.ts';
import { UniSpeechError } from '../base/errors.ts';
import type { Outcome, Part, PartError } from './report.ts';

export function describePartError(error: unknown): PartError {
  if (error instanceof UniSpeechError) {
    return { code: error.code, message: error.sentence, fix: error.fix };
  }
  if (isError(error)) return { code: error.name, message: error.message, fix: undefined };
  return { code: 'error', message: String(error), fix: undefined };
}

/** Runs `find`. An exception becomes the part's error. */
export async function attempt<T>(find: () => T | Promise<T>): Promise<Outcome<T>> {
  try {
    return { status: 'done', value: await find() };
  } catch (error) {
    return { status: 'failed', error: describePartError(error) };
  }
}

/** The value of a part if it is done. */
export const valueOf = <T>(part: Part<T>): T | undefined => (part.status === 'done' ? part.value : undefined);
