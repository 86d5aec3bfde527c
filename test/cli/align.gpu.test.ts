/** The built command `unispeech align`, run as users run it. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { readTextGrid } from '../../src/captions/read-textgrid.ts';
import { useBuiltCli } from '../helpers/built-cli.ts';
import { clipFolder, modelFolder } from '../helpers/clips.ts';

const cli = useBuiltCli();
const audio = `${clipFolder}yes-five.flac`;
const folder = path.dirname(cli.file);
const text = path.join(folder, 'text.txt');
const run = (args: readonly string[], input?: string) =>
  cli.run(['align', ...args, '-m', modelFolder], input === undefined ? {} : { stdin: Buffer.from(input) });
beforeAll(() => writeFileSync(text, '\ufeffYes,\nFive 5!\n'));

test('prints the words of the text with their times and scores, and what has no token', async () => {
  const { exitCode, stdout, stderr } = await run([audio, text, '--boundaries', 'audio']);
  expect(exitCode, stderr).toBe(0);
  expect(stdout).toMatch(
    /^0\.\d{3} +\d\.\d{3} +0\.\d{4} +Yes,\n\d\.\d{3} +\d\.\d{3} +0\.\d{4} +Five\n\d.* - +5!\n$/,
  );
  expect(stderr).toContain('unispeech: the model has no tokens for "5"\n');
});

test('reads the text from standard input, and writes a TextGrid that can be read back', async () => {
  const out = path.join(folder, 'yes-five.TextGrid');
  const { exitCode, stdout, stderr } = await run(
    [audio, '-', '--format', 'textgrid', '--out', out],
    'Yes, FIVE.',
  );
  expect(exitCode, stderr).toBe(0);
  expect(stdout).toBe('');
  const { tiers } = readTextGrid(readFileSync(out, 'utf8'));
  expect(tiers.map(({ name }) => name)).toEqual(['words', 'characters', 'utterances']);
  expect(readFileSync(out, 'utf8')).toContain('text = "FIVE."');
});

test('a text that is missing, that is too long, or that is no text writes nothing', async () => {
  const out = path.join(folder, 'never.srt');
  const missing = await run([audio, 'missing.txt', '--format', 'srt', '--out', out]);
  expect(missing).toMatchObject({ exitCode: 1, stdout: '' });
  expect(missing.stderr).toContain('missing.txt cannot be read');
  const long = await run([audio, '-', '--format', 'srt', '--out', out], 'seven '.repeat(100));
  expect(long.exitCode).toBe(1);
  expect(long.stderr).toMatch(
    /The audio has \d+ frames \(1\.\d\d s\), but the 599 tokens of the text need at least 599/,
  );
  const binary = path.join(folder, 'binary.txt');
  writeFileSync(binary, Buffer.of(0xff, 0xfe, 0x41));
  expect((await run([audio, binary, '--out', out])).stderr).toContain('binary.txt is not text in UTF-8');
  expect(existsSync(out)).toBe(false);
});
