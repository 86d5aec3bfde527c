/** Turns audio into text. Source: the CTC part of `transformers/pipelines/automatic_speech_recognition.py`. */
import { UniSpeechError } from '../base/errors.ts';
import { SharedTurns } from '../base/turns.ts';
import type { CreateDecoder, Decoder } from '../decode/decoder.ts';
import { GreedyDecoder } from '../decode/greedy-decoder.ts';
import { checkLanguageOptions, type LoadLanguageOptions } from '../speech/core/load-language.ts';
import { CTC_HEAD } from '../speech/heads/ctc.ts';
import type { ModelForCTC } from '../speech/model-types.ts';
import { type Tokenizer } from '../text/load-tokenizer.ts';
import { AudioPipeline, oneOrAll, type PipelineParts } from './audio-pipeline.ts';
import type { AudioObject, AudioSource } from './audio-source.ts';
import {
  type CheckedOptions,
  checkRecognitionOptions,
  type SpeechRecognitionOptions,
} from './recognition-options.ts';
import { assembleOutput, type RecognizedClip, type SpeechRecognitionOutput } from './recognition-output.ts';
import { type Piece, planPieces } from './recognition-pieces.ts';
import { runPieces } from './run-pieces.ts';

/** The other keys of an audio object. As in the reference, each becomes a list with one entry per piece. */
export type PassedThrough<S> = S extends AudioObject
  ? { readonly [K in Exclude<keyof S, ConsumedKey>]: readonly S[K][] }
  : unknown;
type ConsumedKey = keyof AudioObject | keyof SpeechRecognitionOutput;

/** `recognizer(audio, options)`. A list of clips gives a list of results. */
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

// The base knows nothing of the task's call.
const CallablePipeline = AudioPipeline as unknown as abstract new (
  ...args: ConstructorParameters<typeof AudioPipeline<ModelForCTC>>
) => AudioPipeline<ModelForCTC> & SpeechRecognitionCall;

/** A clip that is being recognised. */
interface Recognition extends RecognizedClip {
  readonly decoder: Decoder;
  milliseconds: number;
}

/** A piece of a clip that waits for its batch. */
interface WaitingPiece extends Piece {
  readonly recognition: Recognition;
}

/** Makes the decoder that turns the logits of a clip into its text. */
const createDecoder: CreateDecoder = (options) => new GreedyDecoder(options);

/**
 * Speech recognition with a CTC model: takes the most likely token of each frame, merges equal neighbours, and drops blanks.
 *
 * It deviates from the reference on purpose:
 * - In a batch each clip ends at its own last frame. The reference also decodes frames of padding, which can add characters.
 * - A last chunk that is too short for a frame is ignored.
 * - A caller's audio object stays unchanged, and its keys never replace those of the result.
 * - Times come from the position of each chunk in the clip. The reference counts kept frames. Without a right stride a chunk has one
 *   frame less than its length says, so every later time is 20 ms early per chunk there: 4.5 s after an hour of 16 s chunks.
 *
 * As in the reference, a model with `feat_extract_norm: "group"` takes statistics over a clip's padding. With `batch_size` above 1
 * its text can therefore depend on the other clips of the batch. Of models with `"layer"` only data2vec's, HuBERT's with `conv_pos_batch_norm` and those
 * with `add_adapter` have this dependency, as their last frames read padding.
 */
export class AutomaticSpeechRecognitionPipeline extends CallablePipeline {
  readonly task = 'automatic-speech-recognition';
  readonly tokenizer: Tokenizer;
  readonly #turns = new SharedTurns();

  /** @throws UniSpeechError `not-found` if the processor has no tokenizer; `bad-input`. */
  constructor(parts: PipelineParts<ModelForCTC>) {
    super(parts, [CTC_HEAD], 'a model for CTC, such as a Wav2Vec2ForCTC');
    const { tokenizer } = this.processor;
    if (tokenizer === undefined) {
      throw new UniSpeechError(
        'not-found',
        'Speech recognition needs a tokenizer, but the model has none: neither vocab.json nor tokenizer.json.',
        'Put the vocab.json (and tokenizer_config.json) of the model beside its config.json.',
      );
    }
    this.tokenizer = tokenizer;
  }

  async _call(
    audio: AudioSource | readonly AudioSource[],
    options: SpeechRecognitionOptions = {},
  ): Promise<SpeechRecognitionOutput | SpeechRecognitionOutput[]> {
    const checked = checkRecognitionOptions(options, this.tokenizer);
    return this.#turns.call(() => this.#recognize(audio, checked), checked.signal);
  }

  /**
   * Takes another language of a multilingual model (MMS): the adapters and the head from its file, and the vocabulary of the tokenizer.
   * Calls that run end first, and later ones wait.
   * @param target_lang such as `fra`.
   * @throws UniSpeechError `bad-option` for a model or a tokenizer without this language, `not-found`, `bad-checkpoint`. Both keep their
   * language then.
   */
  async set_target_lang(target_lang: string, options: LoadLanguageOptions = {}): Promise<void> {
    checkLanguageOptions(options, 'set_target_lang');
    await this.#turns.change(async () => {
      const { tokenizer, model } = this;
      const before = tokenizer.target_lang;
      // What the vocabulary lacks is found before anything is loaded.
      tokenizer.set_target_lang(target_lang);
      try {
        await model.loadLanguage(target_lang, options);
      } catch (error) {
        if (before !== null) tokenizer.set_target_lang(before);
        throw error;
      }
    }, options.signal);
  }

  async #recognize(
    audio: AudioSource | readonly AudioSource[],
    checked: CheckedOptions,
  ): Promise<SpeechRecognitionOutput | SpeechRecognitionOutput[]> {
    const { signal, batchSize, timestamps, returnsTiming } = checked;
    const { sampleRate } = this;
    const { config } = this.model;
    const recognitions: Recognition[] = [];
    const waiting: WaitingPiece[] = [];
    for await (const clip of this.clips(audio, checked)) {
      const pieces = planPieces(clip, checked, config, sampleRate);
      const decoder = createDecoder({
        tokenizer: this.tokenizer,
        sampleRate,
        samplesPerFrame: config.samplesPerOutputFrame,
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
    return oneOrAll(audio, outputs);
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
