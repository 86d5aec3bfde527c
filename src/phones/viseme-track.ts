/** Visemes with times, of phonemes with times. Pure. */
import { isList, isRecord } from '../base/checks.ts';
import { describeValue, rejectUnknownOptions, UniSpeechError } from '../base/errors.ts';
import { badInput, badOption } from '../base/option-checks.ts';
import { type Viseme, visemesOf } from './visemes.ts';

export interface TimedViseme {
  readonly viseme: Viseme;
  /** Seconds. */
  readonly start: number;
  readonly end: number;
}

export interface VisemeTrack {
  /** Without gaps, in order; no two neighbours are the same. Blend over 50 to 80 ms around their edges. */
  readonly visemes: readonly TimedViseme[];
  /** Characters of phonemes that no viseme is known for, each once. They are shown as silence. */
  readonly unknown: readonly string[];
}

export interface VisemeOptions {
  /** Where the track ends, in seconds. Default: with the last phoneme. */
  readonly duration?: number | undefined;
}

/** The mouth keeps its shape over shorter gaps: CTC gives a phoneme few frames of its sound. */
const LONGEST_HELD_SECONDS = 0.2;
/** Times are sums of frames: 0.2 s may be a little more. */
const ROUNDING_SECONDS = 1e-9;

/**
 * The phonemes of `phones()`, in order, as visemes. The time of a diphthong is split between its two. Gaps of up to 200 ms keep the shape before them, longer
 * ones are silence, and so is all before the first phoneme and behind the last.
 * @param phones `{ text, start, end }` in seconds.
 * @throws UniSpeechError `bad-input` for phonemes without times, or with times that go back; `bad-option`.
 */
export function toVisemes(
  phones: readonly { readonly text: string; readonly start: number; readonly end: number }[],
  options: VisemeOptions = {},
): VisemeTrack {
  rejectUnknownOptions(options, ['duration'], 'toVisemes()');
  const { duration } = options;
  if (duration !== undefined && !(Number.isFinite(duration) && duration >= 0))
    throw badOption('duration', duration, 'a number of seconds of at least 0');
  if (!isList(phones)) throw badInput('phones', phones, 'a list of { text, start, end }');
  const track: TimedViseme[] = [];
  const unknown = new Set<string>();
  const add = (viseme: Viseme, start: number, end: number): void => {
    if (end <= start) return;
    const last = track.at(-1);
    if (last?.viseme === viseme) track[track.length - 1] = { ...last, end };
    else track.push({ viseme, start, end });
  };
  let time = 0;
  Array.from(phones, checkedPhone).forEach(({ text, start, end }, index) => {
    if (start < time)
      throw new UniSpeechError(
        'bad-input',
        `Phoneme ${index}, ${describeValue(text)}, begins at ${start} s, but the one before it ends at ${time} s.`,
      );
    const last = track.at(-1);
    if (last !== undefined && start - time <= LONGEST_HELD_SECONDS + ROUNDING_SECONDS)
      add(last.viseme, time, start);
    else add('sil', time, start);
    const shown = visemesOf(text);
    for (const character of shown.unknown) unknown.add(character);
    const step = (end - start) / shown.visemes.length;
    shown.visemes.forEach((viseme, part) => {
      const isLast = part === shown.visemes.length - 1;
      add(viseme, start + part * step, isLast ? end : start + (part + 1) * step);
    });
    time = end;
  });
  if (duration !== undefined) add('sil', time, duration);
  return { visemes: track, unknown: [...unknown] };
}

/** @throws UniSpeechError `bad-input`. */
function checkedPhone(phone: unknown, index: number): { text: string; start: number; end: number } {
  const { text, start, end } = isRecord(phone) ? phone : {};
  if (
    typeof text !== 'string' ||
    typeof start !== 'number' ||
    typeof end !== 'number' ||
    !(start >= 0 && end >= start && end < Infinity)
  )
    throw badInput(`Phoneme ${index}`, phone, '{ text, start, end } with 0 ≤ start ≤ end in seconds');
  return { text, start, end };
}
