/** The sample clips one after another, with silences between them, through the streaming core and the real model. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createBeamDecoder } from '../../src/beam/create-decoder.ts';
import type { Recognize } from '../../src/microphone/hypothesis.ts';
import { transcribeStream } from '../../src/microphone/transcribe-stream.ts';
import type { AutomaticSpeechRecognitionPipeline } from '../../src/pipelines/automatic-speech-recognition.ts';
import { pipeline } from '../../src/pipelines/pipeline.ts';
import { digitsArpa } from '../beam/digits-arpa.ts';
import { clipFolder, modelFolder, readClipGoldens, readSamples } from '../helpers/clips.ts';
import { shareTestContext } from '../helpers/gpu.ts';
import { isShort } from '../helpers/test-depth.ts';

const RATE = 16_000;
const clipCount = isShort ? 3 : undefined;
const goldens = readClipGoldens('demo.json').slice(0, clipCount);

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

/** Whether one letter more, less or different, at most, turns one word into the other. */
function differsByALetter(a: string, b: string): boolean {
  let start = 0;
  while (start < a.length && a[start] === b[start]) start += 1;
  let tail = 0;
  while (tail < Math.min(a.length, b.length) - start && a.at(-1 - tail) === b.at(-1 - tail)) tail += 1;
  return Math.max(a.length, b.length) - start - tail <= 1;
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
  const expected = goldens.flatMap((golden) => golden.text.split(' '));
  const found = text.split(' ');
  // None is lost and none comes twice. The small model learned from whole clips: of words that it hears before the clip is
  // over, it may get a letter wrong.
  expect(found).toHaveLength(expected.length);
  const wrong = found.filter((word, index) => word !== expected[index]);
  expect(wrong.length).toBeLessThanOrEqual(3);
  found.forEach((word, index) => expect(differsByALetter(word, expected[index] ?? '')).toBe(true));
});

test('with beams, what is shown is what the decoder makes of the sound so far, and the end what it makes of all', async () => {
  const clip = await readSamples(`${clipFolder}zero-seven-zero-five-six-one-four.wav`);
  const language_model = Buffer.from(digitsArpa());
  await using search = await pipeline('automatic-speech-recognition', modelFolder, {
    decoder: { type: 'beam', language_model },
  });
  // The same model and decoder, without pipeline and pieces.
  const tokens = Array.from(search.tokenizer.get_vocab()).sort(([, a], [, b]) => a - b);
  const decoder = await createBeamDecoder({ labels: tokens.map(([token]) => token), language_model });
  const textOf = async (samples: Float32Array): Promise<string> => {
    const inputs = await search.processor(samples);
    return decoder.decode((await search.model(inputs)).logits, { prune_history: false });
  };
  let idle: Promise<void> = Promise.resolve();
  const looks: { readonly samples: Float32Array; readonly text: string }[] = [];
  const listen: Recognize = (audio, options) => {
    const samples = audio.raw.slice();
    const output = search(audio, options);
    idle = output.then(({ text }) => void looks.push({ samples, text }));
    return output;
  };
  const updates: { readonly text: string; readonly audioSeconds: number; readonly look: number }[] = [];
  for await (const { text, audioSeconds } of transcribeStream(
    listen,
    play([clip], 0, () => idle),
    { step_length_s: 0.4 },
  ))
    updates.push({ text, audioSeconds, look: looks.length - 1 });
  const shown: string[] = [];
  for (const { text, audioSeconds, look } of updates) {
    const { samples, text: heard } = looks[look] ?? { samples: clip, text: '' };
    expect(heard).toBe(await textOf(samples));
    // Where the window still begins with the stream.
    if (samples.length !== Math.round(audioSeconds * RATE)) continue;
    expect(text).toBe(heard);
    shown.push(text);
  }
  expect(new Set(shown).size).toBeGreaterThan(4);
  expect(shown.at(-1)).toBe(await textOf(clip));
  expect(shown.at(-1)).toBe('ZERO SEVEN ZERO FIVE SIX ONE FOUR');
});
