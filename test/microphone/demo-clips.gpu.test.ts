/** The sample clips one after another, with silences between them, through the streaming core and the real model. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Recognize } from '../../src/microphone/hypothesis.ts';
import { transcribeStream } from '../../src/microphone/transcribe-stream.ts';
import type { AutomaticSpeechRecognitionPipeline } from '../../src/pipelines/automatic-speech-recognition.ts';
import { pipeline } from '../../src/pipelines/pipeline.ts';
import { clipFolder, modelFolder, readClipGoldens, readSamples } from '../helpers/clips.ts';
import { shareTestContext } from '../helpers/gpu.ts';

const RATE = 16_000;
const goldens = readClipGoldens('demo.json');

let release: () => void;
let recognize: AutomaticSpeechRecognitionPipeline;
beforeAll(async () => {
  release = await shareTestContext();
  recognize = await pipeline('automatic-speech-recognition', modelFolder);
});
afterAll(async () => {
  await recognize.dispose();
  release();
});

/** In time with the recogniser, as speech is with one that keeps up: no chunk comes while it works. */
async function* play(clips: readonly Float32Array[], silenceSeconds: number, whenIdle: () => Promise<void>) {
  for (const clip of clips) {
    const recording = new Float32Array(clip.length + silenceSeconds * RATE);
    recording.set(clip);
    for (let start = 0; start < recording.length; start += RATE / 10) {
      await new Promise((resolve) => setImmediate(resolve));
      await whenIdle();
      yield recording.subarray(start, start + RATE / 10);
    }
  }
}

test('every word of every clip, once', async () => {
  const clips: Float32Array[] = [];
  for (const { file } of goldens) clips.push(await readSamples(clipFolder + file));
  let text = '';
  let idle: Promise<void> = Promise.resolve();
  const listen: Recognize = (...args) => {
    const output = recognize(...args);
    idle = output.then(() => undefined);
    return output;
  };
  for await (const update of transcribeStream(
    listen,
    play(clips, 1, () => idle),
  )) {
    expect(update.committed.startsWith(text)).toBe(true);
    text = update.committed;
  }
  expect(text).toBe(goldens.map((golden) => golden.text).join(' '));
});
