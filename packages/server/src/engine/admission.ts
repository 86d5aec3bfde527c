/** How much may wait: so many seconds of sound as the devices can recognise in the time that a client waits. Pure. */
import { EngineError } from './engine-error.ts';

/** Before anything was measured: that of a small software adapter. */
const ASSUMED_SPEED = 5;
/** Of a new measurement, by seconds of work: a batch of a second counts for a tenth. */
const MEMORY_SECONDS = 10;
const MAX_RETRY_SECONDS = 60;

export class SpeedMeter {
  #speed: number | undefined;

  /** Seconds of sound for a second of work. */
  get speed(): number {
    return this.#speed ?? ASSUMED_SPEED;
  }

  add(audioSeconds: number, workSeconds: number): void {
    if (!(workSeconds > 0)) return;
    const speed = audioSeconds / workSeconds;
    const share = Math.min(1, workSeconds / MEMORY_SECONDS);
    this.#speed = this.#speed === undefined ? speed : this.#speed + share * (speed - this.#speed);
  }
}

export interface WaitingSound {
  readonly audioSeconds: number;
  readonly spoolBytes: number;
  readonly speed: number;
}

/**
 * One clip is taken whatever its length, as long as what waits before it is little enough.
 * @throws EngineError `queue_full`, which says when to come again.
 */
export function checkAdmission(
  { audioSeconds, spoolBytes, speed }: WaitingSound,
  { queueSeconds, maxSpoolBytes }: { readonly queueSeconds: number; readonly maxSpoolBytes: number },
): void {
  const waitSeconds = audioSeconds / speed;
  if (waitSeconds < queueSeconds && spoolBytes < maxSpoolBytes) return;
  const retry = Math.min(MAX_RETRY_SECONDS, Math.max(1, Math.ceil(waitSeconds)));
  throw new EngineError(
    'queue_full',
    spoolBytes >= maxSpoolBytes
      ? `The clips that wait take ${spoolBytes} bytes on the disk, and ${maxSpoolBytes} are allowed. Try again in ${retry} s.`
      : `${audioSeconds.toFixed(0)} s of sound wait, which take about ${waitSeconds.toFixed(0)} s, and at most ${queueSeconds} s are accepted. Try again in ${retry} s.`,
    retry,
  );
}
