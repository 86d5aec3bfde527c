/** Which of the phonemes that were heard nobody expected, by the shortest edit distance. Pure. */
import { editPath } from '../score/edit-path.ts';

/** The index of a heard phoneme, and that of the expected one in front of which it stands: their number where it is behind the last. */
export interface InsertedToken {
  readonly heard: number;
  readonly before: number;
}

/** @throws UniSpeechError `limit-exceeded`. */
export const insertionsIn = (heard: readonly string[], expected: readonly string[]): InsertedToken[] =>
  editPath(expected, heard).flatMap(
    ({ type, ref_start_idx: before, hyp_start_idx: start, hyp_end_idx: end }) =>
      type === 'insert'
        ? Array.from({ length: end - start }, (_, index) => ({ heard: start + index, before }))
        : [],
  );
