/** The built commands `unispeech diarize` and `unispeech verify`, and `unispeech embed` with a model of speakers, run as users run them. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { npyHeader } from '../../src/cli/npy.ts';
import { encodeSamples, writeWav } from '../audio/write-wav.ts';
import { useBuiltCli } from '../helpers/built-cli.ts';
import { familyModel, type FamilyModel } from '../helpers/family-models.ts';

const cli = useBuiltCli();
const folder = path.dirname(cli.file);
const frames = familyModel('w2v2_h_frames_weighted');
const speakers = familyModel('w2v2_i_xvector_batch');
/** A file of each clip of a model, in float32. */
const filesOf = ({ golden, clips }: FamilyModel): string[] =>
  clips.map((_, row) => path.join(folder, `${golden.name} ${row}.wav`));
const writeClips = (model: FamilyModel): void => {
  for (const [row, file] of filesOf(model).entries()) {
    const data = encodeSamples([...(model.clips[row] ?? [])], 3, 32);
    writeFileSync(file, writeWav({ tag: 3, bits: 32, sampleRate: 16_000, channelCount: 1, data }));
  }
};
beforeAll(() => {
  writeClips(frames);
  writeClips(speakers);
});
afterAll(() => {
  frames[Symbol.dispose]();
  speakers[Symbol.dispose]();
});

const ownLines = (stderr: string): string[] =>
  stderr.split('\n').filter((line) => line.startsWith('unispeech:'));

test('diarize: the segments as JSON, as a table and as RTTM; a file that is missing stops no other', async () => {
  const files = filesOf(frames);
  const run = (...args: string[]) => cli.run(['diarize', ...files, '-m', frames.folder, ...args]);
  const json = await run('--json');
  expect(json.exitCode).toBe(0);
  const results = json.stdout
    .trim()
    .split('\n')
    .map(
      (line) =>
        JSON.parse(line) as {
          readonly file: string;
          readonly segments: readonly { speaker: string; start: number; end: number; score: number }[];
        },
    );
  expect(results.map(({ file }) => file)).toEqual(files);
  const all = results.flatMap(({ segments }) => segments);
  expect(all.length).toBeGreaterThan(0);
  const table = results.map(({ file, segments }) => [
    file,
    ...segments.map(({ speaker, start, end, score }) =>
      ['', start.toFixed(2), end.toFixed(2), score.toFixed(4), speaker].join('  '),
    ),
  ]);
  const missing = await cli.run(['diarize', ...['missing.wav', ...files, '-m', frames.folder]]);
  expect(missing).toMatchObject({ exitCode: 1, stdout: `${table.flat().join('\n')}\n` });
  expect(ownLines(missing.stderr)).toEqual([expect.stringContaining('unispeech: missing.wav: ')]);
  const rttm = await run('--rttm');
  const lines = rttm.stdout.trim().split('\n');
  expect(lines).toHaveLength(all.length);
  const [first = ''] = lines;
  expect(first).toMatch(
    /^SPEAKER w2v2_h_frames_weighted_0 1 \d\.\d{3} \d\.\d{3} <NA> <NA> LABEL_\d <NA> <NA>$/,
  );
  const none = await run('--rttm', '--threshold', '1');
  expect(none).toMatchObject({ exitCode: 0, stdout: '' });
});

test('verify: 0 for one speaker, 1 for two, 2 for a failure', async () => {
  const [a = '', b = ''] = filesOf(speakers);
  const run = (...args: string[]) => cli.run(['verify', '-m', speakers.folder, ...args]);
  expect(await run(a, a)).toMatchObject({ exitCode: 0, stdout: '1.0000  same speaker\n' });
  const { exitCode, stdout } = await run(a, b, '--threshold', '1', '--json');
  expect(exitCode).toBe(1);
  expect(JSON.parse(stdout)).toEqual({
    files: [a, b],
    similarity: expect.any(Number) as number,
    same: false,
    threshold: 1,
  });
  const missing = await run(a, 'missing.wav');
  expect(missing).toMatchObject({ exitCode: 2, stdout: '' });
  expect(ownLines(missing.stderr)).toEqual([expect.stringContaining('missing.wav')]);
});

test('embed: a model of speakers gives a row for each file', async () => {
  const files = filesOf(speakers);
  const out = path.join(folder, 'speakers.npy');
  const args = [...files, '-m', speakers.folder, '--out', out];
  expect(await cli.run(['embed', ...args, '--speaker'])).toMatchObject({
    exitCode: 0,
    stdout: files.map((file) => `${file}  8\n`).join(''),
  });
  const header = npyHeader([files.length, 8]);
  const bytes = Uint8Array.from(readFileSync(out));
  expect([...bytes.subarray(0, header.byteLength)]).toEqual([...header]);
  const expected = speakers.golden.expected.tensor('embeddings').at(0).data as Float32Array;
  const first = [...new Float32Array(bytes.buffer, header.byteLength, 8)];
  expect(first).toEqual([...expected].map((value) => expect.closeTo(value, 4) as number));
  // By the class that config.json names.
  const [file = ''] = files;
  expect(await cli.run(['embed', file, '-m', speakers.folder, '--out', out])).toMatchObject({
    exitCode: 0,
    stdout: `${file}  8\n`,
  });
  expect([...new Float32Array(Uint8Array.from(readFileSync(out)).buffer, header.byteLength)]).toEqual(first);
});
