/** Texts as the units that are counted. The rules are those of jiwer's defaults. Pure. */
import { isPythonSpace } from '../base/python-space.ts';

/** What errors are counted in. */
export type ScoreUnit = 'word' | 'char' | 'phoneme';

export const SCORE_UNITS: readonly ScoreUnit[] = ['word', 'char', 'phoneme'];

/**
 * Words and phonemes stand between spaces: a run of two or more white-space characters is a space, while a single tab or line end is a part
 * of its word. Characters are code points, and spaces between words count. White space at both ends never does. Nothing is
 * lower-cased, and no mark is taken out.
 */
export function tokensOf(text: string, unit: ScoreUnit): readonly string[] {
  let [start, end] = [0, text.length];
  while (start < end && isPythonSpace(text.charCodeAt(start))) start += 1;
  while (end > start && isPythonSpace(text.charCodeAt(end - 1))) end -= 1;
  if (unit === 'char') return Array.from(text.slice(start, end));
  const tokens: string[] = [];
  // By hand: regular expressions for runs and ends take the square of the length of a text of spaces.
  for (let from = start; from < end;) {
    let to = from;
    while (to < end && !endsToken(text, to)) to += 1;
    tokens.push(text.slice(from, to));
    from = to;
    while (from < end && isPythonSpace(text.charCodeAt(from))) from += 1;
  }
  return tokens;
}

/** A space does, and a run of white space. */
const endsToken = (text: string, at: number): boolean =>
  text.charAt(at) === ' ' || (isPythonSpace(text.charCodeAt(at)) && isPythonSpace(text.charCodeAt(at + 1)));
