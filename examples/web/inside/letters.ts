/** Which letter the model writes at which frame: greedy CTC, frame by frame. Pure functions. */

/** What one frame of the output says. */
export interface FrameLetter {
  /** The letter of the run that the frame is in, `·` for a gap between words, empty for none. */
  readonly text: string;
  /** Whether it is written here: the first frame of its run. */
  readonly isWritten: boolean;
}

export interface Symbols {
  /** The id that means nothing is written. */
  readonly blank: number;
  /** The id of a gap between words. */
  readonly gap: number;
  readonly textOf: (id: number) => string;
}

export const GAP = '·';

/** @param ids the best id of each frame. */
export function frameLetters(
  ids: ArrayLike<number>,
  { blank, gap, textOf }: Symbols,
): readonly FrameLetter[] {
  return Array.from(ids, (id, frame) => {
    if (id === blank) return { text: '', isWritten: false };
    return { text: id === gap ? GAP : textOf(id), isWritten: frame === 0 || ids[frame - 1] !== id };
  });
}

/** `"V"`, `the gap between words`, `nothing`: what a frame writes, in words. */
export function describeLetter(letter: FrameLetter | undefined): string {
  if (letter === undefined || letter.text === '') return 'writes nothing';
  if (letter.text === GAP) return 'ends a word';
  return letter.isWritten ? `writes ${letter.text}` : `holds ${letter.text}`;
}
