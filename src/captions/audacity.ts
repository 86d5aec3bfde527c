/** Label tracks of Audacity (`.txt`): File, Import, Labels. */
import { type CaptionSource, wordsOf } from './transcript.ts';

/** A line for each word: start, tab, end, tab, text; seconds with six digits behind the point; '' without words. @throws UniSpeechError as `wordsOf` does. */
export const toAudacityLabels = (source: CaptionSource): string =>
  wordsOf(source)
    .map(({ text, start, end }) => `${start.toFixed(6)}\t${end.toFixed(6)}\t${text}\n`)
    .join('');
