/** Runs speech recognition on clips: reads them ahead, fills batches, keeps the model busy, and gives each clip its frames in order. */
import { DEFAULT_MAX_SECONDS } from '../audio/duration.ts';
import { joinedSignal } from '../base/abortable.ts';
import { UniSpeechError } from '../base/errors.ts';
import type { DecodedText, DecoderKind, WindowFrames } from '../decode/decoder.ts';
import type { ModelForCTC } from '../speech/model-types.ts';
import type { Tokenizer } from '../text/load-tokenizer.ts';
import { openAudio } from './open-audio.ts';
import type { Batch, Step } from './piece-batches.ts';
import { Recognition, type WaitingPiece } from './recognition.ts';
import type { CheckedCuts, CheckedOptions } from './recognition-options.ts';
import { cutPieces, planCutting } from './recognition-pieces.ts';
import { readAhead, runAhead } from './run-ahead.ts';
import { type PieceRunner, runPieces } from './run-pieces.ts';

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

/** A clip that could not be recognised. */
export interface ClipFailure {
  readonly index: number;
  readonly error: unknown;
}

export type Note<Part> = ClipFailure | { readonly ended: Recognition<Part> };
type PieceStep<Part> = Step<WaitingPiece<Part>, Note<Part>>;
type PieceBatch<Part> = Batch<WaitingPiece<Part>, Note<Part>>;

export interface ClipsOptions<Part = DecodedText> {
  readonly checked: CheckedCuts & Partial<Pick<CheckedOptions, 'timestamps'>>;
  /** How many clips the list has; undefined where it is none, or nobody knows. */
  readonly count: number | undefined;
  readonly batches: (steps: AsyncIterable<PieceStep<Part>>) => AsyncIterable<PieceBatch<Part>>;
  /** How many clips are opened before their turn. */
  readonly ahead: number;
  /** Whether an error is that of its clip alone. */
  readonly isolates: boolean;
  /** Whether the samples of clips can be taken with their parts. */
  readonly keepsSamples?: boolean;
}

/** What has become final of a clip. */
export interface RecognizedPart<Part = DecodedText> {
  readonly recognition: Recognition<Part>;
  readonly part: Part;
  readonly isLast: boolean;
}

interface RanBatch<Part> {
  readonly results: readonly { readonly piece: WaitingPiece<Part>; readonly frames: WindowFrames }[];
  readonly notes: readonly Note<Part>[];
}

/** A clip that runs whole is whole in memory, so it has a limit that one in pieces does not need. */
const limitOf = ({ maxSeconds, chunkLengthSeconds }: CheckedCuts): number | undefined =>
  maxSeconds ?? (chunkLengthSeconds === 0 ? DEFAULT_MAX_SECONDS : undefined);

/** Errors after which no other clip can be recognised. */
const FATAL = ['disposed', 'device-lost'];

/**
 * Parts of a clip come in their order, the clips in any. When the loop ends early, the clips are closed and the model is free.
 * @throws UniSpeechError; the signal's reason.
 */
export async function* recognizeClips<Part>(
  sources: Iterable<unknown>,
  recognizer: RecognitionParts<Part>,
  { checked, count, batches, ahead, isolates, keepsSamples = false }: ClipsOptions<Part>,
): AsyncGenerator<RecognizedPart<Part> | ClipFailure, void, undefined> {
  checked.signal?.throwIfAborted();
  const leaving = new AbortController();
  const stop = (): void => leaving.abort();
  const signal = joinedSignal(checked.signal, leaving.signal);
  const isOfOneClip = (error: unknown): boolean =>
    isolates && !signal.aborted && !(error instanceof UniSpeechError && FATAL.includes(error.code));
  /** The failure of a clip, once: two of its pieces may fail, and reading the rest of it, too. @throws an error of all clips. */
  const failureOf = (recognition: Recognition<Part>, error: unknown): readonly ClipFailure[] => {
    if (!isOfOneClip(error)) throw error;
    if (recognition.isOver) return [];
    recognition.isOver = true;
    return [{ index: recognition.index, error }];
  };

  async function* read(source: unknown, index: number): AsyncGenerator<PieceStep<Part>> {
    const { model, tokenizer, sampleRate, pickSeconds, warn } = recognizer;
    let recognition: Recognition<Part> | undefined;
    try {
      const position = count === undefined ? undefined : { index, count };
      const clip = openAudio(source, {
        position,
        sampleRate,
        maxSeconds: limitOf(checked),
        signal,
        ahead: count === 1 ? 'one' : 'many',
      });
      const cutting = planCutting(clip, checked, model.config, pickSeconds);
      const { samplesPerFrame } = cutting;
      const { timestamps } = checked;
      const decoder = recognizer.decoder.create({ tokenizer, sampleRate, samplesPerFrame, timestamps });
      const blank = tokenizer.pad_token_id;
      const started = new Recognition({ index, clip, cutting, decoder, blank, keepsSamples });
      recognition = started;
      let warningCount = 0;
      const warnOfNews = (): void => {
        const { warnings } = clip.stream;
        for (const warning of warnings.slice(warningCount)) warn(warning);
        warningCount = warnings.length;
      };
      for await (const piece of cutPieces(clip, cutting, (block) => started.hear(block))) {
        if (started.isOver) return;
        warnOfNews();
        yield { piece: started.wait(piece) };
      }
      warnOfNews();
      started.isCut = true;
      yield { note: { ended: started } };
    } catch (error) {
      if (!isOfOneClip(error)) throw error;
      const failures = recognition ? failureOf(recognition, error) : [{ index, error }];
      for (const note of failures) yield { note };
    }
  }
  function* readers(): Generator<AsyncIterable<PieceStep<Part>>> {
    let index = 0;
    for (const source of sources) yield read(source, index++);
  }

  let lastEnd = 0;
  /** A run waits for the one before it, which is not its own time. */
  const timed = async (pieces: readonly WaitingPiece<Part>[]): Promise<RanBatch<Part>['results']> => {
    const start = performance.now();
    const results = await runPieces(pieces, recognizer, recognizer.decoder.reads, signal);
    const end = performance.now();
    const milliseconds = end - Math.max(start, lastEnd);
    lastEnd = end;
    const sampleCount = pieces.reduce((sum, { samples }) => sum + samples.length, 0);
    for (const { recognition, samples } of pieces)
      recognition.milliseconds += (milliseconds * samples.length) / sampleCount;
    return results;
  };
  const run = async ({ pieces, notes }: PieceBatch<Part>): Promise<RanBatch<Part>> => {
    const running = pieces.filter(({ recognition }) => !recognition.isOver);
    if (running.length === 0) return { results: [], notes };
    try {
      return { results: await timed(running), notes };
    } catch (error) {
      const [only, ...others] = running;
      if (only && others.length === 0)
        return { results: [], notes: [...notes, ...failureOf(only.recognition, error)] };
      if (!isOfOneClip(error)) throw error;
    }
    // One of them is to blame, which says so when it is alone.
    const results: RanBatch<Part>['results'][number][] = [];
    const failures: ClipFailure[] = [];
    for (const piece of running) {
      try {
        if (!piece.recognition.isOver) results.push(...(await timed([piece])));
      } catch (error) {
        failures.push(...failureOf(piece.recognition, error));
      }
    }
    return { results, notes: [...notes, ...failures] };
  };

  const steps = readAhead(readers(), ahead, stop);
  for await (const { results, notes } of runAhead(batches(steps), run, stop)) {
    const touched = new Set<Recognition<Part>>();
    const events: (RecognizedPart<Part> | ClipFailure)[] = [];
    for (const { piece, frames } of results) {
      const { recognition } = piece;
      try {
        if (!recognition.isOver) recognition.push(piece, frames);
        touched.add(recognition);
      } catch (error) {
        events.push(...failureOf(recognition, error));
      }
    }
    for (const note of notes) {
      if ('ended' in note) touched.add(note.ended);
      else events.push(note);
    }
    for (const recognition of touched) {
      try {
        if (recognition.isOver) continue;
        const part = recognition.take();
        events.push({ recognition, part, isLast: recognition.isOver });
      } catch (error) {
        events.push(...failureOf(recognition, error));
      }
    }
    yield* events;
  }
}

/** A clip's result or error. */
export type EachResult<Output> =
  | { readonly index: number; readonly output: Output; readonly error?: undefined }
  | (ClipFailure & { readonly output?: undefined });

/**
 * The results of whole clips, as they finish.
 * @param onPart called for each part but the last of a clip.
 */
export async function* wholeClips<Output>(
  parts: AsyncIterable<RecognizedPart | ClipFailure>,
  outputOf: (recognition: Recognition, parts: readonly DecodedText[]) => Output,
  onPart?: (recognition: Recognition) => void,
): AsyncGenerator<EachResult<Output>, void, undefined> {
  const taken = new Map<number, DecodedText[]>();
  for await (const event of parts) {
    if ('error' in event) {
      taken.delete(event.index);
      yield event;
      continue;
    }
    const { recognition, part, isLast } = event;
    const { index } = recognition;
    const all = taken.get(index) ?? [];
    taken.set(index, all);
    all.push(part);
    if (!isLast) {
      onPart?.(recognition);
      continue;
    }
    taken.delete(index);
    yield { index, output: outputOf(recognition, all) };
  }
}

/** The same in the order of their indices, which count from 0. */
export async function* inOrderOfIndex<Result extends { readonly index: number }>(
  results: AsyncIterable<Result>,
): AsyncGenerator<Result, void, undefined> {
  const early = new Map<number, Result>();
  let index = 0;
  for await (const result of results) {
    early.set(result.index, result);
    for (let next = early.get(index); next; next = early.get(index)) {
      early.delete(index);
      index += 1;
      yield next;
    }
  }
}
