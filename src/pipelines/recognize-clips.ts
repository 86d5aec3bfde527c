/** Runs speech recognition on clips: reads them ahead, fills batches, keeps the model busy, and gives each clip its frames in order. */
import { abortWith } from '../base/abortable.ts';
import type { DecodedText } from '../decode/decoder.ts';
import { BatchRunner, isFatal, type RanPieces } from './batch-runner.ts';
import type { ClipList } from './clip-list.ts';
import type { Batch, Step } from './piece-batches.ts';
import { type ClipCallOptions, type ClipReading, readClip, type RecognitionParts } from './read-clip.ts';
import type { Recognition, WaitingPiece } from './recognition.ts';
import { readAhead } from './read-ahead.ts';
import { runAhead } from './run-ahead.ts';

/** How many clips are opened before their turn. */
export const CLIPS_AHEAD = 2;

/** A clip that could not be recognised. */
export interface ClipFailure {
  readonly index: number;
  readonly error: unknown;
}

export type Note<Part> = ClipFailure | { readonly ended: Recognition<Part> };
type PieceStep<Part> = Step<WaitingPiece<Part>, Note<Part>>;
type PieceBatch<Part> = Batch<WaitingPiece<Part>, Note<Part>>;

export interface ClipsOptions<Part = DecodedText> {
  readonly checked: ClipCallOptions;
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

interface RanBatch<Part> extends Pick<RanPieces<Part>, 'results'> {
  readonly notes: readonly Note<Part>[];
}

/**
 * Parts of a clip come in their order, the clips in any. When the loop ends early, the clips are closed and the model is free.
 * @throws UniSpeechError; the signal's reason.
 */
export async function* recognizeClips<Part>(
  sources: ClipList<unknown>,
  recognizer: RecognitionParts<Part>,
  { checked, count, batches, ahead, isolates, keepsSamples = false }: ClipsOptions<Part>,
): AsyncGenerator<RecognizedPart<Part> | ClipFailure, void, undefined> {
  checked.signal?.throwIfAborted();
  const leaving = new AbortController();
  const stop = (): void => leaving.abort();
  const signal = abortWith(leaving, checked.signal);
  const isOfOneClip = (error: unknown): boolean => isolates && !signal.aborted && !isFatal(error);
  /** The failure of a clip, once: two of its pieces may fail, and reading the rest of it, too. @throws an error of all clips. */
  const failureOf = (recognition: Recognition<Part>, error: unknown): readonly ClipFailure[] => {
    if (!isOfOneClip(error)) throw error;
    if (recognition.isOver) return [];
    recognition.isOver = true;
    return [{ index: recognition.index, error }];
  };

  async function* read(source: unknown, index: number): AsyncGenerator<PieceStep<Part>> {
    let recognition: Recognition<Part> | undefined;
    const reading: ClipReading<Part> = {
      index,
      position: count === undefined ? undefined : { index, count },
      ahead: count === 1 ? 'one' : 'many',
      signal,
      checked,
      keepsSamples,
      onStart: (started) => (recognition = started),
    };
    try {
      for await (const piece of readClip(source, recognizer, reading)) yield { piece };
      if (recognition?.isCut) yield { note: { ended: recognition } };
    } catch (error) {
      if (!isOfOneClip(error)) throw error;
      const failures = recognition ? failureOf(recognition, error) : [{ index, error }];
      for (const note of failures) yield { note };
    }
  }
  let sourceCount = 0;
  const readerOf = (source: unknown): AsyncIterable<PieceStep<Part>> => read(source, sourceCount++);

  const runner = new BatchRunner<Part>(recognizer, isOfOneClip);
  const run = async ({ pieces, notes }: PieceBatch<Part>): Promise<RanBatch<Part>> => {
    const { results, failures } = await runner.run(pieces, recognizer.decoder.reads, signal);
    const news = failures.flatMap(({ recognition, error }) => failureOf(recognition, error));
    return { results, notes: [...notes, ...news] };
  };

  const steps = readAhead(sources, readerOf, ahead, stop);
  try {
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
  } finally {
    stop();
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
