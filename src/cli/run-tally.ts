/** Counts what is done of many files. */
import type { RunStatus } from './run-status.ts';

export class RunTally {
  /** What the work on a file is measured by. */
  readonly #sizes: readonly number[];
  /** Files that have begun: seconds of audio, and the share of the file that they are. */
  readonly #begun = new Map<number, { readonly seconds: number; readonly share: number }>();
  #transcribedCount = 0;
  #failedCount = 0;
  #audioSeconds = 0;
  #transcribedSize = 0;
  #waitingSize: number;
  #startedAt: number | undefined;

  /** @param byteLengths of the files; 0 where nobody knows. */
  constructor(byteLengths: readonly number[]) {
    // Where no size is known, all files are the same.
    this.#sizes = byteLengths.some((byteLength) => byteLength > 0) ? byteLengths : byteLengths.map(() => 1);
    this.#waitingSize = this.#sizes.reduce((sum, size) => sum + size, 0);
  }

  /** The time counts from here. */
  start(): void {
    this.#startedAt = performance.now();
  }

  get hasStarted(): boolean {
    return this.#startedAt !== undefined;
  }

  /** @param totalSeconds of the file, where that is known. */
  advance(index: number, seconds: number, totalSeconds: number | undefined): void {
    this.#begun.set(index, { seconds, share: totalSeconds ? Math.min(1, seconds / totalSeconds) : 0 });
  }

  end(index: number, seconds: number): void {
    this.#transcribedCount += 1;
    this.#audioSeconds += seconds;
    this.#transcribedSize += this.#leave(index);
  }

  /** No measure of how long the others take. */
  fail(index: number): void {
    this.#failedCount += 1;
    this.#leave(index);
  }

  #leave(index: number): number {
    const size = this.#sizes[index] ?? 0;
    this.#begun.delete(index);
    this.#waitingSize -= size;
    return size;
  }

  get status(): RunStatus {
    let audioSeconds = this.#audioSeconds;
    let begunSize = 0;
    for (const [index, { seconds, share }] of this.#begun) {
      audioSeconds += seconds;
      begunSize += share * (this.#sizes[index] ?? 0);
    }
    const elapsedSeconds = this.#startedAt === undefined ? 0 : (performance.now() - this.#startedAt) / 1000;
    const doneSize = this.#transcribedSize + begunSize;
    return {
      fileCount: this.#sizes.length,
      transcribedCount: this.#transcribedCount,
      failedCount: this.#failedCount,
      audioSeconds,
      elapsedSeconds,
      secondsLeft: doneSize > 0 ? (elapsedSeconds / doneSize) * (this.#waitingSize - begunSize) : undefined,
    };
  }
}
