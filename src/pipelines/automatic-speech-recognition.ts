/** Turns audio into text. Source: the CTC part of `transformers/pipelines/automatic_speech_recognition.py`. */
import { isList } from '../base/checks.ts';
import { UniSpeechError } from '../base/errors.ts';
import { keepUnread } from '../base/keep-unread.ts';
import { SharedTurns } from '../base/turns.ts';
import type { DecoderKind } from '../decode/decoder.ts';
import { checkLanguageOptions, type LoadLanguageOptions } from '../speech/core/language-options.ts';
import type { EncoderConfig } from '../speech/encoder/config.ts';
import { CTC_HEAD } from '../speech/heads/ctc.ts';
import type { ModelForCTC } from '../speech/model-types.ts';
import { type Tokenizer } from '../text/load-tokenizer.ts';
import { AudioPipeline, oneOrAll, type PipelineParts } from './audio-pipeline.ts';
import type { AudioSource } from './audio-source.ts';
import type { ClipList } from './clip-list.ts';
import type { EmissionInfo, EmissionOptions, EmissionPart, EmissionSource } from './emissions.ts';
import { type PickedLengths, pickLengths } from './chunk-length.ts';
import { GREEDY } from './choose-decoder.ts';
import type { RecognitionParts } from './read-clip.ts';
import type { RecognitionQueueOptions } from './queue-options.ts';
import { emissionInfoOf, emissionsOf } from './later-emissions.ts';
import { LaterQueue } from './later-queue.ts';
import type { QueueHost, RecognitionQueue } from './queue.ts';
import type { EachOptions, PassedThrough, SpeechRecognitionCall } from './recognition-call.ts';
import { batchesInOrder } from './piece-batches.ts';
import {
  type CheckedOptions,
  checkRecognitionOptions,
  type SpeechRecognitionOptions,
} from './recognition-options.ts';
import {
  inClip,
  joinParts,
  shownText,
  type SpeechRecognitionOutput,
  type SpeechRecognitionPart,
} from './recognition-output.ts';
import {
  type ClipFailure,
  CLIPS_AHEAD,
  type ClipsOptions,
  type EachResult,
  recognizeClips,
  type RecognizedPart,
  wholeClips,
} from './recognize-clips.ts';
import { type EachHost, recognizeEach } from './recognize-each.ts';

export interface SpeechRecognitionParts extends PipelineParts<ModelForCTC> {
  readonly decoder?: DecoderKind | undefined;
  /** Closes what was opened for this pipeline's decoder; it is called at the end. */
  readonly closeDecoder?: (() => Promise<void>) | undefined;
}

// The base knows nothing of the task's call.
const CallablePipeline = AudioPipeline as unknown as abstract new (
  ...args: ConstructorParameters<typeof AudioPipeline<ModelForCTC>>
) => AudioPipeline<ModelForCTC> & SpeechRecognitionCall;

/**
 * Speech recognition with a CTC model: takes the most likely token of each frame, merges equal neighbours, and drops blanks; or searches for the likeliest
 * text, with a language model (`pipeline(…, { decoder })`).
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
 * with `add_adapter` have this dependency, as their last frames read padding. `each` lets only clips of one length share a batch then.
 */
export class AutomaticSpeechRecognitionPipeline extends CallablePipeline implements EmissionSource {
  readonly task = 'automatic-speech-recognition';
  readonly tokenizer: Tokenizer;
  /** What makes text of the model's frames. */
  readonly decoder: DecoderKind;
  readonly #turns = new SharedTurns();
  readonly #closeDecoder: (() => Promise<void>) | undefined;
  /** What clips of a queue and of a list need. */
  readonly #host: QueueHost & EachHost;
  #picked:
    | { readonly config: EncoderConfig; readonly capabilities: unknown; readonly lengths: PickedLengths }
    | undefined;

  /** @throws UniSpeechError `not-found` if the processor has no tokenizer; `bad-input`. */
  constructor(parts: SpeechRecognitionParts) {
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
    this.decoder = parts.decoder ?? GREEDY;
    this.#closeDecoder = parts.closeDecoder;
    this.#host = {
      parts: () => this.#recognizing(this.decoder),
      recognize: (clips, options) => this.#parts(clips, this.decoder, options),
      check: (options) => checkRecognitionOptions(options, tokenizer, this.decoder),
      hold: (signal) => this.#turns.hold(signal),
      limits: () => ({
        isOfOneLength: this.model.config.readsPadding,
        sampleRate: this.sampleRate,
        seconds: this.#pickLengths().batch,
      }),
    };
  }

  async _call(
    audio: AudioSource | readonly AudioSource[],
    options: SpeechRecognitionOptions = {},
  ): Promise<SpeechRecognitionOutput | SpeechRecognitionOutput[]> {
    return this.#recognize(audio, this.#host.check(options));
  }

  /**
   * Takes another language of a multilingual model (MMS): the adapters and the head from its file, and the vocabulary of the tokenizer.
   * Calls that run end first, and later ones wait.
   * @param target_lang such as `fra`.
   * @throws UniSpeechError `busy` while a loop over `stream`, `each` or `emissions` is open, since its body decides when it ends; `bad-option` for a model or
   * a tokenizer without this language, `not-found`, `bad-checkpoint`. Both keep their language then.
   */
  async set_target_lang(target_lang: string, options: LoadLanguageOptions = {}): Promise<void> {
    checkLanguageOptions(options, 'set_target_lang');
    await this.#turns.change(
      async () => {
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
      },
      options.signal,
      'set_target_lang',
    );
  }

  /**
   * Recognises a clip while it is read: gives what is final after each piece, so neither the clip nor its end is waited for. What `recognizer(audio, options)`
   * gives is the same in one. A loop that is left early closes the clip. The language cannot change while a loop is open.
   * @throws UniSpeechError when the loop begins or goes on; the signal's reason.
   */
  stream(
    audio: AudioSource,
    options: SpeechRecognitionOptions = {},
  ): AsyncGenerator<SpeechRecognitionPart, void, undefined> {
    keepUnread(audio);
    return this.#stream(audio, options);
  }

  async *#stream(
    audio: AudioSource,
    options: SpeechRecognitionOptions,
  ): AsyncGenerator<SpeechRecognitionPart, void, undefined> {
    const checked = this.#host.check(options);
    for await (const event of this.#parts([audio], this.decoder, this.#inOrder(checked, undefined))) {
      if ('error' in event) throw event.error;
      const { recognition, part } = event;
      const warnings = recognition.takeWarnings();
      yield {
        ...shownText(inClip(part, recognition.startSeconds)),
        progress: recognition.progress,
        ...(warnings.length > 0 && { warnings }),
      };
    }
  }

  /** As `EmissionSource` has it. */
  emissionInfo(): Promise<EmissionInfo> {
    return this.#turns.call(() => emissionInfoOf(this.tokenizer, this.model.config, this.sampleRate));
  }

  /** As `EmissionSource` has it. A loop that is left early closes the clip. */
  emissions(
    audio: AudioSource,
    options: EmissionOptions = {},
  ): AsyncGenerator<EmissionPart, void, undefined> {
    keepUnread(audio);
    return emissionsOf(options, this.model, (decoder, checked, keepsSamples) =>
      this.#parts([audio], decoder, { ...this.#inOrder(checked, undefined), keepsSamples }),
    );
  }

  /**
   * Recognises many clips, such as a folder of files. Clips of about one length run together, whichever they are, and those that come next are read
   * meanwhile. The clips may be made one by one, by a generator, also by an async one: how many there are takes no memory. The samples of a clip must not change before its result is there. An error is one of its clip; the others go on. In this call
   * no result of a model that reads padding depends on the other clips.
   * @throws UniSpeechError when the loop begins, or where no clip can be recognised any more; the signal's reason.
   */
  each<S extends AudioSource>(
    clips: ClipList<S>,
    options: EachOptions = {},
  ): AsyncGenerator<EachResult<SpeechRecognitionOutput & PassedThrough<S>>, void, undefined> {
    keepUnread(clips);
    return this._each(clips, options, isList(clips) ? clips.length : undefined);
  }

  /** @param count how many clips there are; undefined where nobody knows. */
  async *_each<S>(
    clips: ClipList<S>,
    options: EachOptions,
    count: number | undefined,
  ): AsyncGenerator<EachResult<SpeechRecognitionOutput & PassedThrough<S>>, void, undefined> {
    yield* recognizeEach(this.#host, clips, options, count);
  }

  /**
   * A queue for clips that come one by one and from many sides, as to a server: `recognizer.queue().add(audio, options)` gives the clip's parts as they come, and its
   * result. Pieces of all clips share batches, the oldest with those nearest to it in length. Clips take turns, so a long one holds up nobody. An error is one of its clip, and no result
   * depends on what else is in the queue. A change of language waits for the clips that are in it.
   * @throws UniSpeechError `bad-option`.
   */
  queue(options: RecognitionQueueOptions = {}): RecognitionQueue {
    return new LaterQueue(this.#host, options);
  }

  /**
   * Frees the model, and closes the file of a language model that the pipeline opened itself. Calls and loops that are under way keep that file open until they have
   * ended; `dispose()` does not wait for that.
   */
  override async dispose(): Promise<void> {
    await super.dispose();
    const { ending } = this.#turns;
    if (ending) void ending.then(this.#closeDecoder).catch(() => undefined);
    else await this.#closeDecoder?.();
  }

  async #recognize(
    audio: AudioSource | readonly AudioSource[],
    checked: CheckedOptions,
  ): Promise<SpeechRecognitionOutput | SpeechRecognitionOutput[]> {
    keepUnread(audio);
    const clips = isList(audio) ? audio : undefined;
    const parts = this.#parts(clips ?? [audio], this.decoder, this.#inOrder(checked, clips?.length), false);
    const outputs: SpeechRecognitionOutput[] = [];
    const results = wholeClips(parts, (recognition, taken) =>
      recognition.output(shownText(joinParts(taken)), checked.returnsTiming),
    );
    for await (const result of results) {
      if (!result.output) throw result.error;
      outputs[result.index] = result.output;
    }
    return oneOrAll(audio, outputs);
  }

  #inOrder<Part>(checked: ClipsOptions['checked'], count: number | undefined): ClipsOptions<Part> {
    return {
      checked,
      count,
      batches: (steps) => batchesInOrder(steps, checked.batchSize),
      ahead: CLIPS_AHEAD,
      isolates: false,
    };
  }

  /** Holds the turn while the loop lasts. @param isLoop whether it is the caller's, who may never end it. */
  async *#parts<Part>(
    clips: ClipList<unknown>,
    decoder: DecoderKind<Part>,
    options: ClipsOptions<Part>,
    isLoop = true,
  ): AsyncGenerator<RecognizedPart<Part> | ClipFailure, void, undefined> {
    const { signal } = options.checked;
    const end = await (isLoop ? this.#turns.holdLoop(signal) : this.#turns.hold(signal));
    try {
      yield* recognizeClips(clips, this.#recognizing(decoder), options);
    } finally {
      end();
    }
  }

  #recognizing<Part>(decoder: DecoderKind<Part>): RecognitionParts<Part> {
    const { model, processor, tokenizer, sampleRate } = this;
    return {
      model,
      processor,
      tokenizer,
      sampleRate,
      decoder,
      pickSeconds: () => this.#pickLengths().piece,
      warn: (warning) => this.warnOfDamage(warning),
    };
  }

  /** The lengths for this model on its adapter; planned once, as neither changes often. */
  #pickLengths(): PickedLengths {
    const { model, sampleRate } = this;
    const { capabilities } = model.runner.context;
    if (this.#picked?.config !== model.config || this.#picked.capabilities !== capabilities) {
      const lengths = pickLengths(
        (seconds) => model.explain([1, seconds * sampleRate]),
        capabilities.limits.maxBufferSize,
      );
      this.#picked = { config: model.config, capabilities, lengths };
    }
    return this.#picked.lengths;
  }
}
