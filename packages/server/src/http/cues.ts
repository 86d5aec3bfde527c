/** The rules of this server for captions and segments: cut at pauses, short enough to be read. */
import { type CueOptions, toCues } from 'unispeech-webgpu/captions';
import type { TranscribedClip, TranscribedUnit } from '../engine/transcription-job.ts';

/** Two lines of 42 characters; the next caption may follow without a gap. */
export const CUE_RULES: CueOptions = {
  max_chars_per_line: 42,
  max_lines: 2,
  max_duration_s: 7,
  min_duration_s: 1,
  min_gap_s: 0,
  pause_s: 0.6,
};

/** @param pauseSeconds that end a caption; undefined for those above. */
export const cueRules = ({ pauseSeconds }: { readonly pauseSeconds: number | undefined }): CueOptions =>
  pauseSeconds === undefined ? CUE_RULES : { ...CUE_RULES, pause_s: pauseSeconds };

/** What captions are made of: words, and of a model for phonemes its phonemes. */
export const unitsOf = ({
  words,
  characters,
}: Pick<TranscribedClip, 'words' | 'characters'>): readonly TranscribedUnit[] =>
  (words ?? characters ?? []).filter(({ text }) => text.trim() !== '');

/** The units of each caption, in order. */
export function groupedUnits(
  units: readonly TranscribedUnit[],
  rules: CueOptions,
): readonly (readonly TranscribedUnit[])[] {
  let taken = 0;
  return toCues({ words: units }, rules).map(({ lines }) => {
    const text = lines.join(' ');
    const first = taken;
    let length = -1;
    // A caption is its units with one space between them; white space inside of a unit is one space there, too.
    while (taken < units.length && length < text.length)
      length += 1 + (units[taken++]?.text.trim().replace(/\s+/g, ' ').length ?? 0);
    return units.slice(first, taken);
  });
}
