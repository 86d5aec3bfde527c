/** What the pipelines of all tasks share: their parts, the clips of a call, and their end. */
import { Callable } from '../base/callable.ts';
import { isList } from '../base/checks.ts';
import type { WarningCallback } from '../base/files.ts';
import { keepUnread } from '../base/keep-unread.ts';
import { badInput } from '../base/option-checks.ts';
import { warnOnConsole } from '../base/warnings.ts';
import { prepareClip } from './audio-source.ts';
import type { PreparedClip } from './prepared-clip.ts';
import type { CheckedCall } from './call-options.ts';
import type { HeadChoice } from '../speech/heads/later-heads.ts';
import { SpeechModel } from '../speech/speech-model.ts';
import { Wav2Vec2Processor } from './processor.ts';

/** The parts of a pipeline. */
export interface PipelineParts<Model> {
  readonly model: Model;
  readonly processor: Wav2Vec2Processor;
  /** Called once per damaged audio file. Default: a warning on the console. */
  readonly onWarning?: WarningCallback | undefined;
}

/** A call of a task as the code that runs it sees it. */
export interface TaskRun<Model> {
  readonly model: Model;
  readonly processor: Wav2Vec2Processor;
  /** The model's sample rate in Hz. */
  readonly sampleRate: number;
  /** The clips of the call in order, each prepared when it is asked for. */
  readonly clips: (checked: CheckedCall) => AsyncGenerator<PreparedClip, void, undefined>;
}

/** A list of clips gives the list of their results, one clip its own. */
export const oneOrAll = <Result>(audio: unknown, results: Result[]): Result | Result[] => {
  const [first] = results;
  return isList(audio) || first === undefined ? results : first;
};

// Each task has a call signature of its own.
const CallableObject = Callable as unknown as abstract new () => object;

export abstract class AudioPipeline<Model extends { dispose(): Promise<void> }> extends CallableObject {
  readonly model: Model;
  readonly processor: Wav2Vec2Processor;

  readonly #onWarning: WarningCallback;

  /**
   * @param heads of which the model must have one.
   * @param expected completes "it must be".
   * @throws UniSpeechError `bad-input`.
   */
  constructor(parts: PipelineParts<Model>, heads: readonly HeadChoice[], expected: string) {
    super();
    const { model, processor, onWarning } = Object(parts) as typeof parts;
    if (!(model instanceof SpeechModel) || !heads.some((head) => model.hasHead(head)))
      throw badInput('model', model, expected);
    if (!(processor instanceof Wav2Vec2Processor))
      throw badInput('processor', processor, 'a Wav2Vec2Processor');
    this.model = model;
    this.processor = processor;
    this.#onWarning = onWarning ?? warnOnConsole;
  }

  /** The model's sample rate in Hz. */
  protected get sampleRate(): number {
    return this.processor.feature_extractor.config.sampling_rate;
  }

  /**
   * The clips of a call in order, each prepared when it is asked for: a list of audio files is never in memory as a whole.
   * @param audio one clip, or a list of them.
   */
  async *#clips(
    audio: unknown,
    { maxSeconds, signal }: CheckedCall,
  ): AsyncGenerator<PreparedClip, void, undefined> {
    signal?.throwIfAborted();
    const sources = isList(audio) ? audio : [audio];
    for (const [index, source] of sources.entries()) {
      const position = isList(audio) ? { index, count: sources.length } : undefined;
      const clip = await prepareClip(source, {
        position,
        sampleRate: this.sampleRate,
        maxSeconds,
        signal,
      });
      for (const warning of clip.warnings ?? []) this.warnOfDamage(warning);
      yield clip;
    }
  }

  /** @param audio one clip, or a list of them. */
  protected run(audio: unknown): TaskRun<Model> {
    keepUnread(audio);
    const { model, processor, sampleRate } = this;
    return { model, processor, sampleRate, clips: (checked) => this.#clips(audio, checked) };
  }

  protected warnOfDamage(warning: string): void {
    this.#onWarning('damaged-audio', warning);
  }

  /** Frees the model. */
  dispose(): Promise<void> {
    return this.model.dispose();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }
}
