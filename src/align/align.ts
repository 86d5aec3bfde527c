/** Forced alignment of a text with its audio. */
import { isRecord } from '../base/checks.ts';
import { UniSpeechError } from '../base/errors.ts';
import { keepUnread } from '../base/keep-unread.ts';
import { badInput, checkString } from '../base/option-checks.ts';
import type { AudioSource } from '../pipelines/audio-source.ts';
import type { EmissionInfo, EmissionSource } from '../pipelines/emissions.ts';
import { type AlignOptions, checkAlignOptions, type StarPlaces } from './align-options.ts';
import type { Alignment } from './alignment.ts';
import { planText, type TextPlan, type TextToken } from './alignment-text.ts';
import { assembleAlignment } from './assemble-alignment.ts';
import { findPath } from './find-path.ts';
import { inSteps } from './in-steps.ts';
import { PathColumns } from './path-columns.ts';
import { LoudnessTrack } from './pauses.ts';
import { makeTarget, ZERO_STAR } from './target.ts';
import { utterancesOf, type UtteranceMode } from './utterances.ts';

/**
 * Finds when each word and character of a text is said. The audio is read as a recognition reads it, bit by bit; of its logits only the columns of the
 * labels in the text are kept. The text may have any case, punctuation and characters that the model does not know; the result has it as it is.
 *
 *     const { words } = await align(recognizer, 'talk.wav', 'Hello, world!');
 *     // [{ text: 'Hello,', start: 0.42, end: 0.81, score: 0.98, char_start: 0, char_end: 6 }, …]
 *
 * @param recognizer a pipeline for `automatic-speech-recognition`, or its client for a worker.
 * @throws UniSpeechError `too-short` where the audio has fewer frames than the text needs, `no-path`, `unknown-character`, `bad-option`, and as the
 * recognizer does; the signal's reason.
 */
export async function align(
  recognizer: EmissionSource,
  audio: AudioSource,
  text: string,
  options: AlignOptions = {},
): Promise<Alignment> {
  checkSource(recognizer);
  checkString('text', text);
  const checked = checkAlignOptions(options);
  const { signal, onProgress } = checked;
  signal?.throwIfAborted();
  keepUnread(audio);
  const info = await recognizer.emissionInfo();
  const plan = withStars(text, planText(text, info, checked), checked.star, checked.utterances);
  const target = makeTarget(
    plan.tokens.map(({ id }) => id),
    info.blank,
  );
  const columns = new PathColumns(target, info.labels.length, true);
  const loudness = checked.boundaries === 'audio' ? new LoudnessTrack(info.sampling_rate) : undefined;
  const warnings: string[] = [];
  let heard: { seconds: number; total_seconds?: number } = { seconds: 0 };
  for await (const part of recognizer.emissions(audio, checked.emissions)) {
    checkPlace(part.startSample, columns.frameCount, info);
    columns.push(part);
    if (part.samples) loudness?.push(part.samples);
    warnings.push(...(part.warnings ?? []));
    const { seconds, total_seconds: total } = part.progress;
    heard = { seconds, ...(total !== undefined && { total_seconds: total }) };
    onProgress?.({ stage: 'hearing', share: 0, ...heard });
    // The source may have given its last part before it heard of the signal.
    signal?.throwIfAborted();
  }
  const frameRate = info.sampling_rate / info.samples_per_frame;
  const isIgnored = (id: number): boolean => id === info.word_delimiter;
  const search = findPath(columns, target, { search: checked.search, isIgnored, frameRate });
  const path = await inSteps(search, signal, (share) =>
    onProgress?.({ stage: 'searching', share, ...heard }),
  );
  onProgress?.({ stage: 'searching', share: 1, ...heard });
  const duration = loudness ? loudness.sampleCount / info.sampling_rate : heard.seconds;
  return assembleAlignment({
    text,
    info,
    plan,
    target,
    columns,
    path,
    options: checked,
    loudness,
    duration,
    warnings,
  });
}

function checkSource(recognizer: unknown): void {
  if (
    (typeof recognizer === 'function' || isRecord(recognizer)) &&
    ['emissionInfo', 'emissions'].every(
      (name) => typeof (recognizer as unknown as Readonly<Record<string, unknown>>)[name] === 'function',
    )
  )
    return;
  throw badInput(
    'recognizer',
    recognizer,
    'a pipeline for automatic-speech-recognition or its worker client',
  );
}

/** Times come from the numbers of frames. @throws UniSpeechError `bad-input`. */
function checkPlace(startSample: number, frameCount: number, { samples_per_frame: hop }: EmissionInfo): void {
  if (startSample === frameCount * hop) return;
  throw new UniSpeechError(
    'bad-input',
    `A part of the emissions begins at sample ${startSample}, but the ${frameCount} frames before it end at ${frameCount * hop}.`,
  );
}

/** A star between two utterances takes the place of the delimiter there. */
function withStars(text: string, plan: TextPlan, places: StarPlaces, mode: UtteranceMode): TextPlan {
  if (places === 'none' || plan.tokens.length === 0) return plan;
  const star = (position: number): TextToken => ({
    id: ZERO_STAR,
    start: position,
    end: position,
    word: null,
  });
  const ends = new Set(utterancesOf(text, plan.words, mode).map(({ to }) => to));
  const tokens: TextToken[] = [star(0)];
  let hasEnded = false;
  const words = plan.words.map((word, index) => {
    const before = plan.tokens[word.firstToken - 1];
    const isFirst = tokens.length === 1;
    if (word.tokenCount > 0 && !isFirst) {
      if (places === 'utterances' && hasEnded) tokens.push(star(word.start));
      else if (before?.word === null) tokens.push(before);
    }
    if (word.tokenCount > 0) hasEnded = false;
    hasEnded ||= ends.has(index + 1);
    const firstToken = tokens.length;
    tokens.push(...plan.tokens.slice(word.firstToken, word.firstToken + word.tokenCount));
    return { ...word, firstToken };
  });
  tokens.push(star(text.length));
  return { ...plan, tokens, words };
}
