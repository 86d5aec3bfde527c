/** The noise with which a quantizer chooses codes in training (Jang et al., 2017: categorical reparameterization with Gumbel-softmax). */
import type { SeededRandom } from '../base/seeded-random.ts';

/**
 * Samples of the standard Gumbel distribution, −ln(−ln u). The largest of logits plus noise falls on each index with the probability
 * that softmax gives it.
 */
export function gumbelNoise(count: number, random: SeededRandom): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: count }, () => -Math.log(-Math.log(random.uniform())));
}
