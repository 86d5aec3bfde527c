/** Seeds from callers. */
import { isCount } from '../base/checks.ts';
import { badOption } from '../base/option-checks.ts';
import { SeededRandom } from '../base/seeded-random.ts';

/** Larger ones would give the numbers of smaller ones. */
const MAX_SEED = 2 ** 31 - 3;

/** @throws UniSpeechError `bad-option` for anything but a whole number from 0 to 2³¹ − 3. */
export function randomOf(name: string, seed: unknown): SeededRandom {
  if (isCount(seed) && seed <= MAX_SEED) return new SeededRandom(seed);
  throw badOption(name, seed, `a whole number from 0 to ${MAX_SEED}`);
}
