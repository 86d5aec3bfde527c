/** The similarity of two embeddings. */
import { UniSpeechError } from '../base/errors.ts';

/** The cosine of the angle between two vectors of one length, in float64; NaN if one is zero. The name is that of transformers.js. */
export function cos_sim(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) {
    throw new UniSpeechError(
      'bad-input',
      `cos_sim got vectors of ${a.length} and ${b.length} numbers, expected two of one length.`,
    );
  }
  let product = 0;
  let squaresOfA = 0;
  let squaresOfB = 0;
  for (let index = 0; index < a.length; index++) {
    const [x = 0, y = 0] = [a[index], b[index]];
    product += x * y;
    squaresOfA += x * x;
    squaresOfB += y * y;
  }
  return product / Math.sqrt(squaresOfA * squaresOfB);
}
