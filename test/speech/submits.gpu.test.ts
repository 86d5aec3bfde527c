/** Long runs in bounded submits: the same bits, few of them in flight, and an abort that ends a run early. */
import { expect, test } from 'vitest';
import { modelFolder } from '../helpers/clips.ts';
import { inputSamples } from '../../scripts/lib/random-weights.mjs';
import { loadLimited, UniSpeechModel } from '../helpers/checkpoints.ts';
import { goldensFolder } from '../helpers/golden.ts';

const folder = `${goldensFolder}tiny/layer-stable`;
const input_values = inputSamples(0, 20_000);
/** A submit a step, nearly. */
const submitBudget = 1e6;

/** Counts submits that carry commands, and the most that were unfinished at once. */
function countSubmits({ queue }: GPUDevice): { submits: number; inFlight: number; mostInFlight: number } {
  const counts = { submits: 0, inFlight: 0, mostInFlight: 0 };
  const submit = queue.submit.bind(queue);
  queue.submit = (buffers) => {
    submit(buffers);
    counts.submits++;
    counts.mostInFlight = Math.max(counts.mostInFlight, ++counts.inFlight);
    void queue.onSubmittedWorkDone().then(() => counts.inFlight--);
  };
  return counts;
}

test.each([false, true])(
  'a run in many submits gives the same bits as one in one (timing %s)',
  async (timing) => {
    await using whole = await UniSpeechModel.from_pretrained(folder);
    await using cut = await loadLimited(folder, { submitBudget });
    for (const { runner } of [whole, cut]) runner.timing = timing;
    const wholeCounts = countSubmits(whole.runner.context.device);
    const cutCounts = countSubmits(cut.runner.context.device);
    const expected = await whole({ input_values });
    const actual = await cut({ input_values });
    expect(actual.last_hidden_state.data).toEqual(expected.last_hidden_state.data);
    expect(wholeCounts.submits).toBe(1);
    expect(cutCounts.submits).toBeGreaterThan(5);
    // The one that is counted as finished a moment later, by a promise made after the engine's.
    expect(cutCounts.mostInFlight).toBeLessThanOrEqual(3);
    expect(cut.runner.lastReport?.steps).toHaveLength(timing ? cut.explain([1, 20_000]).dispatchCount : 0);
  },
);

test('an abort between two submits ends the run, and the model works on', async () => {
  await using model = await loadLimited(folder, { submitBudget });
  const counts = countSubmits(model.runner.context.device);
  const expected = await model({ input_values });
  const submitsOfOneRun = counts.submits;
  counts.submits = 0;
  const controller = new AbortController();
  const { queue } = model.runner.context.device;
  const submit = queue.submit.bind(queue);
  queue.submit = (buffers) => {
    submit(buffers);
    if (counts.submits === 3) controller.abort(new Error('enough'));
  };
  await expect(model({ input_values, signal: controller.signal })).rejects.toThrow('enough');
  queue.submit = submit;
  expect(counts.submits).toBe(3);
  expect(submitsOfOneRun).toBeGreaterThan(5);
  const again = await model({ input_values });
  expect(again.last_hidden_state.data).toEqual(expected.last_hidden_state.data);
});

test('a device that turns out slow in the middle of a run gets shorter submits at once', async () => {
  await using model = await loadLimited(modelFolder, {});
  const samples = inputSamples(0, 160_000);
  const { runner } = model;
  const counts = countSubmits(runner.context.device);
  const expected = await model({ input_values: samples });
  const { queue } = runner.context.device;
  const submit = queue.submit.bind(queue);
  const { pace } = runner.context;
  const learn = pace.learn.bind(pace);
  // As if it knew nothing of the device yet, and the first submit took an hour.
  pace.learn = () => undefined;
  learn(2e9, 1000);
  learn(2e9, 150);
  expect(pace.budget).toBeCloseTo(2e9);
  counts.submits = 0;
  let submitsBefore = 0;
  queue.submit = (buffers) => {
    submit(buffers);
    if (submitsBefore++ === 0) learn(1, 1e6);
  };
  const actual = await model({ input_values: samples });
  expect(pace.budget).toBe(1e8);
  expect(counts.submits).toBeGreaterThan(4);
  expect(actual.last_hidden_state.data).toEqual(expected.last_hidden_state.data);
});
