/** WebVTT (`.vtt`, https://www.w3.org/TR/webvtt1/). */
import { checkBoolean } from '../base/option-checks.ts';
import { type CueOptions, cueRules } from './cue-options.ts';
import { type CueOfWords, cuesOfWords } from './cues.ts';
import { formatTimecode, millisecondsOf, timesLine } from './timecode.ts';
import { type CaptionSource, wordsOf } from './transcript.ts';

export interface VttOptions extends CueOptions {
  /** Puts the time of each word before it, so that players show words as they are said. Default false. */
  readonly karaoke?: boolean | undefined;
}

/** The captions of words as WebVTT. @throws UniSpeechError as `toCues` does. */
export function toVtt(source: CaptionSource, options: VttOptions = {}): string {
  const rules = cueRules(options, 'toVtt', ['karaoke']);
  checkBoolean('karaoke', options.karaoke);
  const textOf = options.karaoke ? karaokeText : plainText;
  const cues = cuesOfWords(wordsOf(source), rules).map((cue) => `${timesLine(cue, '.')}\n${textOf(cue)}\n`);
  return ['WEBVTT\n', ...cues].join('\n');
}

/** What WebVTT would take for its markup. */
const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const plainText = ({ lines }: CueOfWords): string =>
  lines.map((line) => line.map(({ text }) => escaped(text)).join(' ')).join('\n');

/**
 * Times in a text must rise, and lie between those of the caption. A word without a time of its own, or at the same time as the last one,
 * comes with the word before it.
 */
function karaokeText({ start, end, lines }: CueOfWords): string {
  let last = millisecondsOf(start);
  const spelled = lines.map((line) =>
    line.map((word) => {
      const from = millisecondsOf(word.start);
      if (word.inferred || from <= last || from >= millisecondsOf(end)) return escaped(word.text);
      last = from;
      return `<${formatTimecode(word.start, '.')}>${escaped(word.text)}`;
    }),
  );
  return spelled.map((line) => line.join(' ')).join('\n');
}
