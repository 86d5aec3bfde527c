/**
 * Real recordings, in many formats, against the reference. They are no part of this repository: where the folder
 * `../shared/data/speech` is not there, one test says so, and the sample clips of `asr.gpu.test.ts` have to do.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AutomaticSpeechRecognitionPipeline } from '../../src/pipelines/automatic-speech-recognition.ts';
import { pipeline } from '../../src/pipelines/pipeline.ts';
import { modelFolder, readClipGoldens, readSamples } from '../helpers/clips.ts';
import { argmax } from '../helpers/golden.ts';
import { shareTestContext } from '../helpers/gpu.ts';

const speechFolder = fileURLToPath(new URL('../../../shared/data/speech/', import.meta.url));
/**
 * Every format, rate and channel count once, clear margins, about 45 s together. No Opus: the reference's
 * libsndfile decodes it at 16 kHz, the decoder here at 48 kHz, so that the samples differ by their resampling.
 */
const FILES = [
  'arctic_a0001.wav',
  'asterisk_fr_agent-pass.wav',
  'brooklyn_bridge.wav',
  'cards_001.wav',
  'cv_en_22058266.mp3',
  'jfk.flac',
  'libri_man_said.flac',
  'one_two_three_s24_stereo.wav',
  'one_two_three_s32_mono.wav',
  'one_two_three_u8_mono.wav',
  'sonnet1_head.ogg',
  'yes_1000ms.wav',
];
const LOGIT_TOLERANCE = 1e-3;

const goldens = readClipGoldens('speech.json').filter(({ file }) => FILES.includes(file));
const present = goldens.filter(({ file }) => existsSync(speechFolder + file));

test(`recordings beside the repository: ${present.length} of ${FILES.length}`, () => {
  expect(goldens).toHaveLength(FILES.length);
  // All or none: a folder that lacks some is a mistake.
  expect([0, FILES.length]).toContain(present.length);
  if (present.length === 0) console.log(`No recordings in ${speechFolder}: nothing more is tested here.`);
});

if (present.length > 0) {
  describe('recordings', () => {
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

    test.each(present)('$file', async ({ file, text, ids, maxAbsLogit, frames = [], logits = [] }) => {
      const samples = await readSamples(speechFolder + file);
      const { input_values } = await recognize.processor(samples);
      const output = await recognize.model({ input_values });
      let largest = 0;
      frames.forEach((frame, row) => {
        output.logits
          .at(0)
          .at(frame)
          .data.forEach((logit, id) => {
            largest = Math.max(largest, Math.abs(logit - (logits[row]?.[id] ?? NaN)));
          });
      });
      expect(frames.length).toBeGreaterThan(0);
      expect(largest / maxAbsLogit).toBeLessThan(LOGIT_TOLERANCE);
      expect(argmax(output.logits)).toEqual(ids);
      expect(recognize.tokenizer.decode(argmax(output.logits))).toBe(text);
    });
  });
}
