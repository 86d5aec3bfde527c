/** A made-up family with a made-up head on a GPU: the encoder's numbers are those of UniSpeech, the head's those of plain loops. */
import { afterAll, expect, test } from 'vitest';
import { inputSamples } from '../../scripts/lib/random-weights.mjs';
import { SeededRandom } from '../../src/base/seeded-random.ts';
import type { ModelInputs } from '../../src/speech/core/runner.ts';
import { loadRunner } from '../../src/speech/core/load-runner.ts';
import { Tensor } from '../../src/base/tensor.ts';
import { UniSpeechModel } from '../helpers/checkpoints.ts';
import { goldensFolder } from '../helpers/golden.ts';
import { openTestContext } from '../helpers/gpu.ts';
import { expectClose } from '../helpers/kernel-expect.ts';
import { ECHO_MODEL, echoFiles, SCORE_COUNT, SPEAKER_SIZE } from '../helpers/made-up-model.ts';
import { memoryFiles } from '../helpers/memory-files.ts';

const folder = `${goldensFolder}tiny/layer-stable`;
/** So small that a batch is run in parts. */
const context = await openTestContext({ maxStorageBufferBindingSize: 2 ** 19 });
afterAll(() => context.release());

test('scores of each clip, in a batch that is run in parts, and the hidden states of the encoder', async () => {
  const random = new SeededRandom(3);
  const weight = random.normals(SCORE_COUNT * SPEAKER_SIZE);
  const bias = random.normals(SCORE_COUNT);
  const files = memoryFiles(await echoFiles(folder, { weight, bias }));
  const runner = await loadRunner(files, [ECHO_MODEL], () => Promise.resolve(context.retain()));
  await using model = await UniSpeechModel.from_pretrained(folder);
  try {
    const [items, samples] = [5, 4000];
    const clips = Array.from({ length: items }, (_, item) => inputSamples(item, samples));
    const input_values = new Tensor('float32', Float32Array.from(clips.flatMap((clip) => [...clip])), [
      items,
      samples,
    ]);
    const speaker = Float32Array.from(random.normals(items * SPEAKER_SIZE));
    const inputs: ModelInputs & { readonly speaker: Float32Array; readonly favourite: number } = {
      input_values,
      speaker,
      favourite: 1,
    };
    const { scores, favourite_scores, last_hidden_state } = await runner.call(inputs);

    expect(scores.dims).toEqual([items, SCORE_COUNT]);
    const expected = Float64Array.from({ length: items * SCORE_COUNT }, (_, i) => {
      const [item, score] = [Math.floor(i / SCORE_COUNT), i % SCORE_COUNT];
      let sum = bias[score] ?? NaN;
      for (let c = 0; c < SPEAKER_SIZE; c++)
        sum += (speaker[item * SPEAKER_SIZE + c] ?? NaN) * (weight[score * SPEAKER_SIZE + c] ?? NaN);
      return sum;
    });
    expectClose(scores.data, expected, 'scores');
    expect(favourite_scores).toEqual(clips.map((_, item) => scores.data[item * SCORE_COUNT + 1]));
    const alone = await model({ input_values });
    expect(last_hidden_state.dims).toEqual(alone.last_hidden_state.dims);
    expect(last_hidden_state.data).toEqual(alone.last_hidden_state.data);

    await expect(runner.call({ input_values })).rejects.toThrow(
      'speaker is undefined, but it must be 30 float32',
    );
    await expect(runner.call({ ...inputs, favourite: 3 } as ModelInputs)).rejects.toThrow(
      'favourite is 3, but it must be the number of a score',
    );
    await expect(model(inputs)).rejects.toThrow('A model call has no option "speaker"');
  } finally {
    await runner.dispose();
  }
});
