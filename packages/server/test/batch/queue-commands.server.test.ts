/** The commands of a queue as a user gives them, and a queue server that is not there. Workers are processes with a transcriber of the test. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseBatchCommand } from '../../src/batch/batch-options.ts';
import { runBatchCommand } from '../../src/batch/commands.ts';
import type { BatchWorkerOptions, ScriptedAudio } from '../helpers/batch-worker.ts';
import { freePort } from '../helpers/free-port.ts';
import { queueServers, useQueueServer } from '../helpers/queue-servers.ts';
import { until, useWorkers, type WorkerProcess } from '../helpers/worker-processes.ts';

/** As the commands name a model that is no folder here. */
const MODEL = { digest: createHash('sha256').update('m').digest('hex'), dtype: 'fp32' };
const workers = useWorkers();
const server = useQueueServer();
let folder: string;
let queueName = '';

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'unispeech-queue-'));
  queueName = path.basename(folder);
});
afterEach(async () => {
  await workers.endAll();
  rmSync(folder, { recursive: true, force: true });
});

const inFolder = (name: string): string => path.join(folder, name);
const write = (name: string, audio: ScriptedAudio): void => {
  const file = inFolder(`${name}.wav`);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(audio));
};
const outputs = (): readonly string[] =>
  existsSync(inFolder('out'))
    ? readdirSync(inFolder('out'))
        .filter((name) => name.endsWith('.json'))
        .sort()
    : [];

const startWorker = (options: Partial<BatchWorkerOptions> = {}): WorkerProcess =>
  workers.start({
    url: server.url,
    queueName,
    outFolder: inFolder('out'),
    concurrency: 1,
    model: MODEL,
    takeOver: { lockDuration: 2000, stalledInterval: 1000, maxStalledCount: 10, runRetryDelay: 300 },
    ...options,
  });

interface RunCommand {
  readonly exitCode: Promise<number>;
  readonly said: readonly string[];
}

/** Gives a command without its queue and output folder. */
function give(
  words: readonly string[],
  { signal = new AbortController().signal, url = server.url } = {},
): RunCommand {
  const said: string[] = [];
  const model = ['status', 'retry', 'cancel'].includes(words[1] ?? '') ? [] : ['--model', 'm'];
  const place = ['--queue', url, '--queue-name', queueName, '--out', inFolder('out')];
  const exitCode = runBatchCommand(parseBatchCommand([...words, ...place, ...model]), {
    openEngine: () => Promise.reject(new Error('No engine is needed here.')),
    say: (line) => said.push(line),
    showProgress: () => undefined,
    signal,
  });
  exitCode.catch(() => undefined);
  return { exitCode, said };
}

test('"batch" waits for its files and names what failed; given again, it tries that again', async () => {
  write('in/fine', { text: 'fine' });
  write('in/damaged', { text: '', throws: 'bad-audio' });
  const worker = startWorker();
  const first = give(['batch', inFolder('in')]);
  expect(await first.exitCode).toBe(1);
  expect(first.said.slice(1)).toEqual([
    '1 of 2 files have their output: 1.0 s of sound.',
    'damaged.wav: bad-audio: The audio asks for an error.',
  ]);
  expect(existsSync(inFolder('out/_failures.jsonl'))).toBe(true);

  const status = give(['batch', 'status']);
  expect(await status.exitCode).toBe(1);
  expect(status.said).toEqual([
    'In the whole queue 0 wait, 0 run and 1 were done lately (1.0 s of sound); 1 failed.',
    'damaged.wav: bad-audio: The audio asks for an error. (1 attempt)',
  ]);
  const retry = give(['batch', 'retry']);
  expect(await retry.exitCode).toBe(0);
  expect(retry.said).toEqual(['Files that wait again: 1.']);
  await until(() => worker.count('failed') === 2);

  write('in/damaged', { text: 'mended' });
  const second = give(['batch', inFolder('in')]);
  expect(await second.exitCode).toBe(0);
  expect(second.said.at(-1)).toBe('2 of 2 files have their output: 2.0 s of sound.');
  expect(outputs()).toEqual(['damaged.wav.json', 'fine.wav.json']);
  expect(existsSync(inFolder('out/_failures.jsonl'))).toBe(false);
  const begun = (name: string): number =>
    worker.said.split('\n').filter((line) => line.startsWith('begins') && line.includes(name)).length;
  expect(begun('fine')).toBe(1);

  rmSync(inFolder('out/fine.wav.json'));
  expect(await give(['batch', inFolder('in')]).exitCode).toBe(0);
  expect(outputs()).toEqual(['damaged.wav.json', 'fine.wav.json']);
  expect(begun('fine')).toBe(2);
});

test('"cancel" takes out the files of one batch, and leaves those of another', async () => {
  for (const name of ['one/a', 'one/b', 'two/c', 'two/d']) write(name, { text: name });
  for (const name of ['one', 'two'])
    expect(await give(['batch', inFolder(name), '--detach']).exitCode).toBe(0);
  const cancel = give(['batch', 'cancel', inFolder('one')]);
  expect(await cancel.exitCode).toBe(0);
  expect(cancel.said[0]).toMatch(/^Files taken out of the queue: 2\./);
  const status = give(['batch', 'status']);
  expect(await status.exitCode).toBe(0);
  expect(status.said[0]).toMatch(/^In the whole queue 2 wait/);
  const worker = startWorker();
  expect(await give(['batch', inFolder('two')]).exitCode).toBe(0);
  expect(outputs()).toEqual(['c.wav.json', 'd.wav.json']);
  expect(worker.count('begins')).toBe(2);
});

test('"batch" that is stopped leaves its files in the queue; given again, it adds none twice', async () => {
  for (const name of ['a', 'b', 'c']) write(`in/${name}`, { text: name });
  const stop = new AbortController();
  const stopped = give(['batch', inFolder('in')], { signal: stop.signal });
  await until(() => stopped.said.length > 0);
  stop.abort();
  expect(await stopped.exitCode).toBe(130);
  const worker = startWorker();
  expect(await give(['batch', inFolder('in')]).exitCode).toBe(0);
  expect(outputs()).toHaveLength(3);
  expect(worker.count('begins')).toBe(3);
});

test('a worker finds the files under a root of its own, where another machine has mounted them', async () => {
  write('here/sub/a', { text: 'a' });
  expect(await give(['batch', inFolder('here'), '--detach']).exitCode).toBe(0);
  renameSync(inFolder('here'), inFolder('there'));
  const worker = startWorker({ root: inFolder('there') });
  await until(() => worker.count('done') === 1);
  expect(existsSync(inFolder('out/sub/a.wav.json'))).toBe(true);
});

test('a server that is not there is told; Redis may come, and a signal ends the waiting', async () => {
  write('in/a', { text: 'a' });
  const port = await freePort();
  for (const words of [['batch', inFolder('in')], ['work'], ['batch', 'status']]) {
    const stop = new AbortController();
    const waiting = give(words, { signal: stop.signal, url: `redis://127.0.0.1:${port}` });
    await until(() => waiting.said.length > 0);
    expect(waiting.said[0]).toContain('ECONNREFUSED');
    // Once, however often it is tried.
    await new Promise((resolve) => setTimeout(resolve, 1200));
    expect(waiting.said).toHaveLength(1);
    stop.abort();
    expect(await waiting.exitCode).toBe(130);
    const refused = give(words, { url: `postgres://nobody@127.0.0.1:${port}/none` });
    await expect(refused.exitCode).rejects.toMatchObject({
      code: 'network',
      sentence: expect.stringContaining('ECONNREFUSED') as unknown,
    });
  }
});

test('a worker that is stopped while its server is away ends with what it has done', async () => {
  const own = await queueServers('first').at(-1)?.create();
  if (!own) throw new Error('There is no queue server.');
  await own.start();
  try {
    write('in/a', { text: 'a', milliseconds: 500 });
    expect(await give(['batch', inFolder('in'), '--detach'], { url: own.url }).exitCode).toBe(0);
    const worker = startWorker({ url: own.url, closeMilliseconds: 300 });
    await until(() => worker.count('begins') === 1);
    await own.kill();
    worker.child.kill('SIGTERM');
    expect(await worker.ended).toBe(0);
    expect(outputs()).toEqual(['a.wav.json']);
  } finally {
    await own.stop();
  }
});
