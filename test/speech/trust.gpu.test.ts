/** Kernels that compute wrongly here, or do not compile, are found before they are used: the text stays right. */
import { describe, expect, test } from 'vitest';
import { platform } from '#platform';
import { inputSamples } from '../../scripts/lib/random-weights.mjs';
import type { ProgressInfo } from '../../src/base/files.ts';
import { GpuContext } from '../../src/gpu/context.ts';
import type { ModelOptions } from '../../src/speech/core/load-options.ts';
import { loadRunner } from '../../src/speech/core/load-runner.ts';
import { UniSpeechForCTC } from '../helpers/checkpoints.ts';
import { goldensFolder, relativeError } from '../helpers/golden.ts';
import { countLiveBuffers } from '../helpers/gpu.ts';
import { isSecondAdapter } from '../helpers/test-depth.ts';

const folder = `${goldensFolder}tiny/layer-stable`;
const input_values = inputSamples(0, 9000);

interface WatchedDevice {
  readonly device: GPUDevice;
  /** Labels of the shaders compiled so far. */
  readonly compiled: string[];
  readonly liveBuffers: () => number;
}

/** A device whose compiler is given `corrupt(label, code)` instead of the engine's shaders. */
async function openFaultyDevice(
  corrupt: (label: string, code: string) => string = (_, code) => code,
): Promise<WatchedDevice> {
  const adapter = await (await platform.requestGpu()).requestAdapter();
  const device = await adapter?.requestDevice({
    requiredFeatures: adapter.features.has('subgroups') ? ['subgroups'] : [],
  });
  if (!device) throw new Error('no device');
  const compiled: string[] = [];
  const createShaderModule = device.createShaderModule.bind(device);
  device.createShaderModule = ({ label = '', code }) => {
    compiled.push(label);
    return createShaderModule({ label, code: corrupt(label, code) });
  };
  return { device, compiled, liveBuffers: countLiveBuffers(device) };
}

/** Loads the model and runs it; returns its logits, its warnings and its trust report. */
async function transcribe(device: GPUDevice) {
  const warnings: { readonly code: string; readonly message: string }[] = [];
  const options: ModelOptions = {
    device,
    progress_callback: (info: ProgressInfo) => {
      if (info.status === 'warning') warnings.push({ code: info.code, message: info.message });
    },
  };
  await using model = await UniSpeechForCTC.from_pretrained(folder, options);
  const { logits } = await model({ input_values });
  return { logits, warnings, report: model.runner.context.trust.report };
}

/** Swaps what is added for what is subtracted, in the places where the families add up. */
const addWrongly = (code: string): string =>
  code.replaceAll('+= ', '-= ').replaceAll('fma(x.w, y.w,', 'fma(x.w, -y.w,');

/** What a device without faults gives. Loading compiles every kernel, which on one adapter takes seconds. */
let good: ReturnType<typeof transcribe> | undefined;
const transcribeOnGoodDevice = () =>
  (good ??= openFaultyDevice().then(async ({ device }) => {
    const result = await transcribe(device);
    device.destroy();
    return result;
  }));

/** The first variant that this adapter would use, by the start of its name. */
async function usedKernel(start: string): Promise<string> {
  const { report } = await transcribeOnGoodDevice();
  const found = report.find(({ kernel }) => kernel.startsWith(start));
  if (!found) throw new Error(`no ${start} kernel`);
  return found.kernel;
}

test('a good device passes, each kernel is compiled once, and a second model tests nothing again', async () => {
  const { device, compiled } = await openFaultyDevice();
  const context = new GpuContext(device, false);
  let submits = 0;
  const submit = device.queue.submit.bind(device.queue);
  device.queue.submit = (buffers) => {
    submits += [...buffers].length;
    submit(buffers);
  };
  const load = () =>
    loadRunner(platform.openModelFiles(folder), [UniSpeechForCTC], () => Promise.resolve(context.retain()));
  const first = await load();
  const { report } = context.trust;
  expect(report.length).toBeGreaterThan(4);
  expect(report.every(({ passed }) => passed)).toBe(true);
  expect([...compiled].sort()).toEqual(report.map(({ kernel }) => kernel).sort());
  expect(submits).toBe(2 * report.length);
  const second = await load();
  expect(submits).toBe(2 * report.length);
  await Promise.all([first.dispose(), second.dispose()]);
  device.destroy();
});

// Replacing a kernel compiles others, which takes most of the time on the second adapter.
describe.each(isSecondAdapter ? ['gemm_'] : ['gemm_', 'attention_'])('a corrupted %s kernel', (start) => {
  test.each([
    ['that computes wrongly', addWrongly, /computes wrongly on this adapter/],
    [
      'that does not compile',
      () => 'fn main() { this is no WGSL }',
      /did not compile on this adapter at line 1/,
    ],
  ] as const)('%s is replaced, with one warning, and the logits are right', async (_, corrupt, message) => {
    const expected = await transcribeOnGoodDevice();
    const bad = await usedKernel(start);
    const { device, liveBuffers } = await openFaultyDevice((label, code) =>
      label === bad ? corrupt(code) : code,
    );
    const { logits, warnings, report } = await transcribe(device);
    expect(relativeError(logits, expected.logits)).toBeLessThan(1e-5);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatchObject({
      code: 'kernel-dropped',
      message: expect.stringMatching(message) as string,
    });
    const verdict = report.find(({ kernel }) => kernel === bad);
    expect(verdict).toMatchObject({ passed: false, fault: expect.stringMatching(message) as string });
    expect(report.find(({ kernel }) => kernel === verdict?.replacedBy)).toMatchObject({ passed: true });
    expect(liveBuffers()).toBe(0);
    device.destroy();
  });
});

test('all variants of a kernel wrong: one clear error', async () => {
  const { device, liveBuffers } = await openFaultyDevice((label, code) =>
    label.startsWith('attention_') ? addWrongly(code) : code,
  );
  await expect(transcribe(device)).rejects.toMatchObject({
    code: 'shader-failed',
    message: expect.stringMatching(/attention_\w+ computes wrongly/) as string,
  });
  expect(liveBuffers()).toBe(0);
  device.destroy();
});

test('a wrong kernel without a twin is a clear error, nothing is left behind, and the device works on', async () => {
  let isFaulty = true;
  const { device, liveBuffers } = await openFaultyDevice((label, code) =>
    isFaulty && label.startsWith('layer_norm') ? addWrongly(code) : code,
  );
  await expect(transcribe(device)).rejects.toMatchObject({
    code: 'shader-failed',
    message: expect.stringMatching(/The kernel layer_norm_\w+ computes wrongly on this adapter/) as string,
    fix: expect.stringContaining('driver') as string,
  });
  expect(liveBuffers()).toBe(0);
  device.destroy();
  isFaulty = false;
  expect((await transcribe((await openFaultyDevice()).device)).logits.data.every(Number.isFinite)).toBe(true);
});

test('a kernel that only a later call needs is checked then', async () => {
  const { device } = await openFaultyDevice((label, code) =>
    label === 'mask_frames' ? code.replaceAll('out[', 'out[0u * ') : code,
  );
  await using model = await UniSpeechForCTC.from_pretrained(folder, { device });
  const clips = [inputSamples(0, 5000), inputSamples(1, 4000)];
  await expect(model({ input_values: clips })).rejects.toMatchObject({
    code: 'shader-failed',
    message: expect.stringContaining('mask_frames') as string,
  });
  expect((await model({ input_values })).logits.data.every(Number.isFinite)).toBe(true);
});
