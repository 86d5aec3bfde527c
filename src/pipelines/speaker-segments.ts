/** From the logits of the frames of a clip to who speaks when. Pure. */
import { sigmoid } from '../base/softmax.ts';

/** A stretch in which one speaker speaks. Stretches of different speakers may overlap. */
export interface SpeakerSegment {
  /** The label of the class. */
  readonly speaker: string;
  /** Seconds from the start of the clip. */
  readonly start: number;
  readonly end: number;
  /** The mean probability of its frames. */
  readonly score: number;
}

export interface SegmentRules {
  /** A frame is speech if its probability is larger than this. */
  readonly threshold: number;
  /** Shorter segments are dropped, after gaps are closed. */
  readonly minSeconds: number;
  /** Shorter gaps between segments of one speaker are closed. */
  readonly minGapSeconds: number;
}

/** The classes of a model and the seconds of its frames. */
export interface FrameScale {
  /** A name for each class. */
  readonly labels: readonly string[];
  readonly samplesPerFrame: number;
  /** Samples a second. */
  readonly sampleRate: number;
}

/** A length of so many frames is no shorter than itself, whatever rounding says. */
const ROUNDING_FRAMES = 1e-6;

/**
 * The segments of all speakers by their start. A frame begins at its first sample and ends where the next one begins, as the times of
 * speech recognition do.
 * @param logits [frames, labels]: those of the clip alone, no padding.
 */
export function speakerSegments(
  logits: Float32Array,
  { labels, samplesPerFrame, sampleRate }: FrameScale,
  { threshold, minSeconds, minGapSeconds }: SegmentRules,
): SpeakerSegment[] {
  const frameCount = logits.length / labels.length;
  const toFrames = (seconds: number): number => (seconds * sampleRate) / samplesPerFrame - ROUNDING_FRAMES;
  const toSeconds = (frame: number): number => (frame * samplesPerFrame) / sampleRate;
  // A comparison of logits: probabilities of small logits round to a half.
  const smallest = Math.log(threshold / (1 - threshold));
  return labels
    .flatMap((speaker, label) => {
      const logitOf = (frame: number): number => logits[frame * labels.length + label] ?? -Infinity;
      const stretches: [from: number, to: number][] = [];
      for (let frame = 0; frame < frameCount; frame++) {
        if (logitOf(frame) <= smallest) continue;
        const last = stretches.at(-1);
        if (last && (frame === last[1] || frame - last[1] < toFrames(minGapSeconds))) last[1] = frame + 1;
        else stretches.push([frame, frame + 1]);
      }
      return stretches
        .filter(([from, to]) => to - from >= toFrames(minSeconds))
        .map(([from, to]) => {
          let sum = 0;
          for (let frame = from; frame < to; frame++) sum += sigmoid(logitOf(frame));
          return { speaker, start: toSeconds(from), end: toSeconds(to), score: sum / (to - from) };
        });
    })
    .sort((a, b) => a.start - b.start);
}
