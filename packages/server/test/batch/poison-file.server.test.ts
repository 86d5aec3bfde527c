/** A file that kills its engine, in a queue, with the real engine: it fails alone and by name, and its worker goes on. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { clipFolder, modelFolder, readClipGoldens, readSamples } from '../../../../test/helpers/clips.ts';
import { repositoryFolder } from '../../../../test/helpers/run-node.ts';
import { isShort } from '../../../../test/helpers/test-depth.ts';
import { parseBatchCommand } from '../../src/batch/batch-options.ts';
import { runBatchCommand } from '../../src/batch/commands.ts';
import { useEngineScripts } from '../helpers/engine-scripts.ts';
import { useQueueServer } from '../helpers/queue-servers.ts';
import { writeWav } from '../helpers/wav-file.ts';

const CLIP_COUNT = isShort ? 8 : 24;
const scripts = useEngineScripts();
const server = useQueueServer();

test(`of ${CLIP_COUNT + 1} files one kills its engine: ${CLIP_COUNT} outputs, one failure with its name, no stall`, async () => {
  const folder = scripts.folder();
  const [input, out] = [path.join(folder, 'in'), path.join(folder, 'out')];
  mkdirSync(input);
  const goldens = readClipGoldens('demo.json');
  const texts = new Map<string, string>();
  for (let index = 0; index < CLIP_COUNT; index += 1) {
    const { file = '', text = '' } = goldens[index % goldens.length] ?? {};
    const name = `${index}-${file}`;
    cpSync(clipFolder + file, path.join(input, name));
    texts.set(name, text);
  }
  const poison = await readSamples(clipFolder + (goldens[0]?.file ?? ''));
  poison[0] = 0.75;
  writeWav(input, '4-poison.wav', poison);

  const queue = ['--queue', server.url, '--out', out];
  const worker = spawn(process.execPath, [scripts.of('batch'), 'work', ...queue, '--model', modelFolder], {
    cwd: repositoryFolder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, UNISPEECH_TEST_ENGINE: scripts.of('poisoned') },
  });
  let log = '';
  worker.stderr.setEncoding('utf8').on('data', (text: string) => (log += text));
  const said: string[] = [];
  const run = (...words: readonly string[]): Promise<number> =>
    runBatchCommand(parseBatchCommand(['batch', ...words, ...queue]), {
      openEngine: () => Promise.reject(new Error('Only the worker has an engine.')),
      say: (line) => said.push(line),
      showProgress: () => undefined,
      signal: new AbortController().signal,
    });
  expect(await run(input, '--model', modelFolder), log).toBe(1);

  const outputs = readdirSync(out).filter((name) => name.endsWith('.json'));
  const textOf = (name: string): unknown =>
    (JSON.parse(readFileSync(path.join(out, name), 'utf8')) as { readonly text: string }).text;
  expect(new Map(outputs.map((name) => [name.slice(0, -'.json'.length), textOf(name)]))).toEqual(texts);
  expect(said.join('\n')).toContain(`${CLIP_COUNT} of ${CLIP_COUNT + 1} files have their output: `);
  expect(said.at(-1)).toMatch(/^4-poison\.wav: engine_crashed: .*SIGKILL/);
  const failures = readFileSync(path.join(out, '_failures.jsonl'), 'utf8').trim().split('\n');
  expect(failures.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { file: '4-poison.wav', code: 'engine_crashed', attempts: 1 },
  ]);
  expect(await run('status')).toBe(1);
  expect(said.at(-1)).toMatch(/^4-poison\.wav: .* \(1 attempt\)$/);
  expect(log).not.toMatch(/taken over|were lost/);

  worker.kill('SIGTERM');
  expect(await once(worker, 'exit')).toEqual([0, null]);
  expect(log).toContain(`${CLIP_COUNT} files transcribed, 0 were there, 1 failed`);
}, 120_000);
