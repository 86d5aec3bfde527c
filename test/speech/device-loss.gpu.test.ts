/** A lost device is replaced, and the calls that it failed are made again; where that cannot be, one clear error. */
import { expect, test } from 'vitest';
import { platform } from '#platform';
import { inputSamples } from '../../scripts/lib/random-weights.mjs';
import type { ProgressInfo } from '../../src/base/files.ts';
import { openContext, type GpuContext } from '../../src/gpu/context.ts';
import { loadRunner } from '../../src/speech/core/load-runner.ts';
import { UniSpeechForCTC, UniSpeechModel } from '../helpers/checkpoints.ts';
import { goldensFolder } from '../helpers/golden.ts';

const folder = `${goldensFolder}tiny/layer-stable`;
const input_values = inputSamples(0, 20_000);

/** A model whose devices the test sees: `contexts` grows with every one that is opened. */
async function loadWatched(onOpen: (context: GpuContext, index: number) => void = () => undefined) {
  const contexts: GpuContext[] = [];
  const warnings: string[] = [];
  const runner = await loadRunner(
    platform.openModelFiles(folder),
    [UniSpeechModel],
    async () => {
      const context = (await openContext(platform)).retain();
      contexts.push(context);
      onOpen(context, contexts.length);
      return context;
    },
    {
      progress_callback: (info: ProgressInfo) => {
        if (info.status === 'warning') warnings.push(info.code);
      },
    },
  );
  return { model: new UniSpeechModel(runner), contexts, warnings };
}

/** Destroys the device when a run has submitted its work, so that the loss falls into the middle of the run. */
function destroyOnSubmit({ device }: GpuContext): void {
  const submit = device.queue.submit.bind(device.queue);
  device.queue.submit = (buffers) => {
    submit(buffers);
    if ([...buffers].length > 0) device.destroy();
  };
}

const isLost = async ({ device }: GpuContext): Promise<boolean> =>
  Promise.race([device.lost.then(() => true), device.queue.onSubmittedWorkDone().then(() => false)]);

test('calls in the middle of which the device is lost share one rebuild and give the same bits', async () => {
  const { model, contexts, warnings } = await loadWatched();
  const expected = (await model({ input_values })).last_hidden_state;
  for (const context of contexts) destroyOnSubmit(context);
  const calls = [input_values, inputSamples(1, 9000), input_values];
  const [first, , third] = await Promise.all(calls.map((clip) => model({ input_values: clip })));
  expect(first?.last_hidden_state).toEqual(expected);
  expect(third?.last_hidden_state).toEqual(expected);
  expect(contexts).toHaveLength(2);
  expect(warnings).toEqual(['device-rebuilt']);
  // And once more, between two calls.
  contexts[1]?.device.destroy();
  expect((await model({ input_values })).last_hidden_state).toEqual(expected);
  expect(contexts).toHaveLength(3);
  await model.dispose();
  expect(await Promise.all(contexts.map(isLost))).toEqual([true, true, true]);
});

test('models on the shared device come back together', async () => {
  const warnings: string[] = [];
  const options = {
    progress_callback: (info: ProgressInfo) => {
      if (info.status === 'warning') warnings.push(info.code);
    },
  };
  await using ctc = await UniSpeechForCTC.from_pretrained(folder, options);
  await using base = await UniSpeechModel.from_pretrained(folder, options);
  const expected = [(await ctc({ input_values })).logits, (await base({ input_values })).last_hidden_state];
  ctc.runner.context.device.destroy();
  const [{ logits }, { last_hidden_state }] = await Promise.all([
    ctc({ input_values }),
    base({ input_values }),
  ]);
  expect([logits, last_hidden_state]).toEqual(expected);
  expect(base.runner.context).toBe(ctc.runner.context);
  expect(warnings).toEqual(['device-rebuilt', 'device-rebuilt']);
});

test('a second loss during the retry is an error, and the next call works', async () => {
  const { model, contexts } = await loadWatched((context, index) => {
    if (index === 2) destroyOnSubmit(context);
  });
  contexts[0]?.device.destroy();
  await expect(model({ input_values })).rejects.toMatchObject({ code: 'device-lost' });
  expect((await model({ input_values })).last_hidden_state.data.every(Number.isFinite)).toBe(true);
  expect(contexts).toHaveLength(3);
  await model.dispose();
});

test('a rebuild that fails says why, and the next call tries again', async () => {
  const { model, contexts } = await loadWatched((_, index) => {
    if (index === 2) throw new Error('no such luck');
  });
  contexts[0]?.device.destroy();
  await expect(model({ input_values })).rejects.toMatchObject({
    code: 'device-lost',
    message: expect.stringMatching(/loading the model onto a new one failed: no such luck/) as string,
  });
  expect((await model({ input_values })).last_hidden_state.data.every(Number.isFinite)).toBe(true);
  await model.dispose();
});

test('one call may be aborted during a rebuild, the others go on', async () => {
  const controller = new AbortController();
  const { model, contexts } = await loadWatched((_, index) => {
    if (index === 2) controller.abort(new Error('enough'));
  });
  contexts[0]?.device.destroy();
  const aborted = expect(model({ input_values, signal: controller.signal })).rejects.toThrow('enough');
  const { last_hidden_state } = await model({ input_values });
  await aborted;
  expect(last_hidden_state.data.every(Number.isFinite)).toBe(true);
  await model.dispose();
});

test('a model that is disposed during a rebuild leaves nothing behind', async () => {
  const disposals: Promise<void>[] = [];
  const { model, contexts, warnings } = await loadWatched((_, index) => {
    if (index === 2) disposals.push(model.dispose());
  });
  contexts[0]?.device.destroy();
  await expect(model({ input_values })).rejects.toMatchObject({ code: 'disposed' });
  expect(disposals).toHaveLength(1);
  await Promise.all(disposals);
  expect(await Promise.all(contexts.map(isLost))).toEqual([true, true]);
  expect(warnings).toEqual([]);
});

test("a lost device of the caller's is a clear error", async () => {
  const adapter = await (await platform.requestGpu()).requestAdapter();
  const device = await adapter?.requestDevice();
  if (!device) throw new Error('no device');
  await using model = await UniSpeechModel.from_pretrained(folder, { device });
  device.destroy();
  await expect(model({ input_values })).rejects.toMatchObject({
    code: 'device-lost',
    fix: expect.stringContaining('with a new device') as string,
  });
});
