/** Tells who speaks when: diarization by a model that classifies frames. */
import type { ModelForAudioFrameClassification } from '../speech/model-types.ts';
import { AudioPipeline, oneOrAll, type PipelineParts } from './audio-pipeline.ts';
import type { AudioSource } from './audio-source.ts';
import type { AudioFrameClassificationOptions, AudioFrameClassificationOutput } from './diarize-clips.ts';
import { diarizeClips } from './later-tasks.ts';

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
      ['frame-classification'],
      'a model that classifies frames, such as a Wav2Vec2ForAudioFrameClassification',
    );
  }

  async _call(
    audio: AudioSource | readonly AudioSource[],
    options: AudioFrameClassificationOptions = {},
  ): Promise<AudioFrameClassificationOutput | AudioFrameClassificationOutput[]> {
    return oneOrAll(audio, await diarizeClips(this.run(audio), options));
  }
}
