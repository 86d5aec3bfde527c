/** The state of a clip whose pieces come back in any order. */
import { expect, test } from 'vitest';
import type { DecodedText, Decoder } from '../../src/decode/decoder.ts';
import { openAudio } from '../../src/pipelines/open-audio.ts';
import { Recognition } from '../../src/pipelines/recognition.ts';

/** Says where its windows begin. */
class Starts implements Decoder {
  #starts: number[] = [];
  push({ startSample }: { readonly startSample: number }): void {
    this.#starts.push(startSample);
  }
  take(): DecodedText {
    return { text: this.#starts.splice(0).join(' ') };
  }
  finish(): DecodedText {
    return { text: `${this.take().text}!` };
  }
}

test('windows are decoded in their order, progress is of those that were, and the end of the last', () => {
  const clip = openAudio(new Float32Array(32_000), { sampleRate: 16_000 });
  const cutting = {
    chunkLengthSeconds: 1,
    grid: undefined,
    cut: 'quiet',
    sampleRate: 16_000,
    samplesPerFrame: 320,
    minimumSampleCount: 400,
    frameCountOf: () => 0,
  } as const;
  const recognition = new Recognition({
    index: 3,
    clip,
    cutting,
    decoder: new Starts(),
    tokens: { blank: 0, delimiter: null },
  });
  const piece = { samples: new Float32Array(0), start: 0, kept: [0, 0] as const };
  const orders = [0, 1, 2].map(() => recognition.wait(piece).order);
  expect(orders).toEqual([0, 1, 2]);
  const logits = (startSample: number) => ({
    data: new Float32Array(0),
    frameCount: 25,
    vocabSize: 1,
    startSample,
  });
  recognition.push({ order: 1 }, logits(8000));
  expect(recognition.take().text).toBe('');
  expect(recognition.progress).toMatchObject({ seconds: 0, total_seconds: 2, chunk_length_s: 1 });
  recognition.push({ order: 0 }, logits(0));
  expect(recognition.take().text).toBe('0 8000');
  expect(recognition.progress.seconds).toBe(1);
  recognition.heardCount = 40_000;
  recognition.isCut = true;
  expect(recognition.isDone).toBe(false);
  recognition.push({ order: 2 }, logits(16_000));
  expect(recognition.isDone).toBe(true);
  expect(recognition.take().text).toBe('16000!');
  expect(recognition.progress).toMatchObject({ seconds: 2.5, total_seconds: 2.5 });
});
