/** Jobs: their life over HTTP, their folders, and what a restart makes of them. */
import { getEventListeners } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Draining } from '../src/http/draining.ts';
import { jobEvents } from '../src/http/jobs.ts';
import type { ShownJob } from '../src/http/job-runner.ts';
import { lockOwner } from '../src/http/folder-lock.ts';
import { makeBatchSpool, removeLeftSpools } from '../src/base/left-spools.ts';
import { errorOf, formOf, startFront } from './helpers/front-server.ts';
import { eventsOf } from './helpers/read-events.ts';
import { type Script, ScriptedPool } from './helpers/scripted-pool.ts';

const SLOW: Script = { words: ['A', 'B', 'C', 'D'], milliseconds: 20_000 };

const create = (
  url: string,
  script: Script,
  fields: Readonly<Record<string, string>> = {},
  key?: string,
): Promise<Response> =>
  fetch(`${url}/v1/jobs`, {
    method: 'POST',
    body: formOf(script, fields),
    headers: key === undefined ? {} : { 'idempotency-key': key },
  });

const jobsIn = (folder: string): readonly string[] =>
  readdirSync(folder).filter((name) => name !== 'server.lock');
const jobOf = async (response: Response): Promise<ShownJob> => (await response.json()) as ShownJob;
const look = async (url: string, id: string): Promise<ShownJob> => jobOf(await fetch(`${url}/v1/jobs/${id}`));

test('a job is accepted, runs, and has the answer that the request would have had', async () => {
  const { url, settings } = await startFront();
  const response = await create(url, { words: ['ONE', 'TWO'] }, { response_format: 'text', prompt: 'x' });
  expect(response.status).toBe(202);
  expect(response.headers.get('x-unispeech-ignored')).toBe('prompt');
  const job = await jobOf(response);
  expect(job).toMatchObject({
    object: 'job',
    error: null,
    created_at: expect.closeTo(Date.now() / 1000, -1) as number,
  });
  expect(job.id).toMatch(/^job_[0-9A-Za-z]{22}$/);
  expect(response.headers.get('location')).toBe(`/v1/jobs/${job.id}`);
  await expect.poll(() => look(url, job.id)).toMatchObject({ status: 'completed', progress: 1 });
  const result = await fetch(`${url}/v1/jobs/${job.id}/result`);
  expect(result.status).toBe(200);
  expect(result.headers.get('content-type')).toBe('text/plain; charset=utf-8');
  expect(result.headers.get('x-unispeech-ignored')).toBe('prompt');
  expect(await result.text()).toBe('ONE TWO\n');
  // The upload has gone; request and result stay.
  expect(readdirSync(path.join(settings.jobsFolder, job.id)).toSorted()).toEqual([
    'request.json',
    'result.json',
  ]);
});

test('a job that runs says how far it is, and its result is not there yet', async () => {
  const { url } = await startFront();
  const job = await jobOf(
    await create(url, { words: ['A', 'B', 'C', 'D'], milliseconds: 150, durationSeconds: 4 }),
  );
  await expect.poll(async () => (await look(url, job.id)).progress).toBeGreaterThan(0);
  const early = await fetch(`${url}/v1/jobs/${job.id}/result`);
  expect(early.status).toBe(202);
  expect(early.headers.get('retry-after')).toBe('2');
  const { data, names } = await eventsOf(await fetch(`${url}/v1/jobs/${job.id}/events`));
  expect(names.at(-1)).toBe('done');
  expect(new Set(names.slice(0, -1))).toEqual(new Set(['progress']));
  const progress = data.map((event) => Number(event.progress));
  expect(progress).toEqual(progress.toSorted((one, other) => one - other));
  expect(data.at(-1)).toMatchObject({ id: job.id, status: 'completed', progress: 1 });
  // Of a job that is done there is one event.
  const after = await eventsOf(await fetch(`${url}/v1/jobs/${job.id}/events`));
  expect(after.names).toEqual(['done']);
});

test('a job that fails has the error that the request would have had', async () => {
  const { url } = await startFront();
  const job = await jobOf(await create(url, { error: { code: 'bad-audio', message: 'No sound.' } }));
  await expect
    .poll(() => look(url, job.id))
    .toMatchObject({ status: 'failed', error: { code: 'bad_audio', message: 'No sound.' } });
  expect(await errorOf(await fetch(`${url}/v1/jobs/${job.id}/result`))).toMatchObject({
    status: 400,
    code: 'bad_audio',
    message: 'No sound.',
  });
});

test('a wrong request is refused at once, and leaves no folder', async () => {
  const { url, settings } = await startFront();
  expect(await errorOf(await create(url, {}, { model: 'other' }))).toMatchObject({
    status: 404,
    code: 'model_not_found',
  });
  expect(await errorOf(await create(url, {}, { stream: 'true' }))).toMatchObject({
    status: 400,
    code: 'unsupported_value',
    param: 'stream',
  });
  expect(jobsIn(settings.jobsFolder)).toEqual([]);
  for (const id of ['job_0000000000000000000000', '..%2F..%2Fetc', 'x'])
    for (const rest of ['', '/result', '/events'])
      expect((await errorOf(await fetch(`${url}/v1/jobs/${id}${rest}`))).code, id + rest).toBe('not_found');
});

test('a refused job gives the room of its upload back', async () => {
  const { url } = await startFront({ maxSpoolBytes: 2000 });
  for (let round = 0; round < 4; round++) {
    const padded = JSON.stringify({ words: ['A'] }).padEnd(800);
    const fields = round % 2 === 0 ? { model: 'other' } : { stream: 'true' };
    const refused = await fetch(`${url}/v1/jobs`, { method: 'POST', body: formOf(padded, fields) });
    expect((await errorOf(refused)).status).not.toBe(429);
  }
  expect((await create(url, { words: ['A'] })).status).toBe(202);
});

test('who watched a job is not heard any more when it is done', async () => {
  const draining = new Draining();
  const shown = { id: 'a', object: 'job', created_at: 0, progress: 0, error: null } as const;
  const listeners = new Set<(job: ShownJob) => void>();
  const jobs = {
    get: () => ({ ...shown, status: 'running' }) as const,
    listen(_id: string, listener: (job: ShownJob) => void) {
      listeners.add(listener);
      return { stop: () => listeners.delete(listener) };
    },
  };
  const record = { signal: new AbortController().signal };
  const watching = jobEvents({ jobs, draining, settings: { beatMilliseconds: 1000 } }, record, 'a');
  expect(getEventListeners(draining.begun, 'abort')).toHaveLength(1);
  for (const listener of listeners) listener({ ...shown, status: 'completed' });
  expect((await eventsOf(watching)).names).toEqual(['progress', 'done']);
  expect([listeners.size, getEventListeners(draining.begun, 'abort').length]).toEqual([0, 0]);
});

test('DELETE cancels a job that runs, and forgets one that is done', async () => {
  const { url, scripted, settings } = await startFront();
  const { id } = await jobOf(await create(url, SLOW));
  await expect.poll(() => scripted.running).toBe(1);
  const events = fetch(`${url}/v1/jobs/${id}/events`).then(eventsOf);
  await new Promise((resolve) => setTimeout(resolve, 50));
  const cancelled = await fetch(`${url}/v1/jobs/${id}`, { method: 'DELETE' });
  expect(await jobOf(cancelled)).toMatchObject({ id, status: 'cancelled' });
  await expect.poll(() => scripted.running).toBe(0);
  expect((await events).data.at(-1)).toMatchObject({ status: 'cancelled' });
  expect(await look(url, id)).toMatchObject({ status: 'cancelled' });
  expect(await errorOf(await fetch(`${url}/v1/jobs/${id}/result`))).toMatchObject({
    status: 404,
    code: 'not_found',
  });
  await fetch(`${url}/v1/jobs/${id}`, { method: 'DELETE' });
  expect((await fetch(`${url}/v1/jobs/${id}`)).status).toBe(404);
  await expect.poll(() => jobsIn(settings.jobsFolder)).toEqual([]);
});

test('requests with one key are one job, also at the same time, and after a failure the key is free', async () => {
  const { url, scripted } = await startFront();
  expect((await create(url, {}, { model: 'other' }, 'one')).status).toBe(404);
  const answers = await Promise.all([1, 2, 3].map(() => create(url, { words: ['A'] }, {}, 'one')));
  expect(answers.map(({ status }) => status)).toEqual([202, 202, 202]);
  const ids = new Set((await Promise.all(answers.map(jobOf))).map(({ id }) => id));
  expect(ids.size).toBe(1);
  const [id = ''] = ids;
  await expect.poll(async () => (await look(url, id)).status).toBe('completed');
  expect((await jobOf(await create(url, { words: ['B'] }, {}, 'one'))).id).toBe(id);
  expect((await jobOf(await create(url, { words: ['B'] }, {}, 'two'))).id).not.toBe(id);
  await expect.poll(() => scripted.jobs.length).toBe(2);
  await fetch(`${url}/v1/jobs/${id}`, { method: 'DELETE' });
  expect((await jobOf(await create(url, { words: ['B'] }, {}, 'one'))).id).not.toBe(id);
  expect(await errorOf(await create(url, {}, {}, 'k'.repeat(256)))).toMatchObject({
    status: 400,
    param: 'idempotency-key',
  });
});

test('jobs run some at a time, behind requests', async () => {
  const { url, scripted } = await startFront({ jobsAtOnce: 2 });
  for (let index = 0; index < 5; index++) await create(url, SLOW);
  await expect.poll(() => scripted.running).toBe(2);
  expect(scripted.jobs.map(({ priority, deadlineMilliseconds }) => [priority, deadlineMilliseconds])).toEqual(
    [
      ['low', 0],
      ['low', 0],
    ],
  );
});

test.each(['queue_full', 'model_loading', 'no_device', 'device-lost', 'draining', 'out_of_memory'])(
  'what passes delays a job and does not fail it: %s',
  async (code) => {
    const { url, scripted } = await startFront();
    const error = { code, message: 'Full.', retryAfterSeconds: 1 };
    const { id } = await jobOf(await create(url, { words: ['A'], error }));
    await expect.poll(() => scripted.jobs.length, { timeout: 5000 }).toBeGreaterThan(1);
    expect((await look(url, id)).status).toBe('running');
  },
);

test('a job does not try again for longer than it is kept', async () => {
  const { url } = await startFront({ jobTtlMilliseconds: 3000 });
  const error = { code: 'no_device', message: 'None.', retryAfterSeconds: 30 };
  const { id } = await jobOf(await create(url, { words: ['A'], error }));
  await expect
    .poll(() => look(url, id), { timeout: 2500 })
    .toMatchObject({ status: 'failed', error: { code: 'no_device' } });
});

test('a result that the disk does not take is an error, and is not waited for', async () => {
  const { url, settings } = await startFront();
  const { id } = await jobOf(await create(url, { words: ['A', 'B'], milliseconds: 100 }));
  // Nothing can take the place of a folder.
  mkdirSync(path.join(settings.jobsFolder, id, 'result.json', 'x'), { recursive: true });
  await expect.poll(() => look(url, id)).toMatchObject({ status: 'failed' });
  expect(await errorOf(await fetch(`${url}/v1/jobs/${id}/result`))).toMatchObject({
    status: 500,
    code: 'internal_error',
  });
  expect(readdirSync(path.join(settings.jobsFolder, id)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
});

test('a job that ran for longer than results are kept has its result', async () => {
  const { url } = await startFront({ jobTtlMilliseconds: 1500 });
  const { id } = await jobOf(await create(url, { words: ['A'], milliseconds: 1000 }));
  await expect.poll(async () => (await look(url, id)).status, { timeout: 5000 }).toBe('completed');
  const finished = performance.now();
  while (performance.now() - finished < 800) {
    expect((await fetch(`${url}/v1/jobs/${id}/result`)).status).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
});

test('no more jobs are kept than allowed, and old ones go by themselves', async () => {
  const { url, settings } = await startFront({ maxJobs: 2, jobTtlMilliseconds: 400 });
  await create(url, { words: ['A'] });
  await create(url, { words: ['A'] });
  expect(await errorOf(await create(url, { words: ['A'] }))).toMatchObject({
    status: 429,
    code: 'queue_full',
  });
  await expect.poll(() => jobsIn(settings.jobsFolder), { timeout: 3000 }).toEqual([]);
  expect((await create(url, { words: ['A'] })).status).toBe(202);
});

test('a restart goes on: what was done has its result, what was not begins again, and keys are known', async () => {
  const jobsFolder = mkdtempSync(path.join(os.tmpdir(), 'unispeech-jobs-'));
  onTestFinished(() => rmSync(jobsFolder, { recursive: true, force: true }));
  const first = await startFront({ jobsFolder, jobsAtOnce: 1 });
  const done = await jobOf(await create(first.url, { words: ['DONE'] }));
  await expect.poll(async () => (await look(first.url, done.id)).status).toBe('completed');
  const running = await jobOf(await create(first.url, { words: ['AGAIN'], milliseconds: 300 }, {}, 'kept'));
  const waiting = await jobOf(await create(first.url, { words: ['LATER'] }));
  await expect.poll(() => first.scripted.running).toBe(1);
  const stopping = performance.now();
  await first.stop(0);
  // A job that is stopped does not wait for another try.
  expect(performance.now() - stopping).toBeLessThan(3000);
  const second = await startFront({ jobsFolder });
  expect(await look(second.url, done.id)).toMatchObject({ status: 'completed', created_at: done.created_at });
  for (const [{ id }, text] of [
    [running, 'AGAIN'],
    [waiting, 'LATER'],
  ] as const) {
    await expect.poll(async () => (await look(second.url, id)).status).toBe('completed');
    expect(await (await fetch(`${second.url}/v1/jobs/${id}/result`)).json()).toMatchObject({ text });
  }
  expect((await jobOf(await create(second.url, {}, {}, 'kept'))).id).toBe(running.id);
});

test('a folder of jobs has one server: a second one touches nothing, and a dead one is followed', async () => {
  const first = await startFront();
  const { jobsFolder } = first.settings;
  const upload = path.join(jobsFolder, 'job_0000000000000000000000');
  mkdirSync(upload);
  await expect(startFront({ jobsFolder })).rejects.toThrow(/belongs to a server that runs, process \d+: /);
  expect(existsSync(upload)).toBe(true);
  await first.stop(0);
  expect(existsSync(path.join(jobsFolder, 'server.lock'))).toBe(false);
  // No process has this number; one of this number began at another time.
  for (const owner of ['4194305', `${process.ppid} 1`, `${process.pid} 1`, '']) {
    writeFileSync(path.join(jobsFolder, 'server.lock'), owner);
    const next = await startFront({ jobsFolder });
    await next.stop(0);
  }
  writeFileSync(path.join(jobsFolder, 'server.lock'), lockOwner(process.ppid));
  await expect(startFront({ jobsFolder })).rejects.toThrow(`process ${process.ppid}: `);
});

test('a server whose port is taken runs no jobs, and leaves nothing', async () => {
  const first = await startFront();
  const port = Number(new URL(first.url).port);
  const jobsFolder = mkdtempSync(path.join(os.tmpdir(), 'unispeech-jobs-'));
  onTestFinished(() => rmSync(jobsFolder, { recursive: true, force: true }));
  const earlier = await startFront({ jobsFolder, jobsAtOnce: 1 });
  await create(earlier.url, SLOW);
  await earlier.stop(0);
  const pool = new ScriptedPool();
  await expect(startFront({ jobsFolder, port }, { pool })).rejects.toThrow(
    `Port ${port} of 127.0.0.1 is taken`,
  );
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(pool.jobs).toEqual([]);
  expect(existsSync(path.join(jobsFolder, 'server.lock'))).toBe(false);
});

test('spools of dead servers and batches are removed, and no others', async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'unispeech-spools-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const host = os.hostname().replace(/[^\w-]/g, '_');
  // Process ids that no system has.
  const dead = [4_194_305, 4_194_306];
  const kept = [
    `unispeech-server-${host}-${process.ppid}`,
    `unispeech-batch-${host}-${process.ppid}-aB1_2c`,
    `unispeech-server-elsewhere-${dead[0]}`,
    `unispeech-server-${host}-x`,
    `unispeech-server-${host}-${dead[0]}-other`,
    `unispeech-batch-${host}-${dead[0]}-abcdefg`,
  ];
  const left = [
    `unispeech-server-${host}-${dead[0]}`,
    `unispeech-server-${host}-${dead[0]}-clips`,
    `unispeech-batch-${host}-${dead[0]}-aB1_2c`,
    // A process in a container has the id of the one before it.
    `unispeech-server-${host}-${process.pid}`,
    path.basename(await makeBatchSpool(folder)),
  ];
  for (const name of [...kept, ...left]) mkdirSync(path.join(folder, name, 'x'), { recursive: true });
  const link = `unispeech-server-${host}-${dead[1]}`;
  symlinkSync(path.join(folder, kept[0] ?? ''), path.join(folder, link));
  await removeLeftSpools(folder);
  expect(readdirSync(folder).toSorted()).toEqual([...kept, link].toSorted());
});
