/** What a batch says while it runs, and at its end. Pure. */
import type { BatchEvent } from './run-files.ts';

export class BatchTally {
  readonly #startedAt: number;
  readonly totalCount: number;
  writtenCount = 0;
  skippedCount = 0;
  failedCount = 0;
  audioSeconds = 0;

  /** @param totalCount how many files there are. */
  constructor(totalCount: number, now: number) {
    this.totalCount = totalCount;
    this.#startedAt = now;
  }

  add(event: BatchEvent): void {
    if (event.type === 'failed') {
      if (!event.isAgain) this.failedCount += 1;
      return;
    }
    if (event.outcome.isSkipped) this.skippedCount += 1;
    else this.writtenCount += 1;
    this.audioSeconds += event.outcome.seconds;
  }

  get doneCount(): number {
    return this.writtenCount + this.skippedCount + this.failedCount;
  }

  /** @param now milliseconds, of the same clock as at the start. */
  line(now: number): string {
    const seconds = (now - this.#startedAt) / 1000;
    const worked = this.writtenCount + this.failedCount;
    const left = this.totalCount - this.doneCount;
    const parts = [
      `${this.doneCount} of ${this.totalCount} files`,
      ...(this.skippedCount > 0 ? [`${this.skippedCount} were there`] : []),
      ...(this.failedCount > 0 ? [`${this.failedCount} failed`] : []),
      ...(seconds > 0 && this.audioSeconds > 0
        ? [`${(this.audioSeconds / seconds).toFixed(1)} × real time`]
        : []),
      ...(worked > 0 && left > 0 ? [`${duration((seconds / worked) * left)} left`] : []),
    ];
    return parts.join(', ');
  }

  summary(now: number, failuresPath: string): string {
    const seconds = (now - this.#startedAt) / 1000;
    const done = `${this.writtenCount} files transcribed, ${this.skippedCount} were there, ${this.failedCount} failed`;
    const sound = `${duration(this.audioSeconds)} of sound in ${duration(seconds)}`;
    return `${done}; ${sound}.${this.failedCount > 0 ? ` ${failuresPath} lists what failed.` : ''}`;
  }
}

/** A length of time, in words. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${whole % 60} s` : `${seconds < 10 ? seconds.toFixed(1) : whole} s`;
}
