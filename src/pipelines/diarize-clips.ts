/** Runs diarization: the segments in which each speaker of a clip speaks. */
import { isDuration } from '../audio/duration.ts';
import { isRecord } from '../base/checks.ts';
import { UniSpeechError } from '../base/errors.ts';
import { badOption, checkBoolean } from '../base/option-checks.ts';
import { sigmoid } from '../base/softmax.ts';
import { Tensor } from '../base/tensor.ts';
import type { ModelForAudioFrameClassification } from '../speech/model-types.ts';
import type { TaskRun } from './audio-pipeline.ts';
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

const OPTION_NAMES = ['threshold', 'min_duration_s', 'min_gap_s', 'return_frames'];

/** @throws UniSpeechError `bad-option`, and what the clips and the model throw. */
export async function diarizeClips(
  run: TaskRun<ModelForAudioFrameClassification>,
  options: AudioFrameClassificationOptions,
): Promise<AudioFrameClassificationOutput[]> {
  refuseChunks(options);
  const checked = checkCallOptions(options, OPTION_NAMES, 'A diarization call');
  const rules = checkRules(options);
  checkBoolean('return_frames', options.return_frames);
  const { config } = run.model;
  const scale = {
    labels: Array.from({ length: config.num_labels }, (_, id) => config.id2label[id] ?? `LABEL_${id}`),
    samplesPerFrame: config.inputs_to_logits_ratio,
    sampleRate: run.sampleRate,
  };
  const batches = { ...checked, ofOneLength: true };
  const running = runClips(
    run.clips(checked),
    run,
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
  return withClipLimit(run.model, run.sampleRate, running);
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
