/** Counts what is done of many files. */
import type { RunStatus } from './run-status.ts';

export class RunTally {
  readonly #byteLengths: readonly number[];
  readonly #totalBytes: number;
  /** Files that have begun: seconds of audio, and the share of the file that they are. */
  readonly #begun = new Map<number, { readonly seconds: number; readonly share: number }>();
  #transcribedCount = 0;
  #failedCount = 0;
  #audioSeconds = 0;
  #doneBytes = 0;
  #startedAt: number | undefined;

  /** @param byteLengths of the files; 0 where nobody knows. */
  constructor(byteLengths: readonly number[]) {
    this.#byteLengths = byteLengths;
    this.#totalBytes = byteLengths.reduce((sum, byteLength) => sum + byteLength, 0);
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
    this.#leave(index);
  }

  fail(index: number): void {
    this.#failedCount += 1;
    this.#leave(index);
  }

  #leave(index: number): void {
    this.#begun.delete(index);
    this.#doneBytes += this.#byteLengths[index] ?? 0;
  }

  get status(): RunStatus {
    let audioSeconds = this.#audioSeconds;
    let doneBytes = this.#doneBytes;
    for (const [index, { seconds, share }] of this.#begun) {
      audioSeconds += seconds;
      doneBytes += share * (this.#byteLengths[index] ?? 0);
    }
    const fileCount = this.#byteLengths.length;
    const doneCount = this.#transcribedCount + this.#failedCount;
    return {
      fileCount,
      transcribedCount: this.#transcribedCount,
      failedCount: this.#failedCount,
      audioSeconds,
      elapsedSeconds: this.#startedAt === undefined ? 0 : (performance.now() - this.#startedAt) / 1000,
      doneShare: this.#totalBytes > 0 ? doneBytes / this.#totalBytes : doneCount / Math.max(fileCount, 1),
    };
  }
}
