/** Half an hour of speech through the real core: memory and the size of a look stay the same, and no word is lost. */
import { expect, test } from 'vitest';
import type { Recognize } from '../../src/microphone/hypothesis.ts';
import { transcribeStream } from '../../src/microphone/transcribe-stream.ts';
import { collectGarbage } from '../helpers/garbage.ts';
import { chunksOf, RATE, scriptedRecognizer, speak } from './scripted-speech.ts';

const MINUTES = 30;
const MEBIBYTE = 2 ** 20;

/** Bytes that are alive, buffers included. Freed buffers go a little after the collection that found them. */
async function liveByteLength(): Promise<number> {
  let least = Infinity;
  for (let round = 0; round < 3; round += 1) {
    collectGarbage();
    await new Promise((resolve) => setTimeout(resolve, 10));
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    least = Math.min(least, heapUsed + arrayBuffers);
  }
  return least;
}

test('thirty minutes', async () => {
  const seconds = MINUTES * 60;
  const words = [...speak(seconds - 1, 11)];
  const recognizeScript = scriptedRecognizer({ words });
  /** Samples that were looked at, by minute of the stream. */
  const lookedAt = new Float64Array(MINUTES);
  let minute = 0;
  let longest = 0;
  const recognize: Recognize = (audio, options) => {
    lookedAt[minute] = (lookedAt[minute] ?? 0) + audio.raw.length;
    longest = Math.max(longest, audio.raw.length);
    return recognizeScript(audio, options);
  };
  /** No sound comes meanwhile: how much were otherwise the machine's business, and with it what the next look sees. */
  let measuring: Promise<number> | undefined;
  async function* source() {
    for (const chunk of chunksOf(words, seconds)) {
      await new Promise((resolve) => setImmediate(resolve));
      await measuring;
      yield chunk;
    }
  }

  const liveByMinute: number[] = [];
  let text = '';
  let committedCount = 0;
  for await (const { committed, committedChunks, audioSeconds, isFinal } of transcribeStream(
    recognize,
    source(),
  )) {
    committedCount += committedChunks.length;
    if (isFinal) text = committed;
    const now = Math.min(MINUTES - 1, Math.floor(audioSeconds / 60));
    if (now > minute) {
      minute = now;
      measuring = liveByteLength();
      liveByMinute.push(await measuring);
    }
  }

  expect(text).toBe(words.map((word) => word.text).join(' '));
  expect(committedCount).toBe(words.length);
  expect(longest).toBeLessThanOrEqual(12 * RATE);
  // Floors, as single readings spike. The first minutes still compile code; the text itself is some 20 KB.
  const settled = Math.min(...liveByMinute.slice(2, 8));
  const atTheEnd = Math.min(...liveByMinute.slice(-6));
  expect(atTheEnd - settled).toBeLessThan(MEBIBYTE);
  // Nor does a look take longer.
  const early = lookedAt.slice(1, 11).reduce((sum, samples) => sum + samples, 0);
  const late = lookedAt.slice(-10).reduce((sum, samples) => sum + samples, 0);
  expect(late / early).toBeLessThan(1.2);
}, 120_000);
