/** Recognises many clips: those of about one length run together, whichever they are, and each has its own result. */
import { checkBoolean, checkCallback, checkObject } from '../base/option-checks.ts';
import { checkClips, type ClipList } from './clip-list.ts';
import { batchesByLength, type BatchLimits } from './piece-batches.ts';
import type { QueueHost } from './queue.ts';
import type { EachOptions, PassedThrough } from './recognition-call.ts';
import { joinParts, shownText, type SpeechRecognitionOutput } from './recognition-output.ts';
import {
  type ClipFailure,
  CLIPS_AHEAD,
  type ClipsOptions,
  type EachResult,
  inOrderOfIndex,
  type RecognizedPart,
  wholeClips,
} from './recognize-clips.ts';

const MAX_BATCH_SIZE = 32;
/** How many batches' samples wait to be sorted by length. */
const POOL_BATCHES = 8;

/** What is needed of the recogniser. */
export interface EachHost extends Pick<QueueHost, 'check' | 'limits'> {
  readonly recognize: (
    clips: ClipList<unknown>,
    options: ClipsOptions,
  ) => AsyncIterable<RecognizedPart | ClipFailure>;
}

/**
 * @param count how many clips there are; undefined where nobody knows.
 * @throws UniSpeechError when the loop begins, or where no clip can be recognised any more; the signal's reason.
 */
export async function* recognizeEach<S>(
  host: EachHost,
  clips: ClipList<S>,
  options: EachOptions,
  count: number | undefined,
): AsyncGenerator<EachResult<SpeechRecognitionOutput & PassedThrough<S>>, void, undefined> {
  checkObject('The options of each()', options);
  const { ordered = true, progress_callback: onProgress, ...others } = options;
  checkBoolean('ordered', ordered);
  checkCallback('progress_callback', onProgress);
  const checked = host.check(others);
  const { isOfOneLength, sampleRate, seconds } = host.limits();
  const maxSamples = seconds * sampleRate;
  const limits: BatchLimits = {
    maxItems: options.batch_size ?? MAX_BATCH_SIZE,
    maxSamples: options.batch_size === undefined ? maxSamples : Infinity,
    isOfOneLength,
    poolSamples: POOL_BATCHES * maxSamples,
  };
  const parts = host.recognize(checkClips(clips), {
    checked,
    count,
    batches: (steps) => batchesByLength(steps, limits),
    ahead: CLIPS_AHEAD,
    isolates: true,
  });
  const results = wholeClips(
    parts,
    (recognition, taken) =>
      recognition.output(shownText(joinParts(taken)), checked.returnsTiming) as SpeechRecognitionOutput &
        PassedThrough<S>,
    ({ index, isLong, progress }) => {
      if (isLong) onProgress?.({ index, ...progress });
    },
  );
  yield* ordered ? inOrderOfIndex(results) : results;
}
