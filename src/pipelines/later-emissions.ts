/** What gives emissions, loaded with the first call that asks for some. */
import { loadPart } from '../base/load-part.ts';
import type {
  EmissionInfo,
  emissionInfoOf as emissionInfoOfNow,
  EmissionPart,
  emissionsOf as emissionsOfNow,
} from './emissions.ts';

/** `emissionsOf` of `emissions.ts`. */
export async function* emissionsOf(
  ...args: Parameters<typeof emissionsOfNow>
): AsyncGenerator<EmissionPart, void, undefined> {
  yield* (await loadPart(import('./emissions.ts'), 'gives emissions')).emissionsOf(...args);
}

/** `emissionInfoOf` of `emissions.ts`. */
export const emissionInfoOf = async (...args: Parameters<typeof emissionInfoOfNow>): Promise<EmissionInfo> =>
  (await loadPart(import('./emissions.ts'), 'gives emissions')).emissionInfoOf(...args);
