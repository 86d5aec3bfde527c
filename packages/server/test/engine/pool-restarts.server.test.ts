/** The pool while engine processes start, rest and fail: what waits goes on waiting, and nothing waits for ever. The engines follow scripts. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { createEnginePool } from '../../src/engine/create-pool.ts';
import type { EnginePool, EnginePoolOptions } from '../../src/engine/engine-pool.ts';
import { useEngineScripts } from '../helpers/engine-scripts.ts';
import type { ScriptedEngine } from '../helpers/scripted-engine.ts';
import { writeWav } from '../helpers/wav-file.ts';

const scripts = useEngineScripts();
const pools: EnginePool[] = [];
afterEach(() => Promise.all(pools.splice(0).map((pool) => pool.stop(0))));

function makePool(script: Omit<ScriptedEngine, 'startsFile'>, options: Partial<EnginePoolOptions> = {}) {
  const folder = scripts.folder();
  const startsFile = path.join(folder, 'starts');
  process.env.UNISPEECH_TEST_SCRIPT = JSON.stringify({ ...script, startsFile });
  const lines: string[] = [];
  const pool = createEnginePool({
    onLog: (line) => lines.push(line),
    models: [{ id: 'first', location: 'nowhere' }],
    spoolFolder: path.join(folder, 'spool'),
    childModule: scripts.of('scripted'),
    restartMilliseconds: 100,
    stopMilliseconds: 200,
    ...options,
  });
  pools.push(pool);
  const file = writeWav(folder, 'clip.wav', new Float32Array(16_000).fill(0.1));
  const job = { id: 'job', modelId: 'first', file, options: {} };
  const startCount = (): number => (existsSync(startsFile) ? statSync(startsFile).size : 0);
  const toldBatches = (): string => readFileSync(`${startsFile}-batches`, 'utf8');
  return { pool, job, lines, startCount, toldBatches };
}

const until = (isTrue: () => boolean): Promise<void> =>
  expect.poll(isTrue, { timeout: 20_000, interval: 5 }).toBe(true);

test('an engine does not rest while it loads a model, and the next one need not measure its batches', async () => {
  const { pool, job, startCount, toldBatches } = makePool(
    { loadMilliseconds: [0, 700] },
    {
      models: ['first', 'second'].map((id) => ({ id, location: 'nowhere' })),
      keepAliveMilliseconds: 100,
    },
  );
  const starting = pool.start();
  await until(() => pool.models.every(({ status }) => status === 'loaded'));
  await starting;
  // It rests when all are loaded, and the next clip starts it again.
  await until(() => pool.stats().devices[0]?.processId === undefined);
  expect(pool.stats().devices[0]).toMatchObject({ state: 'idle', restarts: 0 });
  expect(startCount()).toBe(1);
  await expect(pool.transcribe(job)).resolves.toMatchObject({ text: 'served' });
  expect(startCount()).toBe(2);
  expect(toldBatches()).toBe('undefined undefined 8 8 ');
});

test('a deadline is for what waits: an alignment that runs may take longer', async () => {
  const { pool, job } = makePool({ answerMilliseconds: 1500 });
  await pool.start();
  const aligned = pool.align({ ...job, text: 'one', deadlineMilliseconds: 600 });
  await expect(aligned).resolves.toMatchObject({ text: 'one' });
});

test('a clip that waits for an engine longer than its deadline is told', async () => {
  const { pool, job } = makePool({ loadMilliseconds: [20_000] });
  const starting = pool.start();
  await expect(pool.transcribe({ ...job, deadlineMilliseconds: 300 })).rejects.toMatchObject({
    code: 'deadline_exceeded',
    message: expect.stringContaining('waited 0.3 s') as unknown,
  });
  await pool.stop(0);
  await starting;
});

test.each(['exit', 'no-device'] as const)(
  'two starts that fail (%s) cost nothing that waits',
  async (failure) => {
    const { pool, job, startCount } = makePool({ failedStarts: [failure, failure], loadMilliseconds: [300] });
    const starting = pool.start();
    await until(() => startCount() === 1);
    const waiting = pool.transcribe(job);
    await until(() => pool.stats().devices[0]?.restarts === 1);
    // It would wait for who knows how long, so the client is asked to come again.
    await expect(pool.transcribe(job)).rejects.toMatchObject({ code: 'model_loading', retryAfterSeconds: 5 });
    await expect(waiting).resolves.toMatchObject({ text: 'served' });
    await starting;
    expect(startCount()).toBe(3);
    expect(pool.notReady).toBeUndefined();
    await expect(pool.transcribe(job)).resolves.toMatchObject({ text: 'served' });
  },
);

test('the fifth start that fails is the last for now: what waits is told', async () => {
  const { pool, job, startCount } = makePool({ failedStarts: Array<'no-device'>(9).fill('no-device') });
  const starting = pool.start();
  const waiting = pool.transcribe(job);
  await expect(waiting).rejects.toMatchObject({ code: 'no_device', retryAfterSeconds: 30 });
  await starting;
  expect(startCount()).toBe(5);
  expect(pool.notReady).toBe('The adapter is away.');
  await expect(pool.transcribe(job)).rejects.toMatchObject({ code: 'no_device', retryAfterSeconds: 30 });
});

/** A batch of so little sound should take 30 ms at the speed of a scripted engine. */
const SHORT_SILENCE = { silenceMilliseconds: 400, maxBatchSeconds: 3 };

test('an engine that says nothing any more is ended, and its clip is served by the next', async () => {
  const { pool, job, lines, startCount } = makePool({ hangingStarts: 1 }, SHORT_SILENCE);
  await pool.start();
  const clips = [pool.transcribe(job), pool.align({ ...job, text: 'one' })];
  await expect(Promise.all(clips)).resolves.toMatchObject([{ text: 'served' }, { text: 'one' }]);
  expect(startCount()).toBe(2);
  expect(lines.join()).toMatch(/died \(it said nothing for 0\.4 s\) with 2 clips/);
  // One that has nothing to do may be silent.
  await new Promise((resolve) => setTimeout(resolve, 600));
  await expect(pool.transcribe(job)).resolves.toMatchObject({ text: 'served' });
  expect(startCount()).toBe(2);
});

test('a clip that makes every engine hang is refused', async () => {
  const { pool, job, startCount } = makePool({ hangingStarts: 9 }, SHORT_SILENCE);
  await pool.start();
  await expect(pool.transcribe(job)).rejects.toMatchObject({
    code: 'engine_crashed',
    message: expect.stringContaining('it said nothing for') as unknown,
  });
  expect(startCount()).toBe(2);
});

test('a clip that finds no memory is worth one more try, and no third', async () => {
  const { pool, job } = makePool({ shortages: 3 });
  await pool.start();
  const other = { ...job, file: writeWav(scripts.folder(), 'other.wav', new Float32Array(17_000)) };
  await expect(pool.transcribe(job)).rejects.toMatchObject({
    code: 'out_of_memory',
    retryAfterSeconds: 10,
    message: 'No room. Try again in 10 s.',
  });
  await expect(pool.transcribe(other)).rejects.toMatchObject({ code: 'out_of_memory' });
  await expect(pool.transcribe(job)).rejects.toMatchObject({ code: 'too_little_memory' });
  await expect(pool.transcribe(job)).resolves.toMatchObject({ text: 'served' });
});
