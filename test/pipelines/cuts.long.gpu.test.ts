/**
 * Where the demo clips, one behind the other, are cut. Attention sees a whole window, so what the model says in the middle of one depends on all of it: no
 * choice of cuts gives all of the uncut text (docs/streams.md has numbers). What is held here is what a choice can do: no cut goes through a word.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { joinSamples } from '../../src/audio/channels.ts';
import { tokensOf } from '../../src/decode/window-frames.ts';
import type { AutomaticSpeechRecognitionPipeline } from '../../src/pipelines/automatic-speech-recognition.ts';
import { openAudio } from '../../src/pipelines/open-audio.ts';
import { pipeline } from '../../src/pipelines/pipeline.ts';
import { chooseSeam } from '../../src/pipelines/quiet-cut.ts';
import { cutPieces, planCutting } from '../../src/pipelines/recognition-pieces.ts';
import type { Overlap } from '../../src/pipelines/window-planner.ts';
import { clipFolder, modelFolder, readClipGoldens, readSamples } from '../helpers/clips.ts';
import { shareTestContext } from '../helpers/gpu.ts';

let release: () => void;
let recognize: AutomaticSpeechRecognitionPipeline;
let clips: Float32Array[];

beforeAll(async () => {
  release = await shareTestContext();
  recognize = await pipeline('asr', modelFolder);
  const files = readClipGoldens('demo.json').map(({ file }) => clipFolder + file);
  clips = [];
  for (const file of files) clips.push(await readSamples(file));
});
afterAll(async () => {
  await recognize.dispose();
  release();
});

const joined = (gapSeconds: number, isReversed: boolean): Float32Array => {
  const gap = new Float32Array(Math.round(16_000 * gapSeconds));
  const order = isReversed ? [...clips].reverse() : clips;
  return joinSamples(order.flatMap((clip) => [clip, gap]));
};

async function idsOf(samples: Float32Array): Promise<ArrayLike<number>> {
  const { logits } = await recognize.model(await recognize.processor(samples));
  const [, frameCount = 0, vocabSize = 0] = logits.dims;
  return tokensOf({ data: logits.data, frameCount, vocabSize, startSample: 0 });
}

/** Whether a place lies within a word of the uncut text. */
function isInWord(ids: ArrayLike<number>, place: number): boolean {
  const { pad_token_id: blank, word_delimiter_token_id: delimiter } = recognize.tokenizer;
  const isSaid = (id: number): boolean => id !== blank;
  const before = Array.from(ids).slice(0, place).findLast(isSaid);
  const behind = Array.from(ids).slice(place).find(isSaid);
  return [before, behind].every((id) => id !== undefined && id !== delimiter);
}

test('no cut goes through a word, as fixed cuts do', async () => {
  const { tokenizer, model } = recognize;
  const tokens = { blank: tokenizer.pad_token_id, delimiter: tokenizer.word_delimiter_token_id };
  let seamCount = 0;
  let fixedCount = 0;
  const throughWords: string[] = [];
  for (const samples of [joined(0, false), joined(0.3, true)]) {
    const uncut = await idsOf(samples);
    for (const chunkLengthSeconds of [5, 8, 15]) {
      const clip = openAudio(samples, { sampleRate: 16_000 });
      const options = { chunkLengthSeconds, strideSeconds: undefined, cut: 'quiet' } as const;
      const cutting = planCutting(clip, options, model.config, () => 30);
      let before: { readonly ids: readonly number[]; readonly overlap: Overlap } | undefined;
      for await (const { start, samples: window, overlap } of cutPieces(clip, cutting, () => undefined)) {
        const ids = Array.from(await idsOf(window));
        if (before) {
          const { levels, wanted, first } = before.overlap;
          const windows = { left: before.ids.slice(first), right: ids, ...tokens };
          const place = start / 320 + chooseSeam(levels, windows, wanted);
          seamCount += 1;
          if (isInWord(uncut, place)) throughWords.push(`${chunkLengthSeconds} s: ${place * 0.02} s`);
          if (isInWord(uncut, start / 320 + Math.round(wanted))) fixedCount += 1;
        }
        before = overlap && { ids, overlap };
      }
    }
  }
  expect(throughWords).toEqual([]);
  expect(seamCount).toBeGreaterThan(20);
  expect(fixedCount).toBeGreaterThan(5);
}, 600_000);
