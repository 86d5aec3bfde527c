/** Two runs at once: the second one is submitted before the first one was read, and neither changes the other, nor what comes after. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inputSamples } from '../../scripts/lib/random-weights.mjs';
import { loadLimited, UniSpeechModel } from '../helpers/checkpoints.ts';
import { goldensFolder } from '../helpers/golden.ts';

const folder = `${goldensFolder}tiny/layer-stable`;
const inputs = [20_000, 14_000, 20_000, 9000, 20_000].map((length, item) => inputSamples(item, length));
let model: UniSpeechModel;
/** One after another. */
let expected: Float32Array[];

const statesOf = async (input_values: Float32Array, signal?: AbortSignal): Promise<Float32Array> =>
  (await model({ input_values, ...(signal && { signal }) })).last_hidden_state.data;

beforeAll(async () => {
  // One submit a run, however slow the device is.
  model = await loadLimited(folder, { submitBudget: 1e12 });
  expected = [];
  for (const samples of inputs) expected.push(await statesOf(samples));
});
afterAll(() => model.dispose());

/** What the engine asks the device for, in order, while `work` runs; `read` is the end of a readback. */
async function eventsOf({ runner }: UniSpeechModel, work: () => Promise<unknown>): Promise<string[]> {
  const events: string[] = [];
  const { device } = runner.context;
  const { queue } = device;
  const createBuffer = device.createBuffer.bind(device);
  const submit = queue.submit.bind(queue);
  queue.submit = (commands) => {
    events.push('submit');
    submit(commands);
  };
  device.createBuffer = (descriptor) => {
    const buffer = createBuffer(descriptor);
    if (descriptor.label !== 'readback') return buffer;
    events.push('new buffer');
    const unmap = buffer.unmap.bind(buffer);
    buffer.unmap = () => {
      events.push('read');
      unmap();
    };
    const destroy = buffer.destroy.bind(buffer);
    buffer.destroy = () => {
      events.push('destroy');
      destroy();
    };
    return buffer;
  };
  try {
    await work();
  } finally {
    queue.submit = submit;
    device.createBuffer = createBuffer;
  }
  return events;
}

test('the second run is submitted before the first one is read, and no third one', async () => {
  // Of a shape that was not run before.
  const samples = inputSamples(5, 21_000);
  const results: Float32Array[] = [];
  const events = await eventsOf(model, async () => {
    results.push(...(await Promise.all(Array.from({ length: 4 }, () => statesOf(samples)))));
  });
  expect(events.join(', ')).toBe(
    'new buffer, submit, new buffer, submit, read, submit, read, submit, read, read',
  );
  expect(results[0]).toEqual(await statesOf(samples));
  for (const result of results) expect(result).toEqual(results[0]);
});

test('runs of several shapes at once give the bits of runs one after another', async () => {
  expect(await Promise.all(inputs.map((samples) => statesOf(samples)))).toEqual(expected);
});

test('a run that is aborted leaves those beside it as they are', async () => {
  const controller = new AbortController();
  const runs = inputs.map((samples, index) => statesOf(samples, index % 2 ? controller.signal : undefined));
  controller.abort(new Error('enough'));
  const results = await Promise.allSettled(runs);
  results.forEach((result, index) => {
    if (index % 2) expect(result).toMatchObject({ status: 'rejected', reason: { message: 'enough' } });
    else expect(result).toEqual({ status: 'fulfilled', value: expected[index] });
  });
});

test('without memory for a second staging buffer runs take turns', async () => {
  const fresh = inputSamples(7, 17_000);
  const { device } = model.runner.context;
  const createBuffer = device.createBuffer.bind(device);
  let count = 0;
  device.createBuffer = (descriptor) =>
    createBuffer(
      descriptor.label === 'readback' && ++count > 1 ? { ...descriptor, size: 2 ** 50 } : descriptor,
    );
  const [first, second, third] = await Promise.all([fresh, fresh, fresh].map((each) => statesOf(each)));
  device.createBuffer = createBuffer;
  expect(count).toBeGreaterThan(1);
  expect(second).toEqual(first);
  expect(third).toEqual(first);
});

test('plans that are dropped while they run are read all the same, and their buffers go', async () => {
  // More shapes than the session keeps bound.
  const shapes = Array.from({ length: 12 }, (_, index) => inputSamples(index, 4000 + 320 * index));
  const other = await loadLimited(folder, {});
  const together: Float32Array[] = [];
  const events = await eventsOf(other, async () => {
    const outputs = await Promise.all(shapes.map((input_values) => other({ input_values })));
    together.push(...outputs.map(({ last_hidden_state }) => last_hidden_state.data));
    await other.dispose();
  });
  for (const [index, samples] of shapes.entries()) expect(together[index]).toEqual(await statesOf(samples));
  const countOf = (name: string) => events.filter((event) => event === name).length;
  expect(countOf('read')).toBe(12);
  expect(countOf('destroy')).toBe(countOf('new buffer'));
});

test('disposal waits for both runs', async () => {
  const other = await loadLimited(folder, {});
  const samples = inputs.slice(0, 2);
  const runs = samples.map((input_values) => other({ input_values }));
  await Promise.resolve();
  const ends: string[] = [];
  for (const run of runs) void run.finally(() => ends.push('run'));
  // Both are on their way by now.
  await new Promise((resolve) => setTimeout(resolve, 0));
  await other.dispose();
  ends.push('disposal');
  const results = await Promise.allSettled(runs);
  expect(ends.at(-1)).toBe('disposal');
  results.forEach((result, index) => {
    if (result.status === 'fulfilled') expect(result.value.last_hidden_state.data).toEqual(expected[index]);
    else expect(result.reason).toMatchObject({ code: 'disposed' });
  });
});
