/** Clients that ask a server one request after the other, all at once, and what became of each request. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { demoClips } from './demo-clips.ts';

export interface LoadClip {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly seconds: number;
  /** What must be heard in it. */
  readonly text: string;
}

/** The sample clips. */
export const loadClips = (repository: string): readonly LoadClip[] =>
  demoClips(repository).map(({ file, ...clip }) => ({ ...clip, bytes: new Uint8Array(readFileSync(file)) }));

export interface LoadReport {
  readonly clientCount: number;
  /** From the first request to the last answer. */
  readonly wallSeconds: number;
  /** Of each request with its right text, from its first try to its answer, in ascending order. */
  readonly latencies: readonly number[];
  readonly audioSeconds: number;
  /** How often a client was asked to come again (429), which it did. */
  readonly refusedCount: number;
  /** Requests without their text, a line each. */
  readonly lost: readonly string[];
}

interface ErrorBody {
  readonly error?: { readonly code?: string; readonly message?: string };
}

/**
 * Each client sends the clips in turn, from a place of its own, until the time is over; then it waits for its last answer.
 * @param clips one at least.
 */
export async function runClients(
  url: string,
  clips: readonly LoadClip[],
  { clientCount, seconds }: { readonly clientCount: number; readonly seconds: number },
): Promise<LoadReport> {
  const latencies: number[] = [];
  const lost: string[] = [];
  let audioSeconds = 0;
  let refusedCount = 0;
  const start = performance.now();
  const end = start + seconds * 1000;

  /** @throws what keeps the text from coming. */
  const ask = async ({ name, bytes }: LoadClip): Promise<string> => {
    for (;;) {
      const form = new FormData();
      form.append('file', new Blob([bytes]), name);
      const response = await fetch(`${url}/v1/audio/transcriptions`, { method: 'POST', body: form });
      if (response.ok) return ((await response.json()) as { readonly text: string }).text;
      const { error } = (await response.json()) as ErrorBody;
      const retrySeconds = Number(response.headers.get('retry-after'));
      if (response.status !== 429 || !(retrySeconds >= 1 && retrySeconds <= 60))
        throw new Error(`${response.status} ${error?.code}, retry-after ${retrySeconds}: ${error?.message}`);
      refusedCount += 1;
      await sleep(retrySeconds * 1000);
    }
  };
  const client = async (number: number): Promise<void> => {
    for (let turn = number; performance.now() < end; turn += 1) {
      const clip = clips[turn % clips.length];
      if (!clip) throw new Error('There are no clips to send.');
      const begun = performance.now();
      try {
        const text = await ask(clip);
        if (text !== clip.text)
          throw new Error(`${JSON.stringify(text)} instead of ${JSON.stringify(clip.text)}`);
        latencies.push((performance.now() - begun) / 1000);
        audioSeconds += clip.seconds;
      } catch (error) {
        lost.push(`${clip.name}: ${String(error)}`);
      }
    }
  };
  await Promise.all(Array.from({ length: clientCount }, (_, number) => client(number)));
  return {
    clientCount,
    wallSeconds: (performance.now() - start) / 1000,
    latencies: latencies.sort((one, other) => one - other),
    audioSeconds,
    refusedCount,
    lost,
  };
}

/**
 * The smallest value that so many of all are not above.
 * @param ascending at least one value.
 */
export function percentile(ascending: readonly number[], percent: number): number {
  const place = Math.max(0, Math.ceil((percent / 100) * ascending.length) - 1);
  return ascending[place] ?? NaN;
}

/** The report in a line. */
export function describeLoad(report: LoadReport): string {
  const { clientCount, wallSeconds, latencies, audioSeconds, refusedCount, lost } = report;
  return [
    `${clientCount} clients for ${wallSeconds.toFixed(0)} s: ${latencies.length} answers`,
    `${lost.length} lost`,
    `${refusedCount} asked to come again`,
    `${(latencies.length / wallSeconds).toFixed(2)} requests and ${(audioSeconds / wallSeconds).toFixed(1)} s of sound a second`,
    `p50 ${percentile(latencies, 50).toFixed(2)} s`,
    `p95 ${percentile(latencies, 95).toFixed(2)} s`,
    `longest ${percentile(latencies, 100).toFixed(2)} s`,
  ].join(', ');
}
