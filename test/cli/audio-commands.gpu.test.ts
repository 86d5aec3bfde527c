/** The built commands `unispeech classify` and `unispeech embed`, run as users run them, with a tiny model and what the reference says. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { parseHeader } from '../../src/checkpoint/safetensors.ts';
import { npyHeader } from '../../src/cli/npy.ts';
import { encodeSamples, writeWav } from '../audio/write-wav.ts';
import { useBuiltCli } from '../helpers/built-cli.ts';
import { readPipelineGoldens, samplesOf } from '../helpers/pipeline-goldens.ts';
import { repositoryFolder } from '../helpers/run-node.ts';

const cli = useBuiltCli();
const folder = path.dirname(cli.file);
const [model = { folder: '', clips: [] }] = readPipelineGoldens();
const damaged = path.join(repositoryFolder, 'test/audio/clips/flac-one-byte-55pct.flac');
/** A file of each clip. */
const files = model.clips.map(({ item }) => path.join(folder, `clip-${item}.wav`));
const [first = '', second = ''] = files;

beforeAll(() => {
  for (const [index, clip] of model.clips.entries()) {
    const data = encodeSamples([...samplesOf(clip)], 3, 32);
    writeFileSync(
      files[index] ?? '',
      writeWav({ tag: 3, bits: 32, sampleRate: 16_000, channelCount: 1, data }),
    );
  }
});

const run = (command: string, ...args: string[]) => cli.run([command, '--model', model.folder, ...args]);
/** Lines that the command wrote: the GPU's driver may write lines of its own. */
const ownLines = (stderr: string): string[] =>
  stderr.split('\n').filter((line) => line.startsWith('unispeech:'));

describe('classify', () => {
  /** The rows of a clip. */
  const rowsOf = (index: number, count: number, indent = '') =>
    (model.clips[index]?.softmax ?? [])
      .slice(0, count)
      .map(({ label, score }) => `${indent}${score.toFixed(4)}  ${label}\n`)
      .join('');

  test('one file: five labels at most', async () => {
    expect(await run('classify', first)).toMatchObject({ exitCode: 0, stdout: rowsOf(0, 5) });
  });

  test('several files, of which one is missing: the others are classified', async () => {
    const { exitCode, stdout, stderr } = await run('classify', first, 'missing.wav', second, '--top-k', '2');
    expect(exitCode).toBe(1);
    expect(stdout).toBe(`${first}\n${rowsOf(0, 2, '  ')}${second}\n${rowsOf(1, 2, '  ')}`);
    expect(ownLines(stderr)).toEqual([expect.stringContaining('unispeech: missing.wav: The audio file')]);
  });

  test('JSON, by another function, with the warnings of a damaged file', async () => {
    const { exitCode, stdout, stderr } = await run(
      'classify',
      first,
      damaged,
      '--json',
      '--function',
      'none',
    );
    expect(exitCode).toBe(0);
    const [whole, broken] = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { labels: readonly { label: string; score: number }[] });
    expect(whole).toEqual({
      file: first,
      labels: model.clips[0]?.none
        .slice(0, 5)
        .map(({ label, score }) => ({ label, score: expect.closeTo(score, 4) as number })),
    });
    expect(broken).toMatchObject({ file: damaged, warnings: [expect.stringContaining('0.26 s of it')] });
    expect(ownLines(stderr)).toEqual([expect.stringContaining(`unispeech: ${damaged}: 0.26 s`)]);
  });
});

describe('embed', () => {
  const out = (name: string): string => path.join(folder, name);
  const floatsOf = (bytes: Uint8Array): number[] => [...new Float32Array(Uint8Array.from(bytes).buffer)];
  const closeTo = (values: readonly number[] = []) =>
    values.map((value) => expect.closeTo(value, 4) as number);

  test('.npy: a row for each file', async () => {
    const file = out('means.npy');
    const { exitCode, stdout } = await run('embed', ...files, '--out', file, '--pooling', 'mean');
    expect(exitCode).toBe(0);
    expect(stdout).toBe(files.map((name) => `${name}  24\n`).join(''));
    const bytes = readFileSync(file);
    const header = npyHeader([files.length, 24]);
    expect([...bytes.subarray(0, header.byteLength)]).toEqual([...header]);
    expect(floatsOf(bytes.subarray(header.byteLength))).toEqual(
      closeTo(model.clips.flatMap(({ mean }) => mean)),
    );
  });

  test('.npy: the frames of one file from standard input, every one of length 1', async () => {
    const file = out('frames.npy');
    const { exitCode, stdout } = await cli.run(
      ['embed', '-', '-m', model.folder, '--out', file, '--normalize'],
      { stdin: readFileSync(first) },
    );
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '-  34 x 24\n' });
    const bytes = readFileSync(file);
    const frames = floatsOf(bytes.subarray(npyHeader([34, 24]).byteLength));
    expect(frames).toHaveLength(34 * 24);
    expect(Math.hypot(...frames.slice(24, 48))).toBeCloseTo(1, 6);
  });

  test('.safetensors: a tensor for each file, under its name; an older file is replaced', async () => {
    const file = out('frames.safetensors');
    writeFileSync(file, 'older');
    expect(await run('embed', ...files, '--out', file)).toMatchObject({ exitCode: 0 });
    const bytes = readFileSync(file);
    const tensors = parseHeader(bytes, bytes.byteLength, file);
    expect([...tensors.keys()].sort()).toEqual([...files].sort());
    for (const [index, { frameCount, frames }] of model.clips.entries()) {
      const tensor = tensors.get(files[index] ?? '');
      expect(tensor).toMatchObject({ dtype: 'F32', shape: [frameCount, 24] });
      const offset = tensor?.byteOffset ?? 0;
      expect(floatsOf(bytes.subarray(offset, offset + 96))).toEqual(closeTo(frames[0]));
    }
  });

  test('a file that cannot be read: nothing is written, and an older file stays', async () => {
    const file = out('kept.npy');
    writeFileSync(file, 'older');
    const { exitCode, stdout, stderr } = await run(
      'embed',
      ...[first, 'missing.wav', '--out', file, '--pooling', 'mean'],
    );
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(ownLines(stderr)).toEqual([
      expect.stringContaining('unispeech: missing.wav: The audio file'),
      `unispeech: ${file} was not written, as not every file could be read.`,
    ]);
    expect(readFileSync(file, 'utf8')).toBe('older');
  });

  test('a folder that is not there is refused before anything is loaded', async () => {
    const file = out('none/a.npy');
    const { exitCode, stderr } = await cli.run(['embed', first, '-m', 'no-such-model', '--out', file]);
    expect(exitCode).toBe(1);
    expect(ownLines(stderr)).toEqual([
      `unispeech: The file ${file} cannot be written: there is no folder ${out('none')}. Make the folder, or choose another place.`,
    ]);
  });
});
