/** WebVTT (`.vtt`, https://www.w3.org/TR/webvtt1/). */
import { toCues } from './cues.ts';
import { formatTimecode } from './timecode.ts';
import type { TimedTranscript } from './transcript.ts';

/** The captions of a transcript as WebVTT. @throws UniSpeechError as `toCues` does. */
export function toVtt(transcript: TimedTranscript): string {
  const cues = toCues(transcript).map(({ start, end, lines }) => {
    const times = `${formatTimecode(start, '.')} --> ${formatTimecode(end, '.')}`;
    return `${times}\n${lines.map(escaped).join('\n')}\n`;
  });
  return ['WEBVTT\n', ...cues].join('\n');
}

/** What WebVTT would take for its markup. */
const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
