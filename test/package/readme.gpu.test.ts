/**
 * The examples for Node of the README and of docs/from-transformers.md, streams.md, captions.md, confidence.md, beam.md and pronunciation.md, run as they stand there; those for browsers have
 * their tests in test/browser.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CONFIGS } from '../../scripts/lib/model-configs.mjs';
import { writeCheckpoint } from '../../scripts/lib/random-checkpoint.ts';
import { BUILD_TIMEOUT_MS, copyBuiltPackage } from '../helpers/built-package.ts';
import { phonemeModel } from '../helpers/phoneme-model.ts';
import { familyModel } from '../helpers/family-models.ts';
import { repositoryFolder, runNode } from '../helpers/run-node.ts';

// Inside the repository, so that it finds its packages.
const folder = path.join(repositoryFolder, '.cache', `readme-test-${process.pid}`);
const blocksOf = (file: string, language: string): readonly string[] =>
  Array.from(
    readFileSync(path.join(repositoryFolder, file), 'utf8').matchAll(
      new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 'gs'),
    ),
    ([, code = '']) => code,
  );
const examples = [
  ...blocksOf('README.md', 'js').filter((code) => !code.includes('./unispeech.js')),
  ...blocksOf('docs/from-transformers.md', 'ts'),
  ...blocksOf('docs/align.md', 'js'),
  ...blocksOf('docs/streams.md', 'js').filter((code) => code.includes("from 'unispeech-webgpu'")),
  ...blocksOf('docs/captions.md', 'js'),
  ...blocksOf('docs/confidence.md', 'js'),
  ...blocksOf('docs/beam.md', 'js').filter((code) => code.includes("from 'unispeech-webgpu/beam'")),
  ...blocksOf('docs/pronunciation.md', 'js'),
];
const CLASSIFIER = 'test/reference/goldens/pipelines/layer-weighted';
const frames = familyModel('w2v2_h_frames_weighted');
const speakers = familyModel('w2v2_i_xvector_batch');
const mms = familyModel('w2v2_c_ctc_attn_adapter_langs');
const phonemes = phonemeModel();
const preTraining = path.join(folder, 'pre-training');
/** What each example prints, in part. */
const printed = [
  [
    'YES FIVE\n',
    "{ text: 'FOUR', timestamp: [ 0.66, 0.92 ] }",
    "[ { text: 'NINE NINE' }, { text: 'YES FIVE' } ]",
  ],
  [
    /^.* 0\.\d+ of 1\.9\d+ s\n(.*\n)*.*\bFIVE 1\.9\d+ of 1\.9\d+ s\n/,
    'nine-nine.ogg NINE NINE\n',
    /no-such-file\.wav .*no-such-file\.wav/,
    'yes-five.flac YES FIVE\n',
  ],
  [/^Yes, 0\.\d+ 0\.\d+ 0\.\d+\nfive! \d\.\d+ \d\.\d+ 0\.\d+\n$/],
  [/^YES FIVE true\n$/],
  ["[\n  { label: 'left', score: 0.605", /\nHow alike they sound: 0\.\d\d\n$/],
  [
    /^\[\n {2}\{\n {4}speaker: 'LABEL_\d',\n {4}start: /,
    /\nSPEAKER yes-five 1 \d\.\d{3} \d\.\d{3} <NA> <NA> LABEL_\d <NA> <NA>\n/,
    /\n\{ similarity: 0\.\d+, same: (true|false), threshold: 0\.86 \}\n\[ 2, 8 \]\n$/,
  ],
  ["status: 'done'", '[ 1, 49, 32 ] 1 x 16000 samples, 49 frames', ' dispatches, '],
  // The losses are those of the Python programs on the same models.
  [/^ZERO NINE TWO TWO EIGHT THREE FOUR\n0\.0082\n$/],
  [/^left\n7\.818[67]\n$/],
  [/^(true|false)\n\d+\.\d{4}\n$/],
  // The labels and the cosine, too, are those of Python.
  [/^\[ 1, 0, 0 \]\n$/],
  [/^1\.00\n$/],
  [/\n26\ntrue\n$/],
  [/^Yes 0\.\d\d 0\.\d\d 0\.\d+\n— \d\.\d\d \d\.\d\d null\nfive! .*\nFile type = "ooTextFile"\n/],
  // Letters with the times of their frames; equal ones are not merged.
  [
    /^(0\.\d\d Y\n)+(0\.\d\d E\n)+(0\.\d\d S\n)+(\d\.\d\d \|\n)+(\d\.\d\d F\n)+(\d\.\d\d I\n)+(\d\.\d\d V\n)+(\d\.\d\d E\n)+/,
  ],
  [/^FOUR FOUR\n$/],
  [/^0\.3{10,}\d*\n0\.25 1 3\nREF: the cat sat\nHYP: a {3}cat sat\n {5}S\n\n$/],
  [/^0\.\d\d\n(.* is doubtful\n)*\{ token: 'Y', logprob: -\d\.\d+, bytes: \[ 89 \] \}\n$/],
  [/^AB\nAB \[ \{ word: 'AB', start_offset: 0, end_offset: 3 \} \]\nAB \d+\n$/],
  [/^j ɛ s f aɪ v ɛ \d+\n0\.[678]\d \[ 'Yes, 0\.[67]\d', 'five! (0\.9\d|1\.00)' \]\nt substitution s\n$/],
];

const { PATH } = process.env;
/** Not every machine has ffmpeg: a program of that name gives one file, whatever it is asked for. */
function installFfmpeg(): void {
  const programs = path.join(folder, 'bin');
  mkdirSync(programs);
  const script =
    "import { readFileSync } from 'node:fs';\nprocess.stdout.write(readFileSync('examples/audio/four-four.wav'));";
  writeFileSync(path.join(programs, 'ffmpeg'), `#!${process.execPath}\n${script}\n`, { mode: 0o755 });
  process.env.PATH = `${programs}${path.delimiter}${PATH}`;
}

beforeAll(async () => {
  await copyBuiltPackage(folder);
  installFfmpeg();
  await writeCheckpoint({ ...CONFIGS.tiny, architectures: ['UniSpeechForPreTraining'] }, preTraining);
}, BUILD_TIMEOUT_MS);
afterAll(() => {
  process.env.PATH = PATH;
  rmSync(folder, { recursive: true, force: true });
  for (const model of [frames, speakers, mms, phonemes]) model[Symbol.dispose]();
});

test('every example has its expectation', () => {
  expect(examples).toHaveLength(printed.length);
});

test.each(printed.map((parts, index) => ({ parts, index })))('example $index', async ({ parts, index }) => {
  const file = path.join(folder, `example-${index}.mjs`);
  const code = (examples[index] ?? '')
    .replace("'unispeech-webgpu'", "'./dist/node.js'")
    .replace('path/to/a/classifier', CLASSIFIER)
    .replace('path/to/a/phoneme/model', phonemes.folder)
    .replace("'unispeech-webgpu/phones'", "'./dist/node-phones.js'")
    .replace("'unispeech-webgpu/align'", "'./dist/align.js'")
    .replace("'unispeech-webgpu/captions'", "'./dist/captions.js'")
    .replace("'unispeech-webgpu/score'", "'./dist/node-score.js'")
    .replace("'unispeech-webgpu/beam'", "'./dist/node-beam.js'")
    .replace(/microsoft\/wavlm-base-plus-sd|your\/diarization-model/g, frames.folder)
    .replace(/microsoft\/wavlm-base-plus-sv|your\/speaker-model/g, speakers.folder)
    .replaceAll('your/unispeech-ctc', 'examples/models/unispeech-tiny-en')
    .replaceAll('your/unispeech-classifier', CLASSIFIER)
    .replaceAll('microsoft/unispeech-large-1500h-cv', preTraining)
    .replaceAll('facebook/mms-1b-all', mms.folder);
  writeFileSync(file, code);
  const { exitCode, stdout, stderr } = await runNode([file]);
  expect(exitCode, stderr).toBe(0);
  for (const part of parts) expect(stdout).toMatch(part);
});
