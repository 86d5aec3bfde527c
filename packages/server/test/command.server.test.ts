/** The command as it is built: batches with the real engine, help, wrong usage, and the README's programs against a running server. */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { repositoryFolder, runNode } from '../../../test/helpers/run-node.ts';
import { MODEL_FOLDER, useBuiltServer } from './helpers/built-server.ts';

const builtServer = useBuiltServer();
const run = (args: readonly string[]) => runNode([builtServer.command, ...args]);

test('a batch of a folder writes an output a file, and a rerun does nothing again', async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'unispeech-batch-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const clips = ['yes-five.flac', 'nine-nine.ogg'];
  mkdirSync(path.join(folder, 'in'));
  for (const clip of clips)
    cpSync(path.join(repositoryFolder, 'examples/audio', clip), path.join(folder, 'in', clip));
  writeFileSync(path.join(folder, 'in', 'broken.wav'), 'no audio');
  const words = [
    'batch',
    path.join(folder, 'in'),
    '--out',
    path.join(folder, 'out'),
    '--model',
    MODEL_FOLDER,
  ];
  const first = await run(words);
  expect(first.exitCode, first.stderr).toBe(1);
  expect(first.stderr).toMatch(/broken\.wav: /);
  const textOf = (clip: string): unknown =>
    (JSON.parse(readFileSync(path.join(folder, 'out', `${clip}.json`), 'utf8')) as { readonly text: string })
      .text;
  expect(clips.map(textOf)).toEqual(['YES FIVE', 'NINE NINE']);
  rmSync(path.join(folder, 'in', 'broken.wav'));
  const second = await run(words);
  expect(second.exitCode, second.stderr).toBe(0);
}, 120_000);

test('help and version go to the standard output; what is no command is told with 2', async () => {
  const [help, batchHelp, version, wrong] = await Promise.all([
    run(['--help']),
    run(['batch', '--help']),
    run(['--version']),
    run(['made-up']),
  ]);
  expect([help.exitCode, batchHelp.exitCode, version.exitCode, wrong.exitCode]).toEqual([0, 0, 0, 2]);
  expect(help.stdout).toContain('--max-upload');
  expect(batchHelp.stdout).toContain('--queue');
  expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect(wrong.stderr).toContain('"made-up"');
});

test('the programs of the README run against the server', async () => {
  const readme = readFileSync(path.join(repositoryFolder, 'README.md'), 'utf8');
  const [, program = ''] = /```ts\n(import \{ createReadStream \}[^]*?)```/.exec(readme) ?? [];
  const [, curl = ''] =
    /\ncurl http:\/\/127\.0\.0\.1:8080(\S+) -F file=@\S+ -F response_format=srt\n/.exec(readme) ?? [];
  expect(program).toContain("from 'openai'");
  expect(curl).toBe('/v1/audio/transcriptions');
  const { url } = await builtServer.start();
  const folder = path.join(repositoryFolder, '.cache', `readme-server-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = path.join(folder, 'program.mjs');
  // The client that this Node can run.
  writeFileSync(
    file,
    program.replace('http://127.0.0.1:8080', url).replace("from 'openai'", "from 'openai-6'"),
  );
  const { stdout } = await promisify(execFile)(process.execPath, [file], { cwd: repositoryFolder });
  expect(stdout).toBe('YES FIVE\n');
});

test('the package has what its command needs, and no sources', async () => {
  const folder = path.dirname(path.dirname(builtServer.command));
  const { stdout } = await promisify(execFile)('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: folder,
  });
  const [packed] = JSON.parse(stdout) as readonly [{ readonly files: readonly { readonly path: string }[] }];
  const files = packed.files.map((file) => file.path);
  expect(files).toEqual(
    expect.arrayContaining([
      'dist/main.js',
      'dist/engine-child.js',
      'dist/page/index.html',
      'dist/page/page.js',
      'dist/LICENSE',
    ]),
  );
  expect(files.filter((file) => !file.startsWith('dist/'))).toEqual(['package.json']);
});
