/** SubRip (`.srt`). */
import { toCues } from './cues.ts';
import { formatTimecode } from './timecode.ts';
import type { TimedTranscript } from './transcript.ts';

/** The captions of a transcript as SubRip; '' for one without text. @throws UniSpeechError as `toCues` does. */
export function toSrt(transcript: TimedTranscript): string {
  return toCues(transcript)
    .map(({ start, end, lines }, index) => {
      const times = `${formatTimecode(start, ',')} --> ${formatTimecode(end, ',')}`;
      return `${index + 1}\n${times}\n${lines.join('\n')}\n`;
    })
    .join('\n');
}
