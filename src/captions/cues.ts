/** Words into captions that can be read in time. Pure. */
import { type TimedTranscript, wordsOf } from './transcript.ts';

/** What one caption holds at most, as broadcasters' guidelines have it. */
const MAX_LINE_CHARACTERS = 42;
const MAX_LINES = 2;
const MAX_SECONDS = 7;
/** A pause of this many seconds ends a caption. */
const PAUSE_SECONDS = 1;
/** Shorter captions stay on for this long, as far as the next one allows. */
const MIN_SECONDS = 1;

/** A caption: what is shown from one time to another, in seconds. */
export interface Cue {
  readonly start: number;
  readonly end: number;
  readonly lines: readonly string[];
}

/**
 * Groups the words of a transcript into captions. A caption has at most two lines of 42 characters and lasts at most 7
 * seconds from its first word to its last; a pause of a second ends it. Lines are cut between words only: a word longer
 * than a line gets its own line, and a word longer than 7 seconds its own caption. A caption stays on for a second at
 * least, but never into the next one. Every word is in one caption.
 * @throws UniSpeechError `bad-input` for a transcript without times, and for times that are none or go back.
 */
export function toCues(transcript: TimedTranscript): Cue[] {
  const cues: { start: number; end: number; lines: string[] }[] = [];
  for (const { text, start, end } of wordsOf(transcript)) {
    const cue = cues.at(-1);
    const line = cue?.lines.at(-1);
    const fitsTime = cue !== undefined && start - cue.end < PAUSE_SECONDS && end - cue.start <= MAX_SECONDS;
    const fitsLine = line !== undefined && line.length + 1 + text.length <= MAX_LINE_CHARACTERS;
    if (cue && fitsTime && fitsLine) cue.lines[cue.lines.length - 1] = `${line} ${text}`;
    else if (cue && fitsTime && cue.lines.length < MAX_LINES) cue.lines.push(text);
    else {
      cues.push({ start, end, lines: [text] });
      continue;
    }
    cue.end = end;
  }
  return cues.map((cue, index) => {
    const nextStart = cues[index + 1]?.start ?? Infinity;
    return { ...cue, end: Math.min(nextStart, Math.max(cue.end, cue.start + MIN_SECONDS)) };
  });
}
