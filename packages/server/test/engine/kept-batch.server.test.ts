/** The measured size of batches outlives the server: it is kept beside the engine's tuning, and measured again only where it may be another. */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { clipFolder, modelFolder } from '../../../../test/helpers/clips.ts';
import { keptBatch, type MeasuredModel } from '../../src/engine/child/kept-batch.ts';
import { createEnginePool } from '../../src/engine/create-pool.ts';
import type { EnginePool, EnginePoolOptions } from '../../src/engine/engine-pool.ts';
import { useEngineScripts } from '../helpers/engine-scripts.ts';

/** A store in memory, a model on it, and what is warned of. */
function makeModel(): {
  readonly texts: Map<string, string>;
  readonly warnings: string[];
  readonly model: MeasuredModel;
} {
  const texts = new Map<string, string>();
  const warnings: string[] = [];
  const store = {
    read: (name: string) => Promise.resolve(texts.get(name)),
    write(name: string, text: string) {
      texts.set(name, text);
      return Promise.resolve(`/cache/${name}`);
    },
  };
  const model = {
    options: { id: 'tiny', location: 'owner/tiny' },
    config: { hidden_size: 64 },
    adapter: 'GPU, driver 1',
    store,
    warn: (message: string) => void warnings.push(message),
  };
  return { texts, warnings, model };
}

/** What is used, and whether it was measured for that. */
async function ask(model: MeasuredModel, measured: number): Promise<readonly [size: number, count: number]> {
  let count = 0;
  const size = await keptBatch(model, () => {
    count += 1;
    return Promise.resolve(measured);
  });
  return [size, count];
}

test('a size is measured once', async () => {
  const { texts, warnings, model } = makeModel();
  expect(await ask(model, 4)).toEqual([4, 1]);
  expect(await ask(model, 8)).toEqual([4, 0]);
  // What clients call it is no matter.
  expect(await ask({ ...model, options: { ...model.options, id: 'whisper-1' } }, 8)).toEqual([4, 0]);
  expect(texts.size).toBe(1);
  expect(warnings).toEqual([]);
});

test.each([
  ['another driver', { adapter: 'GPU, driver 2' }],
  ['another model', { options: { id: 'tiny', location: 'owner/other' } }],
  ['another dtype', { options: { id: 'tiny', location: 'owner/tiny', dtype: 'q8' } }],
  ['a search', { options: { id: 'tiny', location: 'owner/tiny', decoder: { type: 'beam' } } }],
] as const)('%s has a size of its own', async (_, change) => {
  const { warnings, model } = makeModel();
  await ask(model, 4);
  expect(await ask({ ...model, ...change }, 2)).toEqual([2, 1]);
  expect(await ask({ ...model, ...change }, 8)).toEqual([2, 0]);
  expect(await ask(model, 8)).toEqual([4, 0]);
  expect(warnings).toEqual([]);
});

test('another model at the same place replaces the size of the first', async () => {
  const { texts, warnings, model } = makeModel();
  await ask(model, 4);
  const other = { ...model, config: { hidden_size: 1024 } };
  expect(await ask(other, 1)).toEqual([1, 1]);
  expect(await ask(other, 8)).toEqual([1, 0]);
  expect(texts.size).toBe(1);
  expect(warnings).toHaveLength(1);
});

test.each([
  ['cut', (text: string) => text.slice(0, -4)],
  ['empty', () => ''],
  ['null', () => 'null'],
  ['foreign', () => '{"sha256":"","body":{"choices":{}}}'],
  ['of another version', (text: string) => text.replace(/"version": "[^"]+"/, '"version": "0.0.9"')],
  ['measured by another rule', (text: string) => text.replace('1.1,', '1.2,')],
  ['too large', (text: string) => text.replace('"maxBatch": 4', '"maxBatch": 16')],
  ['no number', (text: string) => text.replace('"maxBatch": 4', '"maxBatch": "4"')],
])('a text that is %s is measured and written again, with a word', async (_, damage) => {
  const { texts, warnings, model } = makeModel();
  await ask(model, 4);
  const [[name, text] = ['', '']] = [...texts];
  texts.set(name, damage(text));
  expect(texts.get(name)).not.toBe(text);
  expect(await ask(model, 4)).toEqual([4, 1]);
  expect(texts.get(name)).toBe(text);
  expect(warnings).toEqual([
    `/cache/${name} was damaged or outdated: how many pieces share a batch was measured again.`,
  ]);
});

const scripts = useEngineScripts();
const pools: EnginePool[] = [];
afterAll(() => Promise.all(pools.map((pool) => pool.stop(0))));

/** Starts a pool of real engines, whose cache lies in `cache`. */
async function startPool(cache: string, options: Partial<EnginePoolOptions> = {}) {
  const { UNISPEECH_CACHE } = process.env;
  onTestFinished(() => void (process.env.UNISPEECH_CACHE = UNISPEECH_CACHE));
  process.env.UNISPEECH_CACHE = cache;
  const lines: string[] = [];
  const pieceCounts: number[] = [];
  const pool = createEnginePool({
    models: [{ id: 'tiny', location: modelFolder }],
    spoolFolder: path.join(scripts.folder(), 'spool'),
    childModule: scripts.of('engine-child'),
    onLog: (line) => lines.push(line),
    onEvent: (event) => void (event.type === 'batch' && pieceCounts.push(event.pieceCount)),
    ...options,
  });
  pools.push(pool);
  await pool.start();
  expect(pool.notReady).toBeUndefined();
  return { pool, lines, pieceCounts };
}

const batchFiles = (cache: string): string[] =>
  readdirSync(cache).filter((name) => name.startsWith('tuning-batch-'));

test('a server that is started again uses the size that the first has measured', async () => {
  const cache = path.join(scripts.folder(), 'cache');
  await (await startPool(cache)).pool.stop(0);
  const [name = '', ...others] = batchFiles(cache);
  expect(others).toEqual([]);
  const file = path.join(cache, name);
  // No measurement gives 3, as sizes double.
  writeFileSync(file, readFileSync(file, 'utf8').replace(/"maxBatch": \d/, '"maxBatch": 3'));
  const { ino, mtimeMs } = statSync(file);
  const { pool, lines, pieceCounts } = await startPool(cache);
  expect(statSync(file)).toMatchObject({ ino, mtimeMs });
  const clip = path.join(clipFolder, 'yes-five.flac');
  const jobs = Array.from({ length: 7 }, (_, index) => ({ id: `job-${index}`, modelId: 'tiny', file: clip }));
  await Promise.all(jobs.map((job) => pool.transcribe({ ...job, options: {} })));
  expect(Math.max(...pieceCounts)).toBe(3);
  expect(lines).toEqual([]);
});

test('a size that is set is neither measured nor kept', async () => {
  const cache = scripts.folder();
  const { lines } = await startPool(cache, { maxBatch: 2 });
  expect(batchFiles(cache)).toEqual([]);
  expect(lines).toEqual([]);
});

test('a cache that cannot be written is a warning, and the model is served', async () => {
  const folder = scripts.folder();
  writeFileSync(path.join(folder, 'file'), 'no folder');
  const cache = path.join(folder, 'file', 'cache');
  const { pool, lines } = await startPool(cache);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/"tiny" share a batch cannot be kept.*: ENOTDIR.* Set UNISPEECH_CACHE/);
  const job = { id: 'job', modelId: 'tiny', file: path.join(clipFolder, 'yes-five.flac'), options: {} };
  await expect(pool.transcribe(job)).resolves.toMatchObject({ text: 'YES FIVE' });
});
