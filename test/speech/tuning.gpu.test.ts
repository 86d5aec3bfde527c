/** Tuning for real: measured once, kept, read by the next load; and what happens when it cannot be finished. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { platform } from '#platform';
import { inputSamples } from '../../scripts/lib/random-weights.mjs';
import { GpuContext } from '../../src/gpu/context.ts';
import type { ModelOptions } from '../../src/speech/core/load-options.ts';
import { loadRunner, type RunnerLoadOptions } from '../../src/speech/core/load-runner.ts';
import type { ModelRunner } from '../../src/speech/core/runner.ts';
import { decodeTuning, encodeTuning } from '../../src/speech/core/tuning-file.ts';
import { tuningStoreIn } from '../../src/platform/node-tuning-store.ts';
import { UniSpeechForCTC } from '../helpers/checkpoints.ts';
import { goldensFolder, relativeError } from '../helpers/golden.ts';
import { countLiveBuffers } from '../helpers/gpu.ts';

const source = `${goldensFolder}tiny/layer-stable`;
const input_values = inputSamples(0, 9000);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'unispeech-tuning-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

interface WatchedDevice {
  readonly context: GpuContext;
  readonly compiledCount: () => number;
  readonly submitCount: () => number;
  readonly liveBuffers: () => number;
}

/** A device whose work is counted; `change` may make it look or behave like another one. */
async function openDevice(
  change: (device: GPUDevice) => void = () => undefined,
  wanted: readonly GPUFeatureName[] = ['subgroups', 'timestamp-query'],
): Promise<WatchedDevice> {
  const adapter = await (await platform.requestGpu()).requestAdapter();
  const features = wanted.filter((name) => adapter?.features.has(name));
  const device = await adapter?.requestDevice({ requiredFeatures: features });
  if (!device) throw new Error('no device');
  let compiled = 0;
  let submits = 0;
  change(device);
  const compile = device.createComputePipelineAsync.bind(device);
  device.createComputePipelineAsync = (descriptor) => {
    compiled++;
    return compile(descriptor);
  };
  const submit = device.queue.submit.bind(device.queue);
  device.queue.submit = (buffers) => {
    submits++;
    submit(buffers);
  };
  return {
    context: new GpuContext(device, false),
    compiledCount: () => compiled,
    submitCount: () => submits,
    liveBuffers: countLiveBuffers(device),
  };
}

/** Pretends to compute on a GPU, so that `'auto'` measures. */
function lookLikeGpu(device: GPUDevice): void {
  const adapterInfo = {
    vendor: 'acme',
    architecture: 'fast',
    device: '',
    description: 'Acme GPU',
    isFallbackAdapter: false,
    subgroupMinSize: device.adapterInfo.subgroupMinSize,
    subgroupMaxSize: device.adapterInfo.subgroupMaxSize,
  };
  Object.defineProperty(device, 'adapterInfo', { value: adapterInfo });
}

const load = ({ context }: WatchedDevice, options: RunnerLoadOptions): Promise<ModelRunner> =>
  loadRunner(platform.openModelFiles(source), [UniSpeechForCTC], () => Promise.resolve(context.retain()), {
    tuningStore: tuningStoreIn(() => folder),
    ...options,
  });

async function logitsOf(runner: ModelRunner) {
  const logits = (await runner.run({ input_values })).get('logits');
  if (!logits) throw new Error('no logits');
  return logits;
}

test('full: measured and kept; the next load reads it and measures nothing; the results agree', async () => {
  const device = await openDevice();
  const untuned = await load(device, { tune: 'off' });
  const expected = await logitsOf(untuned);
  expect(String(untuned.explain([1, 16_000]))).toContain(
    '\n0 matrix products in variants chosen by measurement',
  );
  expect(await readdir(folder)).toEqual([]);

  const events: (string | undefined)[] = [];
  const tuned = await load(device, {
    tune: 'full',
    progress_callback: (info) => info.status === 'progress_total' && events.push(info.stage),
  });
  expect(events.at(-1)).toBe('tune');
  const { trials, choices, keptAt } = tuned.tuning;
  expect(trials.length).toBeGreaterThan(3);
  for (const { sizeClass, milliseconds, chosen } of trials) {
    expect(choices[sizeClass]).toBe(chosen);
    expect(Object.keys(milliseconds).length).toBeGreaterThan(2);
    expect(Object.values(milliseconds).every((median) => median > 0)).toBe(true);
  }
  expect(relativeError(await logitsOf(tuned), expected)).toBeLessThan(1e-4);
  expect(tuned.explain([1, 16_000]).tunedProductCount).toBeGreaterThan(3);
  // Another model on the same device keeps to its own choices.
  expect(untuned.explain([1, 16_000]).tunedProductCount).toBe(0);

  const [file = ''] = await readdir(folder);
  expect(keptAt).toBe(path.join(folder, file));
  const text = await readFile(path.join(folder, file), 'utf8');
  expect(decodeTuning(device.context, text)).toEqual({ choices, attempts: {} });
  expect(device.liveBuffers()).toBeGreaterThan(0);
  await Promise.all([untuned.dispose(), tuned.dispose()]);
  expect(device.liveBuffers()).toBe(0);

  const fresh = await openDevice();
  const again = await load(fresh, {});
  expect(again.tuning).toMatchObject({ choices, trials: [] });
  const used = new Set(again.explain([1, 16_000]).steps.map(({ kernel }) => kernel));
  expect(fresh.compiledCount()).toBeLessThanOrEqual(used.size);
  expect((await logitsOf(again)).data).toEqual((await logitsOf(again)).data);
  await again.dispose();

  // A damaged file is as good as none, and is replaced.
  await writeFile(path.join(folder, file), text.replace('gemm_', 'gemm-'));
  const afterDamage = await load(fresh, {});
  expect(afterDamage.tuning.choices).toEqual({});
  await afterDamage.dispose();
  const replaced = await load(fresh, { tune: 'full' });
  await replaced.dispose();
  expect(decodeTuning(fresh.context, await readFile(path.join(folder, file), 'utf8'))).toBeDefined();
  expect(await readdir(folder)).toEqual([file]);
  // What a program measures itself is kept beside it.
  expect(await replaced.tuning.store?.write('mine', '')).toBe(path.join(folder, 'tuning-mine.json'));
});

test('auto adds nothing on a software adapter, nor where nothing can be kept', async () => {
  const asUsual = await openDevice();
  await (await load(asUsual, { tune: 'off' })).dispose();
  const software = await openDevice((device) =>
    Object.defineProperty(device, 'adapterInfo', {
      value: {
        description: 'llvmpipe',
        isFallbackAdapter: true,
        subgroupMinSize: device.adapterInfo.subgroupMinSize,
        subgroupMaxSize: device.adapterInfo.subgroupMaxSize,
      },
    }),
  );
  await (await load(software, { tune: 'auto' })).dispose();
  const homeless = await openDevice(lookLikeGpu);
  await (await load(homeless, { tune: 'auto', tuningStore: undefined })).dispose();
  for (const device of [software, homeless]) {
    expect(device.compiledCount()).toBe(asUsual.compiledCount());
    expect(device.submitCount()).toBe(asUsual.submitCount());
  }
  expect(await readdir(folder)).toEqual([]);
});

test('auto on a GPU keeps only what it measures in time, and the next load measures only what is left', async () => {
  const device = await openDevice(lookLikeGpu);
  const first = await load(device, { tune: 'auto' });
  expect((await logitsOf(first)).data.every(Number.isFinite)).toBe(true);
  const { choices, attempts, trials, keptAt } = first.tuning;
  expect(Object.keys(choices).sort()).toEqual(trials.map(({ sizeClass }) => sizeClass).sort());
  // How many are in time is the machine's business; where none is, that is noted.
  expect(Object.keys(attempts).length > 0).toBe(trials.length === 0);
  expect(keptAt).toContain(folder);
  await first.dispose();
  const second = await load(device, { tune: 'auto' });
  expect(second.tuning.choices).toMatchObject(choices);
  expect(second.tuning.trials.every(({ sizeClass }) => !(sizeClass in choices))).toBe(true);
  await second.dispose();
});

test('auto waits only briefly for a compiler, goes on with what is ready, and then compiles no more', async () => {
  const device = await openDevice(lookLikeGpu);
  await (await load(device, { tune: 'off' })).dispose();
  const { device: gpu } = device.context;
  const compile = gpu.createComputePipelineAsync.bind(gpu);
  let open = (): void => undefined;
  const gate = new Promise<void>((resolve) => (open = resolve));
  let asked = 0;
  gpu.createComputePipelineAsync = async (descriptor) => {
    asked++;
    await gate;
    return compile(descriptor);
  };
  const release = vi.spyOn(device.context, 'release');
  // Known kernels are cached, so only those that would be measured wait at the gate, which opens after the load.
  const runner = await load(device, { tune: 'auto' });
  expect((await logitsOf(runner)).data.every(Number.isFinite)).toBe(true);
  await runner.dispose();
  const askedInTime = asked;
  expect(askedInTime).toBeGreaterThan(0);
  expect(release).toHaveBeenCalledOnce();
  open();
  // By the model, and by what it left under way.
  await vi.waitFor(() => expect(release).toHaveBeenCalledTimes(2), 60_000);
  expect(asked).toBe(askedInTime);
});

test('auto where a dispatch takes long: no variant of it runs, none counts as measured, and no fourth try', async () => {
  let planCount = 0;
  const device = await openDevice((gpu) => {
    lookLikeGpu(gpu);
    const createBuffer = gpu.createBuffer.bind(gpu);
    gpu.createBuffer = (descriptor) => {
      if (descriptor.label === 'uniforms') planCount++;
      const buffer = createBuffer(descriptor);
      const map = buffer.mapAsync.bind(buffer);
      buffer.mapAsync = async (mode) => {
        // Twenty times that is more than the budget.
        await new Promise((resolve) => setTimeout(resolve, 50));
        return map(mode);
      };
      return buffer;
    };
  }, []);
  let classCount = 0;
  for (const tries of [1, 2, 3]) {
    planCount = 0;
    const runner = await load(device, { tune: 'auto' });
    const { trials, choices, attempts } = runner.tuning;
    expect([trials, choices]).toEqual([[], {}]);
    expect(new Set(Object.values(attempts))).toEqual(new Set([tries]));
    classCount = Object.keys(attempts).length;
    expect(planCount).toBeLessThanOrEqual(classCount);
    expect(runner.explain([1, 16_000]).tunedProductCount).toBe(0);
    await runner.dispose();
  }
  planCount = 0;
  const last = await load(device, { tune: 'auto' });
  expect(Object.values(last.tuning.attempts)).toEqual(Array(classCount).fill(3));
  expect(planCount).toBe(0);
  await last.dispose();
});

test('what another load keeps meanwhile is kept as well', async () => {
  const device = await openDevice(lookLikeGpu);
  const inFolder = tuningStoreIn(() => folder);
  const others = { choices: { 'f32 of another model': 'gemm_other' }, attempts: {} };
  let reads = 0;
  const tuningStore: typeof inFolder = {
    ...inFolder,
    read: async (name) => {
      if (reads++ > 0) await inFolder.write(name, encodeTuning(device.context, others));
      return inFolder.read(name);
    },
  };
  const runner = await load(device, { tune: 'auto', tuningStore });
  const { choices, attempts } = runner.tuning;
  expect(choices).toMatchObject(others.choices);
  const [file = ''] = await readdir(folder);
  const text = await readFile(path.join(folder, file), 'utf8');
  expect(decodeTuning(device.context, text)).toEqual({ choices, attempts });
  await runner.dispose();
});

test('an abort in the middle: the signal’s reason, no file, nothing left, and the engine works on', async () => {
  const stop = new AbortController();
  let planCount = 0;
  const device = await openDevice((gpu) => {
    const createBuffer = gpu.createBuffer.bind(gpu);
    gpu.createBuffer = (descriptor) => {
      if (descriptor.label === 'uniforms') planCount++;
      return createBuffer(descriptor);
    };
    const submit = gpu.queue.submit.bind(gpu.queue);
    gpu.queue.submit = (buffers) => {
      submit(buffers);
      // Only what is measured runs as a plan here.
      if (planCount === 5) stop.abort(new Error('enough'));
    };
  });
  await expect(load(device, { tune: 'full', signal: stop.signal })).rejects.toThrow('enough');
  expect(planCount).toBe(5);
  expect(await readdir(folder)).toEqual([]);
  expect(device.liveBuffers()).toBe(0);
  const runner = await load(device, { tune: 'off' });
  expect((await logitsOf(runner)).data.every(Number.isFinite)).toBe(true);
  await runner.dispose();
});

test('an unknown mode is an error', async () => {
  const options = { tune: 'fast' } as unknown as ModelOptions;
  await expect(UniSpeechForCTC.from_pretrained(source, options)).rejects.toMatchObject({
    code: 'bad-option',
    message: "tune is \"fast\", but it must be 'auto', 'full', 'off'.",
  });
});
