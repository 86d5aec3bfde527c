/** Tells who speaks when: diarization by a model that classifies frames. */
import { isDuration } from '../audio/duration.ts';
import { isRecord } from '../base/checks.ts';
import { UniSpeechError } from '../base/errors.ts';
import { badOption, checkBoolean } from '../base/option-checks.ts';
import { sigmoid } from '../base/softmax.ts';
import { Tensor } from '../base/tensor.ts';
import { FRAME_CLASSIFICATION_HEAD } from '../speech/heads/frame-classification.ts';
import type { ModelForAudioFrameClassification } from '../speech/model-types.ts';
import { AudioPipeline, oneOrAll, type PipelineParts } from './audio-pipeline.ts';
import type { AudioSource } from './audio-source.ts';
import { type CallOptions, checkCallOptions } from './call-options.ts';
import { withClipLimit } from './clip-limit.ts';
import { runClips } from './run-clips.ts';
import { type SegmentRules, type SpeakerSegment, speakerSegments } from './speaker-segments.ts';

export interface AudioFrameClassificationOptions extends CallOptions {
  /** A speaker speaks in the frames whose probability is above this. Default: 0.5. */
  readonly threshold?: number | null | undefined;
  /** Segments shorter than this many seconds are left out, after gaps are closed. Default: 0. */
  readonly min_duration_s?: number | null | undefined;
  /** Gaps between segments of one speaker that are shorter than this many seconds are closed. Default: 0. */
  readonly min_gap_s?: number | null | undefined;
  /** Also return the probabilities of all frames. Default: false. */
  readonly return_frames?: boolean | null | undefined;
}

/** Who speaks when in a clip. `toRttm` of `unispeech-webgpu/captions` makes a file of it. */
export interface AudioFrameClassificationOutput {
  /** By their start. Segments of different speakers may overlap. */
  readonly segments: readonly SpeakerSegment[];
  /** With `return_frames`: [frames, labels], the probability that each speaker speaks. A frame is 20 ms in all public models. */
  readonly frames?: Tensor<'float32'>;
  /** Only if part of the clip's file is damaged or missing: says which part, and what replaces it. */
  readonly warnings?: readonly string[];
}

/** `diarize(audio, options)`. A list of clips gives a list of results. */
export interface AudioFrameClassificationCall {
  (audio: AudioSource, options?: AudioFrameClassificationOptions): Promise<AudioFrameClassificationOutput>;
  (
    audio: readonly AudioSource[],
    options?: AudioFrameClassificationOptions,
  ): Promise<AudioFrameClassificationOutput[]>;
}

// The base knows nothing of the task's call.
const CallablePipeline = AudioPipeline as unknown as abstract new (
  ...args: ConstructorParameters<typeof AudioPipeline<ModelForAudioFrameClassification>>
) => AudioPipeline<ModelForAudioFrameClassification> & AudioFrameClassificationCall;

const OPTION_NAMES = ['threshold', 'min_duration_s', 'min_gap_s', 'return_frames'];

/**
 * Diarization with a head for frames, such as the `-sd` models of WavLM and UniSpeech-SAT and SUPERB's: each class is a speaker, and classes
 * do not exclude each other. Neither transformers nor transformers.js has a pipeline for these models.
 *
 * A clip always runs whole. Which class is which speaker is decided within one run, so the speakers of two pieces could not be joined.
 * The adapter thus limits the length of a clip: the error for one that is too long (`limit-exceeded`) says how many seconds may be.
 *
 * Clips run together only if they are equally long: padding changes the frames of many models even where it is masked, in the reference,
 * too. So no result depends on the other clips of a batch.
 */
export class AudioFrameClassificationPipeline extends CallablePipeline {
  readonly task = 'audio-frame-classification';

  /** @throws UniSpeechError `bad-input`. */
  constructor(parts: PipelineParts<ModelForAudioFrameClassification>) {
    super(
      parts,
      [FRAME_CLASSIFICATION_HEAD],
      'a model that classifies frames, such as a Wav2Vec2ForAudioFrameClassification',
    );
  }

  async _call(
    audio: AudioSource | readonly AudioSource[],
    options: AudioFrameClassificationOptions = {},
  ): Promise<AudioFrameClassificationOutput | AudioFrameClassificationOutput[]> {
    refuseChunks(options);
    const checked = checkCallOptions(options, OPTION_NAMES, 'A diarization call');
    const rules = checkRules(options);
    checkBoolean('return_frames', options.return_frames);
    const { config } = this.model;
    const scale = {
      labels: Array.from({ length: config.num_labels }, (_, id) => config.id2label[id] ?? `LABEL_${id}`),
      samplesPerFrame: config.inputs_to_logits_ratio,
      sampleRate: this.sampleRate,
    };
    const batches = { ...checked, ofOneLength: true };
    const running = runClips(
      this.clips(audio, checked),
      this,
      batches,
      (output, row, { warnings = [] }): AudioFrameClassificationOutput => {
        const { data: logits, dims } = output.logits.at(row);
        return {
          segments: speakerSegments(logits, scale, rules),
          ...(options.return_frames && {
            frames: new Tensor('float32', logits.map(sigmoid), dims),
          }),
          ...(warnings.length > 0 && { warnings }),
        };
      },
    );
    return oneOrAll(audio, await withClipLimit(this.model, this.sampleRate, running));
  }
}

/** @throws UniSpeechError `bad-option`. */
function checkRules(options: AudioFrameClassificationOptions): SegmentRules {
  const threshold = options.threshold ?? 0.5;
  if (typeof threshold !== 'number' || !(threshold >= 0 && threshold <= 1))
    throw badOption('threshold', threshold, 'a probability from 0 to 1');
  const secondsOf = (name: 'min_duration_s' | 'min_gap_s'): number => {
    const seconds = options[name] ?? 0;
    if (seconds !== 0 && !isDuration(seconds))
      throw badOption(name, seconds, 'a number of seconds of at least 0');
    return seconds;
  };
  return { threshold, minSeconds: secondsOf('min_duration_s'), minGapSeconds: secondsOf('min_gap_s') };
}

/** @throws UniSpeechError `bad-option` for the options of recognition that cut a clip. */
function refuseChunks(options: object): void {
  const name = ['chunk_length_s', 'stride_length_s'].find(
    (each) => isRecord(options) && Object.hasOwn(options, each),
  );
  if (name === undefined) return;
  throw new UniSpeechError(
    'bad-option',
    `A diarization call has no option "${name}": the order of the speakers of one piece says nothing about that of the next one.`,
    'Give whole clips, as long as the memory allows.',
  );
}
