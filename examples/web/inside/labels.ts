/** Letters or words along an axis, on as many lines as there are, without touching each other. Pure functions. */
import { type FrameLetter, GAP } from './letters.ts';

/** A text and the frame that it belongs to. */
export interface Label {
  readonly text: string;
  /** In frames; the middle of its word or letter. */
  readonly at: number;
}

export interface PlacedLabel extends Label {
  readonly line: number;
}

/** One label a letter, at the frame that writes it. */
export const letterLabels = (letters: readonly FrameLetter[]): readonly Label[] =>
  letters.flatMap(({ text, isWritten }, frame) => (isWritten && text !== GAP ? { text, at: frame } : []));

/** One label a word, in the middle of its letters. */
export function wordLabels(letters: readonly FrameLetter[]): readonly Label[] {
  const words: { text: string; first: number; last: number }[] = [];
  let isOpen = false;
  letters.forEach(({ text, isWritten }, frame) => {
    if (text === GAP) isOpen = false;
    if (!isWritten || text === GAP) return;
    const word = words.at(-1);
    if (word && isOpen) {
      word.text += text;
      word.last = frame;
    } else {
      words.push({ text, first: frame, last: frame });
      isOpen = true;
    }
  });
  return words.map(({ text, first, last }) => ({ text, at: (first + last) / 2 }));
}

/**
 * Gives each label the first line on which it is free; those that fit nowhere are left out.
 * @param extentOf room along the axis that a text needs, in frames.
 */
export function placeLabels(
  labels: readonly Label[],
  lineCount: number,
  extentOf: (text: string) => number,
): readonly PlacedLabel[] {
  const freeFrom = new Array<number>(lineCount).fill(-Infinity);
  return labels.flatMap((label) => {
    const half = extentOf(label.text) / 2;
    const line = freeFrom.findIndex((free) => label.at - half >= free);
    if (line < 0) return [];
    freeFrom[line] = label.at + half;
    return { ...label, line };
  });
}
