/** What a CTC model says of each frame, for those who read more in it than text: aligners, decoders, scorers. */
import { UniSpeechError } from '../base/errors.ts';
import { checkBoolean } from '../base/option-checks.ts';
import type { DecoderKind, FrameLogits } from '../decode/decoder.ts';
import type { EncoderConfig } from '../speech/encoder/config.ts';
import type { Tokenizer } from '../text/load-tokenizer.ts';
import { Wav2Vec2PhonemeCTCTokenizer } from '../text/phoneme-tokenizer.ts';
import type { AudioSource } from './audio-source.ts';
import type { CallOptions } from './call-options.ts';
import { FrameCollector } from './frame-collector.ts';
import { type CheckedCuts, checkCutOptions, type CutCallOptions } from './recognition-options.ts';
import type { RecognitionProgress } from './recognition-output.ts';
import type { ClipFailure, RecognizedPart } from './recognize-clips.ts';

/** What the columns of emissions mean, and where their frames lie. Plain data. */
export interface EmissionInfo {
  /** One for each column, as the tokenizer spells it; an empty string where it has none. */
  readonly labels: readonly string[];
  /** The column of CTC's blank. */
  readonly blank: number;
  /** The column of the token between words; null where there is none. */
  readonly word_delimiter: number | null;
  /** The column of the unknown token; null where there is none. */
  readonly unknown: number | null;
  /** The columns that are no sound and no letter, such as the blank and `<unk>`. The word delimiter is none of them. */
  readonly special: readonly number[];
  readonly units: 'characters' | 'phonemes';
  /** In Hz. */
  readonly sampling_rate: number;
  /** From the start of one frame to that of the next. */
  readonly samples_per_frame: number;
  /** How many samples a frame is made of, from its start on. */
  readonly samples_per_window: number;
}

/** Frames of a clip that follow each other. Whoever takes a part may keep its memory. */
export interface EmissionPart extends FrameLogits {
  /**
   * With `return_samples`: mono samples at the model's rate, those since the last part. Together with those before they end where the next frame begins, and in
   * the last part where the clip ends.
   */
  readonly samples?: Float32Array;
  readonly progress: RecognitionProgress;
  /** What has been found damaged or missing since the last part. */
  readonly warnings?: readonly string[];
}

export interface EmissionOptions extends CallOptions, CutCallOptions {
  /** Also give the samples. Default: false. */
  readonly return_samples?: boolean | undefined;
}

/** Whatever gives emissions: a recogniser, or its client for a worker. */
export interface EmissionSource {
  /** Of the language that the model has at that time. */
  emissionInfo(): Promise<EmissionInfo>;
  /**
   * The logits of each frame of a clip, without softmax, while the clip is read: those that `recognizer(audio, options)` makes its text of. Parts follow
   * each other without gap or overlap. Only with `cut: 'fixed'` and no right stride a frame is missing between two windows, as in the reference; `startSample` says where. The last part may
   * have no frames.
   * @throws UniSpeechError when the loop begins or goes on; the signal's reason.
   */
  emissions(audio: AudioSource, options?: EmissionOptions): AsyncGenerator<EmissionPart, void, undefined>;
}

export interface CheckedEmissions extends CheckedCuts {
  readonly returnsSamples: boolean;
}

/** @throws UniSpeechError `bad-option`. */
export function checkEmissionOptions(options: EmissionOptions): CheckedEmissions {
  const checked = checkCutOptions(options, ['return_samples'], 'emissions()');
  const { return_samples: returnsSamples = false } = options;
  checkBoolean('return_samples', returnsSamples);
  return { ...checked, returnsSamples };
}

type ColumnsAndFrames = Pick<EncoderConfig, 'vocab_size' | 'samplesPerOutputFrame'>;

/** @throws UniSpeechError `bad-config` for a model without a blank. */
export function emissionInfoOf(
  tokenizer: Tokenizer,
  config: ColumnsAndFrames & Pick<EncoderConfig, 'pad_token_id' | 'minimumSampleCount'>,
  sampleRate: number,
): EmissionInfo {
  const { vocab_size: vocabSize } = config;
  const isColumn = (id: number | null): id is number => id !== null && id < vocabSize;
  const columnOf = (id: number | null): number | null => (isColumn(id) ? id : null);
  const labels = new Array<string>(vocabSize).fill('');
  for (const [token, id] of tokenizer.get_vocab()) if (isColumn(id)) labels[id] = token;
  const delimiter = columnOf(tokenizer.word_delimiter_token_id);
  const blank = columnOf(tokenizer.pad_token_id ?? config.pad_token_id);
  if (blank === null)
    throw new UniSpeechError(
      'bad-config',
      `The blank of CTC is token ${tokenizer.pad_token_id}, but the model has ${vocabSize} tokens.`,
      'Check that the tokenizer belongs to the model.',
    );
  return {
    labels,
    blank,
    word_delimiter: delimiter,
    unknown: columnOf(tokenizer.unk_token_id),
    special: tokenizer.all_special_ids.filter((id) => isColumn(id) && id !== delimiter),
    units: tokenizer instanceof Wav2Vec2PhonemeCTCTokenizer ? 'phonemes' : 'characters',
    sampling_rate: sampleRate,
    samples_per_frame: config.samplesPerOutputFrame,
    samples_per_window: config.minimumSampleCount,
  };
}

const FRAMES: DecoderKind<readonly FrameLogits[]> = {
  reads: 'logits',
  create: ({ samplesPerFrame }) => new FrameCollector(samplesPerFrame),
};

type FrameEvents = AsyncIterable<RecognizedPart<readonly FrameLogits[]> | ClipFailure>;

/**
 * The emissions of one clip.
 * @param recognize runs the recognition with a decoder that keeps the frames.
 * @throws UniSpeechError `bad-option`; what the recognition throws.
 */
export async function* emissionsOf(
  options: EmissionOptions,
  model: { readonly config: ColumnsAndFrames },
  recognize: (decoder: typeof FRAMES, checked: CheckedCuts, keepsSamples: boolean) => FrameEvents,
): AsyncGenerator<EmissionPart, void, undefined> {
  const { returnsSamples, ...checked } = checkEmissionOptions(options);
  yield* emissionParts(recognize(FRAMES, checked, returnsSamples), model, returnsSamples);
}

/** The parts of one clip. @throws what the recognition throws. */
export async function* emissionParts(
  events: FrameEvents,
  model: { readonly config: ColumnsAndFrames },
  returnsSamples: boolean,
): AsyncGenerator<EmissionPart, void, undefined> {
  for await (const event of events) {
    if ('error' in event) throw event.error;
    const { recognition, part, isLast } = event;
    // Read here: the language may have changed while the loop waited for its turn.
    const { vocab_size: vocabSize, samplesPerOutputFrame } = model.config;
    const nothing = {
      data: new Float32Array(),
      frameCount: 0,
      vocabSize,
      startSample: recognition.doneSamples,
    };
    const parts = part.length > 0 ? part : [nothing];
    for (const [index, frames] of parts.entries()) {
      const isEnd = isLast && index === parts.length - 1;
      const end = isEnd ? Infinity : frames.startSample + frames.frameCount * samplesPerOutputFrame;
      const warnings = recognition.takeWarnings();
      yield {
        ...frames,
        startSample: frames.startSample + recognition.startSample,
        ...(returnsSamples && { samples: recognition.takeSamples(end) }),
        progress: recognition.progress,
        ...(warnings.length > 0 && { warnings }),
      };
    }
  }
}
