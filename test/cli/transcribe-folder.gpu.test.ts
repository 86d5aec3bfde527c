/** `unispeech transcribe` on a folder, with files of results. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { useBuiltCli } from '../helpers/built-cli.ts';
import { clipFolder, modelFolder } from '../helpers/clips.ts';
import type { NodeRunOptions } from '../helpers/run-node.ts';

const cli = useBuiltCli();
const folder = path.join(path.dirname(cli.file), 'folder');
const talks = path.join(folder, 'talks');
const transcribe = (args: readonly string[], options?: NodeRunOptions) =>
  cli.run(['transcribe', '--model', modelFolder, ...args], options);
/** The GPU's driver may write lines of its own. */
const notesOf = (stderr: string) => stderr.split('\n').filter((line) => line.startsWith('unispeech:'));
const namesBelow = (place: string) =>
  existsSync(place) ? (readdirSync(place, { recursive: true }) as string[]).sort() : [];

beforeAll(() => {
  mkdirSync(path.join(talks, 'sub'), { recursive: true });
  copyFileSync(`${clipFolder}yes-five.flac`, path.join(talks, 'b.flac'));
  copyFileSync(`${clipFolder}four-four.wav`, path.join(talks, 'sub', 'c.wav'));
  writeFileSync(path.join(talks, 'a.wav'), 'no audio');
  writeFileSync(path.join(talks, 'notes.md'), 'no audio either');
});

test('one bad file fails, the others have their results; --resume does what is left', async () => {
  const out = path.join(folder, 'out');
  const args = [talks, '--recursive', '--out', out, '--format', 'txt,json,srt'];
  const first = await transcribe(args);
  expect({ exitCode: first.exitCode, stdout: first.stdout }).toEqual({ exitCode: 1, stdout: '' });
  expect(notesOf(first.stderr)).toEqual([
    expect.stringContaining(`unispeech: ${path.join(talks, 'a.wav')}: `) as string,
    expect.stringMatching(
      /^unispeech: 2 files transcribed, 0 skipped, 1 failed: 3\.\d s of audio in /,
    ) as string,
    `unispeech: 1 file of other kinds left alone: ${path.join(talks, 'notes.md')}.`,
  ]);
  const made = ['b.flac', path.join('sub', 'c.wav')].flatMap((name) =>
    ['json', 'srt', 'txt'].map((format) => `${name}.${format}`),
  );
  expect(namesBelow(out)).toEqual([...made, 'sub'].sort());
  const read = (name: string): string => readFileSync(path.join(out, name), 'utf8');
  expect(read('b.flac.txt')).toBe('YES FIVE\n');
  expect(read('b.flac.srt')).toBe('1\n00:00:00,200 --> 00:00:01,060\nYES FIVE\n');
  expect(JSON.parse(read('sub/c.wav.json'))).toMatchObject({ text: 'FOUR FOUR' });

  const again = await transcribe(args);
  expect(again).toMatchObject({ exitCode: 1, stdout: '' });
  expect(notesOf(again.stderr)).toEqual([
    expect.stringContaining('exists already, and so do 5 others') as string,
  ]);

  copyFileSync(`${clipFolder}four-four.wav`, path.join(talks, 'a.wav'));
  writeFileSync(path.join(out, 'b.flac.txt'), 'kept as it is');
  const resumed = await transcribe([...args, '--resume']);
  expect(resumed.exitCode).toBe(0);
  expect(notesOf(resumed.stderr)[0]).toMatch(/1 file transcribed, 2 skipped, 0 failed: /);
  expect(read('b.flac.txt')).toBe('kept as it is');
  expect(read('a.wav.txt')).toBe('FOUR FOUR\n');
});

test('Ctrl-C: what is done is whole, nothing else is there, and --resume is named', async () => {
  const many = path.join(folder, 'many');
  mkdirSync(many);
  for (let index = 0; index < 400; index++)
    copyFileSync(`${clipFolder}four-four.wav`, path.join(many, `${String(index).padStart(3, '0')}.wav`));
  const out = path.join(folder, 'interrupted');
  const { exitCode, stderr } = await transcribe([many, '--out', out], {
    onStart: (child) => {
      const timer = setInterval(() => {
        if (namesBelow(out).length === 0) return;
        // A second one would end the process at once.
        clearInterval(timer);
        child.kill('SIGINT');
      }, 5);
      child.once('close', () => clearInterval(timer));
    },
  });
  expect(exitCode).toBe(130);
  const made = namesBelow(out);
  expect(made.length).toBeGreaterThan(0);
  expect(made.length).toBeLessThan(400);
  for (const name of made) {
    expect(name).toMatch(/^\d+\.wav\.txt$/);
    expect(readFileSync(path.join(out, name), 'utf8')).toBe('FOUR FOUR\n');
  }
  expect(notesOf(stderr)).toEqual([
    `unispeech: Interrupted: ${made.length} of 400 files transcribed. With --resume the same command goes on.`,
  ]);
});

test('a folder without --out is printed as several files are; what cannot be done is known before', async () => {
  const { exitCode, stdout } = await transcribe([path.join(talks, 'sub'), `${clipFolder}yes-five.flac`]);
  expect(exitCode).toBe(0);
  expect(stdout.split('\n').map((line) => line.replace(/^.*\s{2,}/, ''))).toEqual([
    'FOUR FOUR',
    'YES FIVE',
    '',
  ]);
  const empty = path.join(folder, 'empty');
  mkdirSync(empty);
  const blocked = await transcribe([talks, '--out', path.join(talks, 'notes.md', 'out')]);
  expect(blocked).toMatchObject({ exitCode: 1, stdout: '' });
  expect(notesOf(blocked.stderr)).toEqual([
    expect.stringMatching(/The folder .*notes\.md.out cannot be written to: ENOTDIR/) as string,
  ]);
  const none = await transcribe([empty]);
  expect(none).toMatchObject({ exitCode: 1, stdout: '' });
  expect(notesOf(none.stderr)).toEqual([
    `unispeech: There is no audio in ${empty}. Give audio files, or a folder that holds some.`,
  ]);
});
