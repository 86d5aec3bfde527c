/** SubRip (`.srt`). It has no standard: players read UTF-8, line feeds and what stands here. */
import type { CueOptions } from './cue-options.ts';
import { toCues } from './cues.ts';
import { timesLine } from './timecode.ts';
import type { CaptionSource } from './transcript.ts';

/** The captions of words as SubRip; '' without words. @throws UniSpeechError as `toCues` does. */
export const toSrt = (source: CaptionSource, options: CueOptions = {}): string =>
  toCues(source, options)
    .map((cue, index) => `${index + 1}\n${timesLine(cue, ',')}\n${cue.lines.join('\n')}\n`)
    .join('\n');
