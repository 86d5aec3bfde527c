/** What is said in a clip, as phonemes with times and confidences. */
import { keepUnread } from '../base/keep-unread.ts';
import { checkBoolean, checkChoice } from '../base/option-checks.ts';
import { CONFIDENCE_RULES, type ConfidenceRule } from '../decode/confidence.ts';
import type { AudioSource } from '../pipelines/audio-source.ts';
import type { EmissionInfo, EmissionSource } from '../pipelines/emissions.ts';
import { type HeardPhone, type Phone, PhoneRuns } from './phone-runs.ts';
import { checkPhonemeCall, phonemeInfoOf, type PhonemeCallOptions } from './phoneme-source.ts';
import { toVisemes, type VisemeTrack } from './viseme-track.ts';

export interface PhonesOptions extends PhonemeCallOptions {
  /** Which posterior of the frames of a phoneme is its score. Default: their mean. */
  readonly confidence?: ConfidenceRule | undefined;
  /** Also return visemes, the shapes of the mouth. Default: false. */
  readonly return_visemes?: boolean | undefined;
}

export interface PhonesResult {
  /** The phonemes, separated by spaces. */
  readonly text: string;
  /** In order. Files of timed words take them as they are: `toTextGrid({ words: phones })`. */
  readonly phones: readonly Phone[];
  /** Of the clip. */
  readonly seconds: number;
  /** With `return_visemes`. */
  readonly visemes?: VisemeTrack['visemes'];
  /** With `return_visemes`: characters, and tokens such as `<unk>`, that no viseme is known for. */
  readonly unknown?: VisemeTrack['unknown'];
  /** Only if part of the clip's file is damaged or missing. */
  readonly warnings?: readonly string[];
}

/**
 * The most likely phoneme of each frame, equal neighbours merged: what `recognizer(audio)` writes. Audio of any length: memory grows with the phonemes only.
 * @param recognizer of `pipeline('automatic-speech-recognition', …)` or of a worker, with a model of phonemes.
 * @throws UniSpeechError `unsupported` for a model of letters; `bad-input`, `bad-option`; what the recogniser throws; the signal's reason.
 */
export async function phones(
  recognizer: EmissionSource,
  audio: AudioSource,
  options: PhonesOptions = {},
): Promise<PhonesResult> {
  const { temperature, call } = checkPhonemeCall(options, ['confidence', 'return_visemes'], 'phones()');
  const { confidence = 'mean', return_visemes: returnsVisemes = false } = options;
  checkChoice('confidence', confidence, CONFIDENCE_RULES);
  checkBoolean('return_visemes', returnsVisemes);
  keepUnread(audio);
  const info = await phonemeInfoOf(recognizer, 'phones()');
  const runs = new PhoneRuns({ info, confidence });
  const warnings: string[] = [];
  let seconds = 0;
  for await (const part of recognizer.emissions(audio, call)) {
    runs.push(part, temperature);
    seconds = part.progress.seconds;
    warnings.push(...(part.warnings ?? []));
  }
  const heard = runs.finish(seconds);
  return {
    text: heard.map(({ text }) => text).join(' '),
    phones: heard.map(({ text, start, end, score }) => ({ text, start, end, score })),
    seconds,
    ...(returnsVisemes && visemesIn(heard, seconds, info)),
    ...(warnings.length > 0 && { warnings }),
  };
}

/** The name of a special token, such as `<unk>`, is no phoneme to be read. */
function visemesIn(heard: readonly HeardPhone[], duration: number, { special }: EmissionInfo): VisemeTrack {
  const isNamed = ({ token }: HeardPhone): boolean => !special.includes(token);
  const { visemes, unknown } = toVisemes(
    heard.map((phone) => (isNamed(phone) ? phone : { ...phone, text: '' })),
    { duration },
  );
  const others = heard.filter((phone) => !isNamed(phone)).map(({ text }) => text);
  return { visemes, unknown: [...new Set([...unknown, ...others])] };
}
