/** Reads one clip: opens it, and gives its pieces to the model's queue. */
import { DEFAULT_MAX_SECONDS } from '../audio/duration.ts';
import type { DecodedText, DecoderKind } from '../decode/decoder.ts';
import { scorerFor } from '../decode/later-scorer.ts';
import type { ModelForCTC } from '../speech/model-types.ts';
import type { Tokenizer } from '../text/load-tokenizer.ts';
import { closeItems } from './later-streams.ts';
import { openAudio } from './open-audio.ts';
import type { PrepareOptions } from './prepared-clip.ts';
import { Recognition, type WaitingPiece } from './recognition.ts';
import type { CheckedCuts, CheckedOptions } from './recognition-options.ts';
import { cutPieces, planCutting } from './recognition-pieces.ts';
import type { PieceRunner } from './run-pieces.ts';

/** The parts of a pipeline that are needed here. */
export interface RecognitionParts<Part = DecodedText> extends PieceRunner {
  readonly model: ModelForCTC;
  readonly tokenizer: Tokenizer;
  /** The model's sample rate in Hz. */
  readonly sampleRate: number;
  readonly decoder: DecoderKind<Part>;
  readonly pickSeconds: () => number;
  readonly warn: (message: string) => void;
}

export type ClipCallOptions = CheckedCuts &
  Partial<Pick<CheckedOptions, 'timestamps' | 'decoderSettings' | 'confidence'>>;

export interface ClipReading<Part> extends Pick<PrepareOptions, 'position' | 'ahead' | 'signal'> {
  /** Of the clip in its list. */
  readonly index: number;
  readonly checked: ClipCallOptions;
  /** Whether the samples of the clip can be taken with its parts. */
  readonly keepsSamples?: boolean;
  /** Called before the first piece. */
  readonly onStart: (recognition: Recognition<Part>) => void;
}

/** A clip that runs whole is whole in memory, so it has a limit that one in pieces does not need. */
const limitOf = ({ maxSeconds, chunkLengthSeconds }: CheckedCuts): number | undefined =>
  maxSeconds ?? (chunkLengthSeconds === 0 ? DEFAULT_MAX_SECONDS : undefined);

/** The pieces in order, until the recognition is over; at the end it is cut. @throws UniSpeechError of the clip; the signal's reason. */
export async function* readClip<Part>(
  source: unknown,
  recognizer: RecognitionParts<Part>,
  { index, position, ahead, signal, checked, keepsSamples = false, onStart }: ClipReading<Part>,
): AsyncGenerator<WaitingPiece<Part>, void, undefined> {
  const { model, tokenizer, sampleRate, pickSeconds, warn } = recognizer;
  const clip = openAudio(source, {
    position,
    sampleRate,
    maxSeconds: limitOf(checked),
    signal,
    part: checked.part,
    ahead,
  });
  const cutting = await planned(source, () => planCutting(clip, checked, model.config, pickSeconds));
  const { samplesPerFrame } = cutting;
  const { timestamps, decoderSettings: settings } = checked;
  const scorer = checked.confidence && (await scorerFor(checked.confidence));
  const decoding = { tokenizer, sampleRate, samplesPerFrame, timestamps, settings, scorer };
  const decoder = recognizer.decoder.create(decoding);
  const tokens = { blank: tokenizer.pad_token_id, delimiter: tokenizer.word_delimiter_token_id };
  const recognition = new Recognition({
    index,
    clip,
    cutting,
    decoder,
    tokens,
    keepsSamples,
    readsLogits: !!scorer,
  });
  onStart(recognition);
  let warningCount = 0;
  const warnOfNews = (): void => {
    const { warnings } = clip.stream;
    for (const warning of warnings.slice(warningCount)) warn(warning);
    warningCount = warnings.length;
  };
  for await (const piece of cutPieces(clip, cutting, (block) => recognition.hear(block))) {
    if (recognition.isOver) return;
    warnOfNews();
    yield recognition.wait(piece);
  }
  warnOfNews();
  recognition.isCut = true;
}

/** The plan for a clip. Where there is none, its stream is ended, which nothing will read. */
async function planned<Plan>(source: unknown, plan: () => Plan): Promise<Plan> {
  try {
    return plan();
  } catch (error) {
    await closeItems(source);
    throw error;
  }
}
