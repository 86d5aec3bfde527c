/** Runs batches, finds out which of its clips one that fails has failed for, and counts each clip's share of the time. */
import { UniSpeechError } from '../base/errors.ts';
import type { DecoderKind, WindowFrames } from '../decode/decoder.ts';
import type { Recognition, WaitingPiece } from './recognition.ts';
import { type PieceRunner, runPieces } from './run-pieces.ts';

export interface RanPiece<Part> {
  readonly piece: WaitingPiece<Part>;
  readonly frames: WindowFrames;
}

export interface RanPieces<Part> {
  readonly results: readonly RanPiece<Part>[];
  readonly failures: readonly { readonly recognition: Recognition<Part>; readonly error: unknown }[];
}

/** Errors after which no other clip can be recognised. */
const FATAL = ['disposed', 'device-lost'];

export const isFatal = (error: unknown): boolean =>
  error instanceof UniSpeechError && FATAL.includes(error.code);

export class BatchRunner<Part> {
  readonly #runner: PieceRunner;
  readonly #isOfOneClip: (error: unknown) => boolean;
  #lastEnd = 0;

  /** @param isOfOneClip whether an error leaves the other clips as they are. */
  constructor(runner: PieceRunner, isOfOneClip: (error: unknown) => boolean) {
    this.#runner = runner;
    this.#isOfOneClip = isOfOneClip;
  }

  /** Leaves out clips that are over. @throws an error of all clips. */
  async run(
    pieces: readonly WaitingPiece<Part>[],
    reads: DecoderKind['reads'],
    signal: AbortSignal,
  ): Promise<RanPieces<Part>> {
    const running = pieces.filter(({ recognition }) => !recognition.isOver);
    if (running.length === 0) return { results: [], failures: [] };
    try {
      return { results: await this.#timed(running, reads, signal), failures: [] };
    } catch (error) {
      if (!this.#isOfOneClip(error)) throw error;
      const [only, ...others] = running;
      if (only && others.length === 0)
        return { results: [], failures: [{ recognition: only.recognition, error }] };
    }
    // One of them is to blame, which says so when it is alone.
    const results: RanPiece<Part>[] = [];
    const failures: RanPieces<Part>['failures'][number][] = [];
    for (const piece of running) {
      if (failures.some(({ recognition }) => recognition === piece.recognition)) continue;
      const alone = await this.run([piece], reads, signal);
      results.push(...alone.results);
      failures.push(...alone.failures);
    }
    return { results, failures };
  }

  /** A run waits for the one before it, which is not its own time. */
  async #timed(
    pieces: readonly WaitingPiece<Part>[],
    reads: DecoderKind['reads'],
    signal: AbortSignal,
  ): Promise<readonly RanPiece<Part>[]> {
    const start = performance.now();
    const needsLogits = pieces.some(({ recognition }) => recognition.readsLogits);
    const results = await runPieces(pieces, this.#runner, needsLogits ? 'logits' : reads, signal);
    const end = performance.now();
    const milliseconds = end - Math.max(start, this.#lastEnd);
    this.#lastEnd = end;
    const sampleCount = pieces.reduce((sum, { samples }) => sum + samples.length, 0);
    for (const { recognition, samples } of pieces)
      recognition.milliseconds += (milliseconds * samples.length) / sampleCount;
    return results;
  }
}
