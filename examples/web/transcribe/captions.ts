/** Subtitles from timed words: SubRip (.srt), WebVTT (.vtt) and JSON. Pure. */
import type { Timed } from './alignment.ts';

/** What one subtitle holds at most, as broadcasters' guidelines have it. */
const MAX_LINE_CHARACTERS = 42;
const MAX_LINES = 2;
const MAX_SECONDS = 7;
/** A pause of this many seconds ends a subtitle. */
const PAUSE_SECONDS = 1;
/** Shorter subtitles stay on for this long, as far as the next one allows. */
const MIN_SECONDS = 1;

export interface Cue {
  readonly start: number;
  readonly end: number;
  readonly lines: readonly string[];
}

/** Puts words into subtitles. Lines are cut between words; a word longer than a line gets one of its own. */
export function toCues(words: readonly Timed[]): Cue[] {
  const cues: { start: number; end: number; lines: string[] }[] = [];
  for (const { text, start, end } of words) {
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

/** `HH:MM:SS` and milliseconds, with the separator that the format wants. */
export function formatTimecode(seconds: number, separator: ',' | '.'): string {
  const milliseconds = Math.round(seconds * 1000);
  const two = (value: number): string => String(value).padStart(2, '0');
  const hours = two(Math.floor(milliseconds / 3_600_000));
  const minutes = two(Math.floor(milliseconds / 60_000) % 60);
  const wholeSeconds = two(Math.floor(milliseconds / 1000) % 60);
  return `${hours}:${minutes}:${wholeSeconds}${separator}${String(milliseconds % 1000).padStart(3, '0')}`;
}

export function toSrt(words: readonly Timed[]): string {
  return toCues(words)
    .map(({ start, end, lines }, index) => {
      const times = `${formatTimecode(start, ',')} --> ${formatTimecode(end, ',')}`;
      return `${index + 1}\n${times}\n${lines.join('\n')}\n`;
    })
    .join('\n');
}

export function toVtt(words: readonly Timed[]): string {
  const cues = toCues(words).map(({ start, end, lines }) => {
    const times = `${formatTimecode(start, '.')} --> ${formatTimecode(end, '.')}`;
    return `${times}\n${lines.map(escapeVtt).join('\n')}\n`;
  });
  return ['WEBVTT\n', ...cues].join('\n');
}

const escapeVtt = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

export interface TranscriptFile {
  readonly audio: string;
  readonly audioSeconds: number;
  readonly model: string;
  readonly text: string;
  readonly words: readonly Timed[];
  readonly characters: readonly Timed[];
}

/** Words are in `chunks` as `{ text, timestamp: [start, end] }`, as the pipeline returns them. Seconds throughout. */
export function toJson({ audio, audioSeconds, model, text, words, characters }: TranscriptFile): string {
  const chunk = ({ text: unit, start, end }: Timed) => ({
    text: unit,
    timestamp: [round(start), round(end)],
  });
  return `${JSON.stringify(
    {
      audio,
      audio_seconds: round(audioSeconds),
      model,
      text,
      chunks: words.map(chunk),
      characters: characters.map(chunk),
    },
    undefined,
    2,
  )}\n`;
}

/** To milliseconds: no digits that floating point made up. */
const round = (seconds: number): number => Math.round(seconds * 1000) / 1000;
