/** The output of a program that ended before it was read is whole. */
import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { align } from '../../src/align/align.ts';
import { phones } from '../../src/phones/phones.ts';
import { pronunciation } from '../../src/phones/pronunciation.ts';
import { decodeAudio } from '../../src/pipelines/decode-audio.ts';
import type { EmissionInfo, EmissionSource } from '../../src/pipelines/emissions.ts';
import { clipFolder, readSamples } from '../helpers/clips.ts';
import { outputOf } from '../helpers/program-output.ts';

const FILE = `${clipFolder}yes-five.flac`;

test('decodeAudio', async () => {
  const { output, ended } = outputOf(FILE);
  const sound = decodeAudio(output);
  await ended;
  let sampleCount = 0;
  for await (const block of sound) sampleCount += block.length;
  expect(sampleCount).toBe((await readSamples(FILE)).length);
});

/** A recogniser that is busy until `ended`; then it counts the bytes. */
function busyUntil(ended: Promise<void>): EmissionSource {
  const info: EmissionInfo = {
    labels: ['', 'A', '|'],
    blank: 0,
    word_delimiter: 2,
    unknown: null,
    special: [0],
    units: 'phonemes',
    sampling_rate: 16_000,
    samples_per_frame: 320,
    samples_per_window: 400,
  };
  return {
    emissionInfo: () => ended.then(() => info),
    async *emissions(audio) {
      let byteLength = 0;
      for await (const bytes of audio as Readable) byteLength += (bytes as Buffer).byteLength;
      yield await Promise.reject(new Error(`heard ${byteLength} bytes`));
    },
  };
}

test.each([
  ['align', (recognizer: EmissionSource, audio: Readable) => align(recognizer, audio, 'A')],
  ['pronunciation', (recognizer: EmissionSource, audio: Readable) => pronunciation(recognizer, audio, 'A')],
  ['phones', (recognizer: EmissionSource, audio: Readable) => phones(recognizer, audio)],
] as const)('%s', async (_, call) => {
  const { output, ended } = outputOf(FILE);
  const { byteLength } = readFileSync(FILE);
  await expect(call(busyUntil(ended), output)).rejects.toThrow(`heard ${byteLength} bytes`);
});

test('a source that fails before its turn is an error of its own', async () => {
  const failing = new Readable({
    read() {
      this.destroy(new Error('the cable is out'));
    },
  });
  const sound = decodeAudio(failing);
  // An error that nobody listens to ends the process.
  expect(failing.listenerCount('error')).toBeGreaterThan(0);
  await new Promise((resolve) => setTimeout(resolve, 20));
  await expect(sound[Symbol.asyncIterator]().next()).rejects.toThrow('the cable is out');
});
