/** What measures variants of kernels, loaded with the first load that has something to measure. */
import { loadPart } from '../../base/load-part.ts';
import type { GemmTrial } from '../../graph/tune-gemms.ts';
import type { measureSteps as measureStepsNow } from './measure-steps.ts';

/** `measureSteps` of `measure-steps.ts`. @throws UniSpeechError `network` where its code is out of reach. */
export const measureSteps = async (
  ...args: Parameters<typeof measureStepsNow>
): Promise<readonly GemmTrial[] | undefined> =>
  (await loadPart(import('./measure-steps.ts'), 'measures kernels')).measureSteps(...args);
