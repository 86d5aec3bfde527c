/** Audio in, text out. Source: `transformers/pipelines/automatic_speech_recognition.py`, its CTC half. */
import { Callable } from '../base/callable.ts';
import { UniSpeechError } from '../base/errors.ts';
import type { WarningCallback } from '../base/files.ts';
import { badInput } from '../base/option-checks.ts';
import type { CreateDecoder, Decoder } from '../decode/decoder.ts';
import { GreedyDecoder } from '../decode/greedy-decoder.ts';
import { UniSpeechForCTC } from '../speech/unispeech-models.ts';
import { type Tokenizer } from '../text/load-tokenizer.ts';
import { type AudioObject, type AudioSource, prepareClip } from './audio-source.ts';
import { Wav2Vec2Processor } from './processor.ts';
import { checkRecognitionOptions, type SpeechRecognitionOptions } from './recognition-options.ts';
import { assembleOutput, type RecognizedClip, type SpeechRecognitionOutput } from './recognition-output.ts';
import { type Piece, planPieces } from './recognition-pieces.ts';
import { runPieces } from './run-pieces.ts';

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
interface Recognition extends RecognizedClip {
  readonly decoder: Decoder;
  milliseconds: number;
}

/** A piece of a clip that waits for its batch. */
interface WaitingPiece extends Piece {
  readonly recognition: Recognition;
}

/** What turns the logits of a clip into its text. */
const createDecoder: CreateDecoder = (options) => new GreedyDecoder(options);

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
    const { signal, batchSize, maxSeconds, timestamps, returnsTiming } = checked;
    const { config } = this.model;
    const sampleRate = this.processor.feature_extractor.config.sampling_rate;
    signal?.throwIfAborted();
    const isList = Array.isArray(audio);
    const sources = isList ? (audio as readonly AudioSource[]) : [audio];
    const recognitions: Recognition[] = [];
    const waiting: WaitingPiece[] = [];
    for (const [index, source] of sources.entries()) {
      const position = isList ? { index, count: sources.length } : undefined;
      const clip = await prepareClip(source, { position, sampleRate, maxSeconds, signal });
      for (const warning of clip.warnings ?? []) this.#onWarning('damaged-audio', warning);
      const pieces = planPieces(clip, checked, config, sampleRate);
      const decoder = createDecoder({
        tokenizer: this.tokenizer,
        sampleRate,
        samplesPerFrame: config.inputs_to_logits_ratio,
        timestamps,
      });
      const recognition = { clip, pieceCount: pieces.length, decoder, milliseconds: 0 };
      recognitions.push(recognition);
      for (const piece of pieces) {
        waiting.push({ ...piece, recognition });
        if (waiting.length === batchSize) await this.#run(waiting.splice(0), signal);
      }
    }
    if (waiting.length > 0) await this.#run(waiting, signal);
    const outputs = recognitions.map(({ decoder, ...recognition }) =>
      assembleOutput(recognition, decoder.finish(), returnsTiming ? sampleRate : undefined),
    );
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

  async #run(pieces: readonly WaitingPiece[], signal: AbortSignal | undefined): Promise<void> {
    const start = performance.now();
    for (const { piece, logits } of await runPieces(pieces, this, signal))
      piece.recognition.decoder.push(logits);
    const milliseconds = performance.now() - start;
    const sampleCount = pieces.reduce((sum, { samples }) => sum + samples.length, 0);
    for (const { recognition, samples } of pieces)
      recognition.milliseconds += (milliseconds * samples.length) / sampleCount;
  }
}
