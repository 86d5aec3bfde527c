/** Words as a TextGrid of Praat. Pure. */
import { isList, isRecord } from '../base/checks.ts';
import { rejectUnknownOptions, UniSpeechError } from '../base/errors.ts';
import { badOption } from '../base/option-checks.ts';
import { intervalsOf } from './intervals.ts';
import { formatTextGrid } from './textgrid.ts';
import { checkedWords, isSeconds, type TimedWord } from './timed-words.ts';
import { type CaptionSource, wordsOf } from './transcript.ts';

export interface TextGridOptions {
  /** Of the audio. By default the tiers end with their last word; they never end before it. */
  readonly duration_s?: number | undefined;
  /** The name of the tier of the source's words. Default 'words'. */
  readonly tier_name?: string | undefined;
  /** Further tiers below the words, such as phones. */
  readonly tiers?: readonly { readonly name: string; readonly words: readonly TimedWord[] }[] | undefined;
}

/**
 * Words as a TextGrid in the long form of Praat, with a tier for the words and one for each of `tiers`. Intervals of a tier cannot overlap:
 * a word ends at the latest where the next one begins. They cannot be empty either: a word without length takes up to a millisecond behind
 * it, and where there is no room it shares the interval beside it, divided by a space. Write the text as UTF-8.
 * @throws UniSpeechError `bad-input` as `wordsOf` does, and without any length; `bad-option`.
 */
export function toTextGrid(source: CaptionSource, options: TextGridOptions = {}): string {
  rejectUnknownOptions(options, ['duration_s', 'tier_name', 'tiers'], 'toTextGrid');
  const duration: unknown = options.duration_s ?? 0;
  const others: unknown = options.tiers ?? [];
  if (!isSeconds(duration)) throw badOption('duration_s', duration, 'a number of seconds of at least 0');
  if (!isList(others)) throw badOption('tiers', others, 'a list of { name, words }');
  const named = [
    { name: nameOf('tier_name', options.tier_name ?? 'words'), words: wordsOf(source) },
    ...Array.from(others, (tier, index) => {
      const { name, words } = isRecord(tier) ? tier : {};
      return { name: nameOf(`tiers[${index}].name`, name), words: checkedWords(words, `tier ${index}`) };
    }),
  ];
  const end = named.flatMap(({ words }) => words).reduce((most, word) => Math.max(most, word.end), duration);
  if (end === 0)
    throw new UniSpeechError(
      'bad-input',
      'toTextGrid got no words and no duration_s, expected one of them: a TextGrid has a length.',
      'Give the length of the audio as duration_s.',
    );
  const tiers = named.map(({ name, words }) => ({ name, start: 0, end, intervals: intervalsOf(words, end) }));
  return formatTextGrid({ start: 0, end, tiers });
}

function nameOf(option: string, name: unknown): string {
  if (typeof name === 'string') return name;
  throw badOption(option, name, 'a string');
}
