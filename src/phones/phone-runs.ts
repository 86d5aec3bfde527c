/** What a model of phonemes hears when nothing is expected: the most likely phoneme of each frame, equal neighbours merged, with times and confidences. */
import { argmaxRows } from '../decode/argmax.ts';
import type { FrameLogits } from '../decode/decoder.ts';
import {
  characterConfidence,
  type ConfidenceRule,
  type FrameWorth,
  joinedWorth,
  worthOfFrame,
} from '../decode/confidence.ts';
import { logSoftmaxRow } from '../decode/log-softmax.ts';
import type { EmissionInfo } from '../pipelines/emissions.ts';
import { secondsOfFrames } from './frame-times.ts';

/** A phoneme that was heard. */
export interface Phone {
  readonly text: string;
  /** Seconds. */
  readonly start: number;
  readonly end: number;
  /** How sure the model is, 0 to 1. */
  readonly score: number;
}

/** A phone with its column. */
export interface HeardPhone extends Phone {
  readonly token: number;
}

export interface PhoneRunOptions {
  readonly info: EmissionInfo;
  readonly confidence: ConfidenceRule;
}

interface OpenRun {
  readonly token: number;
  readonly startSample: number;
  lastSample: number;
  worth: FrameWorth | undefined;
}

/** Takes the frames of a clip part by part. */
export class PhoneRuns {
  readonly #options: PhoneRunOptions;
  readonly #phones: HeardPhone[] = [];
  #open: OpenRun | undefined;

  constructor(options: PhoneRunOptions) {
    this.#options = options;
  }

  /** @throws UniSpeechError `bad-input` where a logit is NaN. */
  push({ data, frameCount, vocabSize, startSample }: FrameLogits, temperature: number): void {
    const { info } = this.#options;
    const row = new Float64Array(vocabSize);
    argmaxRows(data, frameCount, vocabSize).forEach((token, frame) => {
      logSoftmaxRow(data, frame * vocabSize, vocabSize, row, 0, temperature);
      this.add(token, startSample + frame * info.samples_per_frame, row);
    });
  }

  /**
   * Takes the next frame.
   * @param token its likeliest label.
   * @param logProbs of all labels, with the temperature in them.
   */
  add(token: number, startSample: number, logProbs: Float64Array): void {
    if (this.#open?.token !== token) {
      this.#close();
      this.#open = { token, startSample, lastSample: startSample, worth: undefined };
    }
    this.#open.lastSample = startSample;
    if (this.#isPhone(token))
      this.#open.worth = joinedWorth(this.#open.worth, worthOfFrame(logProbs, token, 'posterior'));
  }

  /** @param seconds of the clip: no phone ends later. */
  finish(seconds: number): HeardPhone[] {
    this.#close();
    return this.#phones.map((phone) => ({
      ...phone,
      start: Math.min(phone.start, seconds),
      end: Math.min(phone.end, seconds),
    }));
  }

  /** Neither the blank, nor the token between words, nor one without a name. */
  #isPhone(token: number): boolean {
    const { blank, word_delimiter, labels } = this.#options.info;
    return token !== blank && token !== word_delimiter && (labels[token] ?? '').trim() !== '';
  }

  #close(): void {
    const { info, confidence } = this.#options;
    if (this.#open?.worth === undefined) return;
    const { token, startSample, lastSample, worth } = this.#open;
    const [start, end] = secondsOfFrames(info, startSample, lastSample + info.samples_per_frame);
    this.#phones.push({
      token,
      text: info.labels[token] ?? '',
      start,
      end,
      score: characterConfidence(worth, confidence),
    });
    this.#open = undefined;
  }
}
