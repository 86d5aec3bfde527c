/** Audio in, text out. Source: `transformers/pipelines/automatic_speech_recognition.py`, its CTC half. */
import { Callable } from '../base/callable.ts';
import { UniSpeechError } from '../base/errors.ts';
import type { WarningCallback } from '../base/files.ts';
import { badInput } from '../base/option-checks.ts';
import { UniSpeechForCTC } from '../speech/models.ts';
import { argmaxRows } from '../text/ctc-collapse.ts';
import { type Tokenizer } from '../text/load-tokenizer.ts';
import { type AudioObject, type AudioSource, prepareClip, type PreparedClip } from './audio-source.ts';
import { type AudioPiece, keptFrames, planChunks } from './chunking.ts';
import { Wav2Vec2Processor } from './processor.ts';
import {
  checkRecognitionOptions,
  type CheckedOptions,
  type SpeechRecognitionOptions,
} from './recognition-options.ts';

/** A character, phoneme or word with its seconds in the clip. */
export interface TimedText {
  readonly text: string;
  readonly timestamp: readonly [start: number, end: number];
}

export interface SpeechRecognitionOutput {
  readonly text: string;
  /** With `return_timestamps`. Characters include the spaces between words. */
  readonly chunks?: readonly TimedText[];
  /** With `return_timing`. */
  readonly timing?: {
    readonly audio_seconds: number;
    /** From samples to token ids; of a batch, the clip's share by length. */
    readonly run_milliseconds: number;
  };
  /** Only where part of the clip's file is damaged or missing: what, and what stands for it. */
  readonly warnings?: readonly string[];
}

/** The further keys of an audio object, each as a list with one entry a piece, as in the reference. */
export type PassedThrough<S> = S extends AudioObject
  ? { readonly [K in Exclude<keyof S, ConsumedKey>]: readonly S[K][] }
  : unknown;
type ConsumedKey = keyof AudioObject | keyof SpeechRecognitionOutput;

/** `recognizer(audio, options)`: a list in gives a list out. */
export interface SpeechRecognitionCall {
  <S extends AudioSource>(
    audio: S,
    options?: SpeechRecognitionOptions,
  ): Promise<SpeechRecognitionOutput & PassedThrough<S>>;
  <S extends AudioSource>(
    audio: readonly S[],
    options?: SpeechRecognitionOptions,
  ): Promise<(SpeechRecognitionOutput & PassedThrough<S>)[]>;
}

// `Callable` knows one call signature; the call of a pipeline has two.
const CallablePipeline = Callable as unknown as abstract new () => SpeechRecognitionCall;

/** A clip under way. */
interface Recognition {
  readonly clip: PreparedClip;
  readonly pieceCount: number;
  /** Token ids of the pieces that ran, in order. */
  readonly ids: Int32Array[];
  /** Where each of these frames begins, in samples of the clip. */
  readonly frameStarts: number[];
  milliseconds: number;
}

/** A piece of a clip that waits for its batch. */
interface Piece {
  readonly recognition: Recognition;
  readonly samples: Float32Array;
  /** Where the piece begins, in samples of the clip. */
  readonly start: number;
  readonly frameCount: number;
  readonly kept: readonly [from: number, to: number];
}

/**
 * Speech recognition with a CTC model: most likely token of each frame, equal neighbours merged, blanks dropped.
 *
 * Deviations from the reference, all on purpose: in a batch each clip ends at its own last frame (there, frames of
 * padding are decoded too and can add characters); a last chunk too short for a frame counts as none; a caller's audio
 * object is not changed, and its keys never replace those of the result; times come from where each chunk lies in the
 * clip (the reference counts kept frames, and without a right stride a chunk has one frame fewer than its length says, so
 * there every later time is 20 ms early, 4.5 s after an hour of 16 s chunks).
 *
 * As in the reference, a model with `feat_extract_norm: "group"` takes statistics over a clip's padding, so that with
 * `batch_size` above 1 its text can depend on the clips beside it; models with `"layer"` do not.
 */
export class AutomaticSpeechRecognitionPipeline extends CallablePipeline {
  readonly task = 'automatic-speech-recognition';
  readonly model: UniSpeechForCTC;
  readonly processor: Wav2Vec2Processor;
  readonly tokenizer: Tokenizer;

  readonly #onWarning: WarningCallback;

  /**
   * @param parts `onWarning` is told of damaged audio files, once each; default: the console is.
   * @throws UniSpeechError `not-found` when the processor has no tokenizer.
   */
  constructor(parts: {
    readonly model: UniSpeechForCTC;
    readonly processor: Wav2Vec2Processor;
    readonly onWarning?: WarningCallback | undefined;
  }) {
    super();
    const { model, processor, onWarning } = Object(parts) as typeof parts;
    if (!(model instanceof UniSpeechForCTC)) throw badInput('model', model, 'a UniSpeechForCTC');
    if (!(processor instanceof Wav2Vec2Processor))
      throw badInput('processor', processor, 'a Wav2Vec2Processor');
    if (processor.tokenizer === undefined) {
      throw new UniSpeechError(
        'not-found',
        'Speech recognition needs a tokenizer, but the model has none: neither vocab.json nor tokenizer.json.',
        'Put the vocab.json (and tokenizer_config.json) of the model beside its config.json.',
      );
    }
    this.model = model;
    this.processor = processor;
    this.tokenizer = processor.tokenizer;
    this.#onWarning = onWarning ?? ((_code, message) => console.warn(message));
  }

  async _call(
    audio: AudioSource | readonly AudioSource[],
    options: SpeechRecognitionOptions = {},
  ): Promise<SpeechRecognitionOutput | SpeechRecognitionOutput[]> {
    const checked = checkRecognitionOptions(options, this.tokenizer);
    const { signal, batchSize, maxSeconds } = checked;
    signal?.throwIfAborted();
    const isList = Array.isArray(audio);
    const sources = isList ? (audio as readonly AudioSource[]) : [audio];
    const recognitions: Recognition[] = [];
    const waiting: Piece[] = [];
    for (const [index, source] of sources.entries()) {
      const position = isList ? { index, count: sources.length } : undefined;
      const clip = await prepareClip(source, { position, sampleRate: this.#sampleRate, maxSeconds, signal });
      for (const warning of clip.warnings ?? []) this.#onWarning('damaged-audio', warning);
      const pieces = this.#plan(clip, checked);
      if (pieces[0]) recognitions.push(pieces[0].recognition);
      for (const piece of pieces) {
        waiting.push(piece);
        if (waiting.length === batchSize) await this.#run(waiting.splice(0), signal);
      }
    }
    if (waiting.length > 0) await this.#run(waiting, signal);
    const outputs = recognitions.map((recognition) => this.#output(recognition, checked));
    const [first] = outputs;
    return isList || first === undefined ? outputs : first;
  }

  /** Frees the model. */
  dispose(): Promise<void> {
    return this.model.dispose();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  get #sampleRate(): number {
    return this.processor.feature_extractor.config.sampling_rate;
  }

  /** The pieces of a clip that give at least one frame each. */
  #plan(clip: PreparedClip, options: CheckedOptions): Piece[] {
    const { samples, name, stride } = clip;
    const { chunkLengthSeconds, strideSeconds } = options;
    const { config } = this.model;
    const minimum = config.minimumSampleCount;
    if (samples.length < minimum) {
      throw new UniSpeechError(
        'bad-audio',
        `${name} is too short: ${samples.length} samples at ${this.#sampleRate} Hz, this model needs at least ${minimum}.`,
      );
    }
    if (chunkLengthSeconds !== undefined && stride !== undefined) {
      throw new UniSpeechError(
        'bad-option',
        `${name} has a stride of its own, which cannot be combined with chunk_length_s.`,
      );
    }
    const whole = { start: 0, length: samples.length, strideLeft: 0, strideRight: 0 };
    const planned: readonly AudioPiece[] =
      chunkLengthSeconds === undefined
        ? [stride ? { ...whole, strideLeft: stride[0], strideRight: stride[1] } : whole]
        : planChunks({
            sampleCount: samples.length,
            chunkLengthSeconds,
            strideSeconds,
            sampleRate: this.#sampleRate,
            samplesPerFrame: config.inputs_to_logits_ratio,
          });
    const running = planned.filter(({ length }) => length >= minimum);
    if (running.length === 0) {
      throw new UniSpeechError(
        'bad-option',
        `chunk_length_s gives pieces of ${planned[0]?.length ?? 0} samples, this model needs at least ${minimum}.`,
      );
    }
    const recognition: Recognition = {
      clip,
      pieceCount: running.length,
      ids: [],
      frameStarts: [],
      milliseconds: 0,
    };
    const isStrided = chunkLengthSeconds !== undefined || stride !== undefined;
    return running.map((piece) => {
      const frameCount = config.frameCount(piece.length);
      return {
        recognition,
        samples: samples.subarray(piece.start, piece.start + piece.length),
        start: piece.start,
        frameCount,
        kept: isStrided ? keptFrames(piece, config.inputs_to_logits_ratio, frameCount) : [0, frameCount],
      };
    });
  }

  /** Runs a batch: every piece is normalised on its own, then padded with zeros and masked. */
  async #run(pieces: readonly Piece[], signal: AbortSignal | undefined): Promise<void> {
    const start = performance.now();
    const input_values = pieces.flatMap(
      ({ samples }) => this.processor.feature_extractor.extract(samples).input_values,
    );
    const { logits } = await this.model({ input_values, ...(signal && { signal }) });
    const vocabSize = logits.dims[2] ?? 0;
    const samplesPerFrame = this.model.config.inputs_to_logits_ratio;
    for (const [row, { recognition, start: pieceStart, frameCount, kept }] of pieces.entries()) {
      const rowLogits = logits.at(row).data.subarray(0, frameCount * vocabSize);
      recognition.ids.push(argmaxRows(rowLogits, frameCount, vocabSize).subarray(...kept));
      for (let frame = kept[0]; frame < kept[1]; frame += 1)
        recognition.frameStarts.push(pieceStart + frame * samplesPerFrame);
    }
    const milliseconds = performance.now() - start;
    const sampleCount = pieces.reduce((sum, { samples }) => sum + samples.length, 0);
    for (const { recognition, samples } of pieces)
      recognition.milliseconds += (milliseconds * samples.length) / sampleCount;
  }

  #output(recognition: Recognition, { timestamps, returnsTiming }: CheckedOptions): SpeechRecognitionOutput {
    const { clip, milliseconds, pieceCount } = recognition;
    const ids = recognition.ids.flatMap((part) => Array.from(part));
    const text = this.processor.decode(ids);
    const passedThrough = Object.entries(clip.passThrough).map(
      ([key, value]) => [key, new Array<unknown>(pieceCount).fill(value)] as const,
    );
    const own = {
      text,
      ...(timestamps && { chunks: this.#timedTexts(ids, recognition.frameStarts, timestamps) }),
      ...(returnsTiming && {
        timing: { audio_seconds: clip.samples.length / this.#sampleRate, run_milliseconds: milliseconds },
      }),
      ...(clip.warnings && clip.warnings.length > 0 && { warnings: clip.warnings }),
    };
    return { ...own, ...Object.fromEntries(passedThrough), ...own };
  }

  /** Times count from the first kept frame, which is the clip's own unless the caller gave the clip a stride. */
  #timedTexts(ids: readonly number[], frameStarts: readonly number[], unit: 'char' | 'word'): TimedText[] {
    const decoded =
      unit === 'char'
        ? this.processor.decode(ids, { output_char_offsets: true })
        : this.processor.decode(ids, { output_word_offsets: true });
    const entries =
      unit === 'char'
        ? (decoded.char_offsets ?? []).map(({ char, ...offset }) => ({ ...offset, text: char }))
        : 'word_offsets' in decoded
          ? (decoded.word_offsets ?? []).map(({ word, ...offset }) => ({ ...offset, text: word }))
          : [];
    const [origin = 0] = frameStarts;
    const startOf = (frame: number): number => (frameStarts[frame] ?? origin) - origin;
    return entries.map(({ text, start_offset, end_offset }) => ({
      text,
      timestamp: [
        startOf(start_offset) / this.#sampleRate,
        (startOf(end_offset - 1) + this.model.config.inputs_to_logits_ratio) / this.#sampleRate,
      ],
    }));
  }
}
