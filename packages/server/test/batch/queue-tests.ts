/**
 * The tests of batches on a queue server: workers are processes of their own, and are killed, frozen and blocked; so is the server. The
 * outcome of each failure is that of docs/scale.md. Locks are short here, so that a take-over does not take a minute.
 */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { QueuedBatch } from '../../src/batch/batch-queue.ts';
import { readItems } from '../../src/batch/batch-item.ts';
import { parseBatchCommand } from '../../src/batch/batch-options.ts';
import { runBatchCommand } from '../../src/batch/commands.ts';
import { parseQueueAddress } from '../../src/batch/queue-address.ts';
import type { BatchWorkerOptions, ScriptedAudio } from '../helpers/batch-worker.ts';
import type { FoundServer, QueueServer } from '../helpers/queue-servers.ts';
import { until, useWorkers, type WorkerProcess } from '../helpers/worker-processes.ts';

const MODEL = { digest: 'a'.repeat(64), dtype: 'fp32' };
/** For tests whose outcome is the same if a busy machine makes a worker late. */
const QUICK = { lockDuration: 1000, stalledInterval: 500, maxStalledCount: 10, runRetryDelay: 300 };
/** As batches have them, but that the pauses are short. */
const RETRIES = { attempts: 3, backoff: { type: 'exponential', delay: 200, jitter: 0.5 } };

/** @param servers each gets all tests. */
export function testQueues(servers: readonly FoundServer[]): void {
  const processes = useWorkers();
  describe.each(servers)('a batch on $name', ({ create }) => {
    let server: QueueServer;
    let folder: string;
    let batch: QueuedBatch;
    let workers: WorkerProcess[];
    let number = 0;

    beforeAll(async () => {
      server = await create();
      await server.start();
    });
    afterAll(() => server.stop());

    beforeEach(() => {
      folder = mkdtempSync(path.join(os.tmpdir(), 'unispeech-batch-'));
      mkdirSync(path.join(folder, 'in'));
      workers = [];
      number += 1;
      batch = new QueuedBatch(parseQueueAddress(server.url), `test-${number}`, 'b1');
    });
    afterEach(async () => {
      await processes.endAll();
      await batch.close();
      rmSync(folder, { recursive: true, force: true });
    });

    const out = (): string => path.join(folder, 'out');
    const write = (name: string, audio: ScriptedAudio): void => {
      writeFileSync(path.join(folder, 'in', `${name}.wav`), JSON.stringify(audio));
    };
    const add = () => {
      const keyedBy = { model: MODEL, identity: 'content' } as const;
      return batch.add(readItems(path.join(folder, 'in')), keyedBy, RETRIES);
    };
    const startWorker = (options: Partial<BatchWorkerOptions> = {}): WorkerProcess => {
      const worker = processes.start({
        url: server.url,
        queueName: `test-${number}`,
        outFolder: out(),
        concurrency: 1,
        model: MODEL,
        takeOver: { lockDuration: 2000, stalledInterval: 1000, maxStalledCount: 10, runRetryDelay: 300 },
        ...options,
      });
      workers.push(worker);
      return worker;
    };
    const outputs = (): string[] =>
      readdirSync(out())
        .filter((name) => name.endsWith('.json'))
        .sort();
    const isOver = async (): Promise<boolean> => {
      const { waiting, running } = await batch.counts();
      return waiting + running === 0;
    };
    const texts = (): string[] =>
      outputs().map(
        (name) => (JSON.parse(readFileSync(path.join(out(), name), 'utf8')) as { text: string }).text,
      );

    test('is done by several workers, each file once; a second run adds and does nothing', async () => {
      for (let index = 10; index < 34; index += 1) write(`f${index}`, { text: `text ${index}`, meets: 2 });
      expect(await add()).toHaveLength(24);
      startWorker();
      startWorker({ concurrency: 4 });
      await until(isOver);
      expect(texts()).toEqual(Array.from({ length: 24 }, (_, index) => `text ${index + 10}`));
      const begun = (): number => workers.reduce((sum, worker) => sum + worker.count('begins'), 0);
      expect(begun()).toBe(24);
      expect(workers.every((worker) => worker.count('begins') > 0)).toBe(true);

      await add();
      await until(isOver);
      expect(await batch.counts()).toEqual({ waiting: 0, running: 0, done: 24, failed: 0 });
      expect(begun()).toBe(24);
    });

    test('a file whose worker is killed is taken over, and nothing half-written is left', async () => {
      for (let index = 0; index < 8; index += 1)
        write(`f${index}`, { text: String(index), milliseconds: 300 });
      await add();
      const [victim] = [startWorker({ takeOver: QUICK }), startWorker({ takeOver: QUICK })];
      await until(() => victim.count('begins') > 0);
      victim.child.kill('SIGKILL');
      await until(isOver);
      expect(texts()).toEqual(['0', '1', '2', '3', '4', '5', '6', '7']);
      expect(readdirSync(out()).filter((name) => name.endsWith('.tmp'))).toEqual([]);
      expect((await batch.counts()).failed).toBe(0);
    });

    test('a worker that is frozen and goes on writes the same file, and the job is done', async () => {
      write('slow', { text: 'slow', milliseconds: 600 });
      await add();
      const frozen = startWorker({ takeOver: QUICK });
      await until(() => frozen.count('begins') > 0);
      frozen.child.kill('SIGSTOP');
      const other = startWorker({ takeOver: QUICK });
      await until(() => other.count('done') > 0);
      frozen.child.kill('SIGCONT');
      await until(() => frozen.count('done') > 0 || frozen.count('trouble') > 0);
      await until(isOver);
      expect(texts()).toEqual(['slow']);
      expect(await batch.status(out())).toMatchObject({ done: 1, failed: 0, failures: [] });
    });

    test('an output beats a job that the queue calls failed', async () => {
      write('blocked', { text: 'blocked', blocks: true });
      await add();
      // No stall is forgiven: what BullMQ does by default after the second one.
      const takeOver = { lockDuration: 1000, stalledInterval: 500, maxStalledCount: 0 };
      const blocked = startWorker({ takeOver });
      await until(() => blocked.count('begins') > 0);
      startWorker({ takeOver });
      await until(async () => (await batch.counts()).failed === 1);
      // It goes on when its loop does, and knows nothing of the verdict.
      writeFileSync(path.join(folder, 'in/blocked.wav.go'), '');
      await until(() => existsSync(path.join(out(), 'blocked.wav.json')));
      expect(texts()).toEqual(['blocked']);
      expect(await batch.status(out())).toMatchObject({ failed: 1, failedWithOutput: 1, failures: [] });
      // Tried again, it is found done.
      expect(await batch.retry()).toBe(1);
      await until(async () => (await batch.counts()).done === 1);
      expect(await batch.status(out())).toMatchObject({ failed: 0, failedWithOutput: 0 });
    });

    test('a failure is tried three times, one that no attempt can mend once, and the others go on', async () => {
      write('flaky', { text: 'flaky', failures: 1 });
      write('damaged', { text: '', throws: 'bad-audio' });
      write('fine', { text: 'fine' });
      await add();
      const worker = startWorker();
      await until(async () => (await isOver()) && (await batch.counts()).done === 2);
      expect(texts()).toEqual(['fine', 'flaky']);
      const { failures } = await batch.status(out());
      expect(failures).toMatchObject([{ file: 'damaged.wav', attempts: 1 }]);
      expect(failures[0]?.message).toMatch(/^bad-audio: /);
      expect(worker.said.split('\n').filter((line) => /begins .*flaky/.test(line))).toHaveLength(2);
      const listed = readFileSync(path.join(out(), '_failures.jsonl'), 'utf8').trim().split('\n');
      expect(listed.map((line) => JSON.parse(line) as unknown)).toMatchObject([
        { file: 'damaged.wav', code: 'bad-audio', attempts: 1 },
      ]);
    });

    test('a file that kills every worker is given up after a few, and the others are done', async () => {
      write('killer', { text: '', kills: true });
      for (let index = 0; index < 4; index += 1) write(`f${index}`, { text: String(index) });
      await add();
      const takeOver = { lockDuration: 1000, stalledInterval: 500, maxStalledCount: 1 };
      const survivor = (): WorkerProcess | undefined =>
        workers.findLast(({ child }) => child.exitCode === null && child.signalCode === null);
      await until(async () => {
        if (!survivor()) startWorker({ takeOver });
        return (await isOver()) && (await batch.counts()).done === 4;
      });
      expect(workers.length).toBe(3);
      expect(texts()).toEqual(['0', '1', '2', '3']);
      expect((await batch.status(out())).failures).toMatchObject([{ file: 'killer.wav' }]);
    });

    test('a worker that is asked to stop ends its file and leaves the rest', async () => {
      for (let index = 0; index < 5; index += 1)
        write(`f${index}`, { text: String(index), milliseconds: 800 });
      await add();
      const worker = startWorker();
      await until(() => worker.count('begins') > 0);
      worker.child.kill('SIGTERM');
      expect(await worker.ended).toBe(0);
      expect(worker.count('begins')).toBe(1);
      expect(outputs()).toHaveLength(1);
      expect(await batch.counts()).toEqual({ waiting: 4, running: 0, done: 1, failed: 0 });
      expect(await batch.cancel()).toBe(4);
      expect(await isOver()).toBe(true);
    });

    test('a worker with another model ends, says why, and the file is left to others', async () => {
      write('fine', { text: 'fine' });
      await add();
      const other = startWorker({ model: { ...MODEL, dtype: 'q8' }, takeOver: QUICK });
      expect(await other.ended).toBe(1);
      expect(other.said).toMatch(/fp32.*q8.*--queue-name/);
      expect(other.count('begins')).toBe(0);
      startWorker({ takeOver: QUICK });
      await until(async () => (await batch.counts()).done === 1);
      expect(texts()).toEqual(['fine']);
      expect((await batch.counts()).failed).toBe(0);
    });

    test('a worker whose engine does not start takes no file', async () => {
      write('fine', { text: 'fine' });
      await add();
      const work = parseBatchCommand([
        'work',
        ...['--queue', server.url, '--queue-name', `test-${number}`, '--out', out(), '--model', 'm'],
      ]);
      const run = runBatchCommand(work, {
        openEngine: () => Promise.reject(new Error('no engine')),
        say: () => undefined,
        showProgress: () => undefined,
        signal: new AbortController().signal,
      });
      await expect(run).rejects.toThrow('no engine');
      expect(await batch.counts()).toMatchObject({ waiting: 1, running: 0 });
    });

    test('outputs that were lost are made again', async () => {
      for (const name of ['a', 'b']) write(name, { text: name });
      await add();
      const worker = startWorker();
      await until(async () => (await batch.counts()).done === 2);
      rmSync(path.join(out(), 'a.wav.json'));
      expect(await batch.forgetLost(out())).toBe(1);
      await add();
      await until(async () => (await batch.counts()).done === 2 && outputs().length === 2);
      expect(texts()).toEqual(['a', 'b']);
      expect(worker.count('begins')).toBe(3);
    });

    test('a server that crashes and comes back loses nothing', async () => {
      for (let index = 10; index < 22; index += 1)
        write(`f${index}`, { text: String(index), milliseconds: 200 });
      await add();
      const worker = startWorker({ concurrency: 2 });
      await until(() => worker.count('done') >= 2);
      await server.kill();
      await new Promise((resolve) => setTimeout(resolve, 1000));
      await server.start();
      await until(async () => (await isOver()) && outputs().length === 12);
      expect(texts()).toEqual(Array.from({ length: 12 }, (_, index) => String(index + 10)));
      expect((await batch.counts()).failed).toBe(0);
    });

    test('a server that is restarted in order costs no file, and none is done twice', async () => {
      // Longer than a restart takes.
      for (let index = 0; index < 4; index += 1)
        write(`f${index}`, { text: String(index), milliseconds: 700 });
      await add();
      const worker = startWorker({ concurrency: 2 });
      await until(() => worker.count('begins') === 2);
      await server.shutDown();
      await server.start();
      await until(async () => (await isOver()) && outputs().length === 4);
      expect(texts()).toEqual(['0', '1', '2', '3']);
      expect(worker.count('begins')).toBe(4);
      expect(await batch.status(out())).toMatchObject({ done: 4, failed: 0, failures: [] });
    });
  });
}
