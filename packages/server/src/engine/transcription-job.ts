/** What the front asks of the engine about one clip, and what comes back. Data only: all but the signal and the callback may be sent to a process. */

/** Which units of a clip come back beside its text. All have times in seconds and a probability. */
export interface WantedUnits {
  readonly words?: boolean | undefined;
  /** Characters, with the spaces between words; of a model for phonemes its phonemes. */
  readonly characters?: boolean | undefined;
  /** The tokens of the vocabulary after equal neighbours were merged and blanks dropped. */
  readonly tokens?: boolean | undefined;
}

export interface TranscriptionOptions extends WantedUnits {
  /** Into pieces of how many seconds longer clips are cut. Default: as the engine picks it, at most 30. */
  readonly chunkLengthSeconds?: number | undefined;
  /** Words that are likelier than the model says, of models that search. */
  readonly hotwords?: readonly string[] | undefined;
  /** Longer audio is refused with `audio_too_long`, as soon as its length shows. */
  readonly maxSeconds?: number | undefined;
}

interface ClipJob {
  /** Unique among the jobs of the pool; of letters, digits, `-` and `_`. */
  readonly id: string;
  readonly modelId: string;
  /** Where the audio file lies on this machine, in any format. The pool reads it and never removes it. */
  readonly file: string;
  /** Stands for the file in messages and warnings. Default: `the audio`. */
  readonly name?: string | undefined;
  /** `low` waits while anything else does. */
  readonly priority?: 'normal' | 'low' | undefined;
  /** Ends the job wherever it is: it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** If it still waits for an engine after so many milliseconds it fails with `deadline_exceeded`; 0 for never. Default: that of the pool. */
  readonly deadlineMilliseconds?: number | undefined;
}

export interface TranscriptionJob extends ClipJob {
  readonly options: TranscriptionOptions;
  /** Called for each part that has become final. The parts' texts, put together as they are, are the text of the clip; so are their units. */
  readonly onPart?: ((part: TranscribedPart) => void) | undefined;
  readonly onProgress?: ((progress: JobProgress) => void) | undefined;
}

/** Where a job is: it waits for room, is decoded, waits for the device, or runs. */
export type JobStage = 'decoding' | 'waiting' | 'running';

export interface JobProgress {
  readonly stage: JobStage;
  /** Seconds of the clip that this stage has behind it. */
  readonly seconds: number;
  /** Its length, as soon as it is known. */
  readonly totalSeconds?: number | undefined;
  /** How many jobs are before it; 0 once it runs. */
  readonly jobsBefore: number;
}

/** A word, a character, a phoneme. */
export interface TranscribedUnit {
  readonly text: string;
  /** Seconds from the beginning of the clip. */
  readonly start: number;
  readonly end: number;
  /** From 0 to 1: the geometric mean over its frames' best tokens. Undefined where the engine gives none. */
  readonly probability?: number | undefined;
}

export interface TranscribedToken {
  readonly id: number;
  /** As the text has it: the one between words is a space. */
  readonly token: string;
  readonly start: number;
  readonly end: number;
  /** Natural logarithm of its probability in the frame where that is highest. */
  readonly logprob: number;
}

interface TranscribedUnits {
  readonly text: string;
  readonly words?: readonly TranscribedUnit[] | undefined;
  readonly characters?: readonly TranscribedUnit[] | undefined;
  readonly tokens?: readonly TranscribedToken[] | undefined;
}

export interface TranscribedPart extends TranscribedUnits {
  readonly progress: JobProgress;
}

export interface TranscribedClip extends TranscribedUnits {
  readonly durationSeconds: number;
  /** What of the file is damaged or missing. */
  readonly warnings: readonly string[];
  /** How long it was decoded, waited for its device, and ran. */
  readonly stages: StageSeconds;
}

export interface StageSeconds {
  readonly decode: number;
  readonly queue: number;
  readonly engine: number;
}

export interface AlignmentJob extends ClipJob {
  /** What is said in the clip. */
  readonly text: string;
  readonly options: Pick<TranscriptionOptions, 'chunkLengthSeconds' | 'maxSeconds'> & {
    readonly characters?: boolean | undefined;
  };
}

export interface AlignedClip {
  readonly text: string;
  readonly durationSeconds: number;
  /** Null where no token was aligned. */
  readonly score: number | null;
  readonly words: readonly TranscribedUnit[];
  readonly characters?: readonly TranscribedUnit[] | undefined;
  /** Words that the vocabulary cannot spell, as places in `text`. Their times are between those of their neighbours. */
  readonly unaligned: readonly { readonly text: string; readonly from: number; readonly to: number }[];
  readonly warnings: readonly string[];
  readonly stages: StageSeconds;
}
