/** Hours of audio in a process of Node: peak memory and speed. */
import { hoursOfMp3 } from '../lib/looped-audio.ts';
import { log } from '../lib/run-suite.ts';
import { startRecognizer } from './recognizer-worker.ts';

/** What a run must not exceed, in bytes above the loaded model. */
const MAX_RESIDENT_BYTES = 200e6;

/** A line of the table. */
export interface HoursRun {
  readonly name: string;
  readonly audioSeconds: number;
  readonly milliseconds: number;
  /** Undefined where others share the process. */
  readonly residentByteLength?: number;
  readonly heapByteLength: number;
  readonly fits: boolean;
}

/** Each run has a process of its own. The model is there before memory is watched; what its first run takes counts. */
export async function measureHours(kind: 'decode' | 'stream', hours: number): Promise<HoursRun> {
  const name = `${hours} h, MP3 ${kind === 'decode' ? 'to mono at 16 kHz' : 'through recognize.stream'}`;
  log(name);
  const { file, seconds } = hoursOfMp3(hours);
  const worker = startRecognizer();
  try {
    if (kind === 'stream') await worker.request('load', undefined);
    const run = await worker.request(kind, file);
    checkSeconds(name, run.audioSeconds, seconds);
    return { name, ...run, fits: run.residentByteLength <= MAX_RESIDENT_BYTES };
  } finally {
    await worker.stop();
  }
}

/** The encoder adds up to two frames to each minute. @throws Error if sound was lost. */
export function checkSeconds(name: string, actual: number, expected: number): void {
  if (Math.abs(actual - expected) > 1 + 0.001 * expected)
    throw new Error(`${name}: ${actual} s of audio, not ${expected}`);
}
