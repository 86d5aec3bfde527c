/** Words into captions that can be read in time. Pure. */
import { type CueOptions, type CueRules, cueRules } from './cue-options.ts';
import { fitLines, lineWidth, widthOf } from './fit-lines.ts';
import type { TimedWord } from './timed-words.ts';
import { type CaptionSource, wordsOf } from './transcript.ts';

/** A caption: what is shown from one time to another, in seconds. */
export interface Cue {
  readonly start: number;
  readonly end: number;
  readonly lines: readonly string[];
}

/** A caption whose words still have their times. */
export interface CueOfWords {
  readonly start: number;
  readonly end: number;
  readonly lines: readonly (readonly TimedWord[])[];
}

/**
 * Groups words into captions. A caption ends at a pause, at the end of a sentence, and before a word with which it would be too long or too
 * wide; then it is cut behind its last comma or the like, if at least half of it stands before. Of two lines the longer one is as short as
 * possible. Lines are cut between words only: a word that is wider than a line or longer than a caption may be stands alone. A
 * caption stays on for a while, but not into the next one. Every word is in one caption.
 * @throws UniSpeechError `bad-input` for a transcript without times, and for times that are none or go back; `bad-option`.
 */
export const toCues = (source: CaptionSource, options: CueOptions = {}): Cue[] =>
  cuesOfWords(wordsOf(source), cueRules(options, 'toCues')).map(({ start, end, lines }) => ({
    start,
    end,
    lines: lines.map((line) => line.map(({ text }) => text).join(' ')),
  }));

export function cuesOfWords(words: readonly TimedWord[], rules: CueRules): CueOfWords[] {
  const widths = words.map(({ text }) => widthOf(text));
  const cues: CueOfWords[] = [];
  for (let from = 0; from < words.length;) {
    const count = wordCount(words, widths, from, rules);
    const taken = words.slice(from, from + count);
    const start = taken[0]?.start ?? 0;
    const lines: (readonly TimedWord[])[] = [];
    let at = 0;
    for (const length of fitLines(widths.slice(from, from + count), rules) ?? [count]) {
      lines.push(taken.slice(at, at + length));
      at += length;
    }
    from += count;
    cues.push({ start, end: endOf(taken, start, words[from]?.start, rules), lines });
  }
  return cues;
}

/** How many words from this one on make one caption: at least one. */
function wordCount(
  words: readonly TimedWord[],
  widths: readonly number[],
  from: number,
  rules: CueRules,
): number {
  const taken = [widths[from] ?? 0];
  const firstStart = words[from]?.start ?? 0;
  for (let index = from + 1; ; index += 1) {
    const [last, word] = [words[index - 1], words[index]];
    if (last === undefined || word === undefined) return taken.length;
    if (word.start - last.end >= rules.pause_s) return taken.length;
    // A word that has no time of its own could not be seen in a caption of its own.
    if (rules.sentence_end(last.text) && !(word.inferred && word.end <= word.start)) return taken.length;
    const isLong = word.end - firstStart > rules.max_duration_s;
    if (isLong || fitLines([...taken, widths[index] ?? 0], rules) === undefined)
      return clauseLength(words.slice(from, index), taken);
    taken.push(widths[index] ?? 0);
  }
}

/** Behind these marks a caption that is full is cut. */
const CLAUSE_END = /[,;:–—،、，；：][)\]"'”’»]*$/u;

/** How many words a full caption keeps: up to the last end of a clause before its last word, if that is at least half its text. */
function clauseLength(words: readonly TimedWord[], widths: readonly number[]): number {
  const count = 1 + words.slice(0, -1).findLastIndex(({ text }) => CLAUSE_END.test(text));
  return count > 0 && lineWidth(widths.slice(0, count)) * 2 >= lineWidth(widths) ? count : words.length;
}

/** When a caption goes: it stays for the least time, but leaves a gap before the next one where that is possible. */
function endOf(
  words: readonly TimedWord[],
  start: number,
  nextStart: number | undefined,
  rules: CueRules,
): number {
  const lastEnd = words.at(-1)?.end ?? start;
  const end = Math.max(lastEnd, start + rules.min_duration_s);
  if (nextStart === undefined) return end;
  const latest = nextStart - rules.min_gap_s;
  if (end <= latest) return end;
  return latest > start ? latest : Math.min(lastEnd, nextStart);
}
