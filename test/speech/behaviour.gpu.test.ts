/** What a model promises besides its numbers: the same bits again, steady memory, limits, batches, clean failures. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { platform } from '#platform';
import { inputSamples } from '../../scripts/lib/random-weights.mjs';
import { UniSpeechError } from '../../src/base/errors.ts';
import { Tensor } from '../../src/base/tensor.ts';
import {
  CONFIGS,
  loadLimited,
  UniSpeechForCTC,
  UniSpeechModel,
  withCheckpoint,
} from '../helpers/checkpoints.ts';
import { collectGarbage } from '../helpers/garbage.ts';
import { goldensFolder, relativeError } from '../helpers/golden.ts';
import { shareTestContext } from '../helpers/gpu.ts';

const groupNorm = `${goldensFolder}tiny/group-postnorm`;
const layerNorm = `${goldensFolder}tiny/layer-stable`;

let release: () => void;
beforeAll(async () => {
  release = await shareTestContext();
});
afterAll(() => release());

/** Memory of the process after a full garbage collection. */
function settledMemory(): NodeJS.MemoryUsage {
  collectGarbage();
  return process.memoryUsage();
}

describe('determinism and memory', () => {
  test.each([groupNorm, layerNorm])(
    'the same bits twice, also after a run of another length (%#)',
    async (folder) => {
      await using model = await UniSpeechForCTC.from_pretrained(folder);
      const audio = inputSamples(0, 5000);
      const first = await model({ input_values: audio });
      const second = await model({ input_values: audio });
      await model({ input_values: inputSamples(1, 9001) });
      const third = await model({ input_values: audio });
      expect(second.logits.data).toEqual(first.logits.data);
      expect(third.logits.data).toEqual(first.logits.data);
    },
  );

  test('calls made at once are queued and do not mix', async () => {
    await using model = await UniSpeechForCTC.from_pretrained(layerNorm);
    const clips = [3000, 4000, 5000].map((length, item) => inputSamples(item, length));
    const alone = [];
    for (const clip of clips) alone.push((await model({ input_values: clip })).logits.data);
    const together = await Promise.all(clips.map((clip) => model({ input_values: clip })));
    expect(together.map(({ logits }) => logits.data)).toEqual(alone);
  });

  test('100 runs of mixed lengths do not grow memory', async () => {
    await using model = await UniSpeechForCTC.from_pretrained(layerNorm);
    // 23 lengths, more than the plan caches hold, so that plans are evicted and made again.
    const clips = Array.from({ length: 23 }, (_, i) => inputSamples(i, 1000 + 137 * i));
    const runAll = async (count: number): Promise<void> => {
      for (let i = 0; i < count; i++)
        await model({ input_values: clips[i % clips.length] ?? new Float32Array() });
    };
    await runAll(50);
    const activationByteLength = model.runner.activationByteLength;
    /** The least memory seen in 100 runs: allocators add spikes of 15 MB, a leak raises the floor too. */
    const floor = async (): Promise<{ readonly heap: number; readonly rss: number }> => {
      const samples: NodeJS.MemoryUsage[] = [];
      for (let part = 0; part < 4; part++) {
        await runAll(25);
        samples.push(settledMemory());
      }
      return {
        heap: Math.min(...samples.map(({ heapUsed, arrayBuffers }) => heapUsed + arrayBuffers)),
        rss: Math.min(...samples.map(({ rss }) => rss)),
      };
    };
    const before = await floor();
    const after = await floor();
    expect(model.runner.activationByteLength).toBe(activationByteLength);
    expect(after.heap - before.heap).toBeLessThan(2 * 2 ** 20);
    // A leak of one run's buffers would show as 100 times 0.5 MB.
    expect(after.rss - before.rss).toBeLessThan(24 * 2 ** 20);
  });
});

/** Narrow behind the first convolutions, so that those decide the memory and tests stay short. */
const narrow = {
  ...CONFIGS.base,
  feat_extract_norm: 'layer' as const,
  do_stable_layer_norm: true,
  hidden_size: 32,
  intermediate_size: 64,
  num_hidden_layers: 1,
  num_attention_heads: 2,
  num_conv_pos_embeddings: 16,
  num_conv_pos_embedding_groups: 4,
};

describe('limits', () => {
  test('60 s of audio run within a binding limit of 128 MiB', { timeout: 400_000 }, async () => {
    // 256 channels at 60 s are 197 MB after the first convolution.
    const config = { ...narrow, conv_dim: [256, 32, 32, 32, 32, 32, 32] };
    await withCheckpoint(config, async (folder) => {
      const limit = 128 * 2 ** 20;
      await using model = await loadLimited(folder, { maxStorageBufferBindingSize: limit });
      const audio = inputSamples(0, 60 * 16_000);
      const { steps, activationByteLength } = model.explain([1, audio.length]);
      expect(steps.filter(({ name }) => name === 'conv 0').length).toBeGreaterThan(1);
      expect(activationByteLength).toBeLessThan(2 * limit);
      const whole = await model({ input_values: audio, output_hidden_states: true });
      expect(whole.last_hidden_state.dims).toEqual([1, 2999, 32]);
      expect(whole.last_hidden_state.data.every(Number.isFinite)).toBe(true);
      // Before the first layer a frame depends on its neighbourhood only: the start equals that of a short clip.
      const start = await model({ input_values: audio.subarray(0, 16_000), output_hidden_states: true });
      const frames = 49 - 8;
      const head = (states: readonly Tensor<'float32'>[] | undefined) =>
        states?.[0]?.data.subarray(0, frames * 32);
      expect(head(whole.hidden_states)).toEqual(head(start.hidden_states));
    });
  });

  test.each(['group', 'layer'] as const)(
    'tiling in time changes no bit (%s norm)',
    async (feat_extract_norm) => {
      await withCheckpoint(
        { ...narrow, conv_dim: [128, 12, 8, 8, 8, 8, 8], feat_extract_norm },
        async (folder) => {
          await using model = await UniSpeechModel.from_pretrained(folder);
          await using tiled = await loadLimited(folder, { maxStorageBufferBindingSize: 2 ** 19 });
          const input_values = inputSamples(0, 20_000);
          const tiles = tiled.explain([1, 20_000]).steps.filter(({ name }) => name === 'conv 0');
          expect(tiles.length).toBeGreaterThan(2);
          expect((await tiled({ input_values })).last_hidden_state.data).toEqual(
            (await model({ input_values })).last_hidden_state.data,
          );
        },
      );
    },
  );

  test('a batch too large for the limit is run in parts, with the same bits', async () => {
    await using model = await UniSpeechModel.from_pretrained(layerNorm);
    await using limited = await loadLimited(layerNorm, { maxStorageBufferBindingSize: 320_000 });
    const batch = [8000, 6500, 4000, 8000, 900].map((length, item) => inputSamples(item, length));
    const whole = await model({ input_values: batch, output_hidden_states: true });
    const parts = await limited({ input_values: batch, output_hidden_states: true });
    expect(parts.last_hidden_state).toEqual(whole.last_hidden_state);
    expect(parts.hidden_states).toEqual(whole.hidden_states);
  });

  test('audio that cannot fit says so, and the model works on', async () => {
    await using limited = await loadLimited(layerNorm, { maxStorageBufferBindingSize: 500_000 });
    await expect(limited({ input_values: new Float32Array(400_000) })).rejects.toThrow(
      /needs \d+ bytes, but one buffer binding of this adapter holds 500000.*chunk_length_s/,
    );
    const { last_hidden_state } = await limited({ input_values: inputSamples(0, 2000) });
    expect(last_hidden_state.data.every(Number.isFinite)).toBe(true);
  });
});

describe('inputs', () => {
  test('clips of different lengths equal the padded batch with a mask', async () => {
    await using model = await UniSpeechForCTC.from_pretrained(layerNorm);
    const clips = [inputSamples(0, 2000), inputSamples(1, 1500)];
    const padded = new Float32Array(4000);
    clips.forEach((clip, item) => padded.set(clip, item * 2000));
    const mask = new Tensor(
      'int32',
      new Int32Array(4000).map((_, i) => Number(i < 3500)),
      [2, 2000],
    );
    const ragged = await model({ input_values: clips });
    const batch = await model({
      input_values: new Tensor('float32', padded, [2, 2000]),
      attention_mask: mask,
    });
    expect(ragged.logits).toEqual(batch.logits);
    const alone = await model({ input_values: clips[1] ?? [] });
    const frames = alone.logits.dims[1] ?? 0;
    const [, , vocabulary = 0] = alone.logits.dims;
    const row = new Tensor('float32', ragged.logits.at(1).data.slice(0, frames * vocabulary), [
      1,
      frames,
      vocabulary,
    ]);
    expect(relativeError(row, alone.logits)).toBeLessThan(1e-4);
  });

  test('int64, bool and plain-array masks mean the same', async () => {
    await using model = await UniSpeechForCTC.from_pretrained(layerNorm);
    const input_values = new Tensor('float32', inputSamples(0, 2000), [1, 2000]);
    const ones = Array.from({ length: 2000 }, (_, i) => Number(i < 1200));
    const masks = [
      new Tensor('int64', BigInt64Array.from(ones, BigInt), [1, 2000]),
      new Tensor('bool', Uint8Array.from(ones), [1, 2000]),
      [ones],
    ];
    const [first, ...others] = await Promise.all(
      masks.map(async (attention_mask) => (await model({ input_values, attention_mask })).logits.data),
    );
    for (const other of others) expect(other).toEqual(first);
  });

  const audio = new Tensor('float32', new Float32Array(2000), [1, 2000]);
  test.each([
    [
      'too short',
      { input_values: new Float32Array(3) },
      /too short: 3 samples, this model needs at least \d+/,
    ],
    ['no clips', { input_values: [] }, /empty list/],
    [
      'a 3-D tensor',
      { input_values: new Tensor('float32', new Float32Array(2000), [1, 1, 2000]) },
      /dims \[1, 1, 2000\]/,
    ],
    [
      'integers',
      { input_values: new Tensor('int32', new Int32Array(2000), [1, 2000]) },
      /a tensor of type int32 and dims \[2000\]/,
    ],
    [
      'plain numbers',
      { input_values: [0, 1, 2] },
      /every clip of input_values must be float32 samples.*it is 0/,
    ],
    [
      'a wrong mask',
      { input_values: audio, attention_mask: [[1, 1]] },
      /Row 0 of attention_mask has 2 entries/,
    ],
    [
      'a mask of two rows',
      { input_values: audio, attention_mask: [[1], [1]] },
      /shape of input_values, \[1, 2000\]/,
    ],
    ['an unknown input', { input_values: audio, label: [1] }, /no option "label"/],
    [
      'a wrong time mask',
      { input_values: audio, mask_time_indices: [[true]] },
      /mask_time_indices must have the shape/,
    ],
  ])('%s gives one clear sentence', async (_, inputs, message) => {
    await using model = await UniSpeechForCTC.from_pretrained(layerNorm);
    const failure = model(inputs as never);
    await expect(failure).rejects.toBeInstanceOf(UniSpeechError);
    await expect(failure).rejects.toThrow(message);
  });
});

/** A device as a caller would open it: with WebGPU's default limits and no features. */
async function openDevice(): Promise<GPUDevice> {
  const adapter = await (await platform.requestGpu()).requestAdapter();
  const device = await adapter?.requestDevice();
  if (!device) throw new Error('no device');
  return device;
}

describe('lifecycle', () => {
  test('a disposed model says so; disposing twice is fine', async () => {
    const model = await UniSpeechForCTC.from_pretrained(layerNorm);
    await Promise.all([model.dispose(), model.dispose()]);
    await expect(model({ input_values: inputSamples(0, 2000) })).rejects.toThrow(/was disposed/);
  });

  test('an aborted call rejects with the reason, and the model works on', async () => {
    await using model = await UniSpeechForCTC.from_pretrained(layerNorm);
    const controller = new AbortController();
    const call = model({ input_values: inputSamples(0, 2000), signal: controller.signal });
    controller.abort(new Error('changed my mind'));
    await expect(call).rejects.toThrow('changed my mind');
    const { logits } = await model({ input_values: inputSamples(0, 2000) });
    expect(logits.data.every(Number.isFinite)).toBe(true);
  });

  test('a call that was aborted while it waited for its turn never runs', async () => {
    await using model = await UniSpeechForCTC.from_pretrained(layerNorm);
    const first = model({ input_values: inputSamples(0, 2000) });
    const second = model({
      input_values: inputSamples(0, 4000),
      signal: AbortSignal.abort(new Error('never mind')),
    });
    await expect(second).rejects.toThrow('never mind');
    expect((await first).logits.data.every(Number.isFinite)).toBe(true);
  });

  test('a lost device is one clear error, and the next load works', async () => {
    const model = await UniSpeechForCTC.from_pretrained(layerNorm, { device: await openDevice() });
    await model({ input_values: inputSamples(0, 2000) });
    const running = model({ input_values: inputSamples(0, 20_000) });
    model.runner.context.device.destroy();
    await expect(running).rejects.toMatchObject({ code: 'device-lost' });
    await expect(model({ input_values: inputSamples(0, 2000) })).rejects.toMatchObject({
      code: 'device-lost',
    });
    await model.dispose();
    await using again = await UniSpeechForCTC.from_pretrained(layerNorm);
    expect((await again({ input_values: inputSamples(0, 2000) })).logits.data.every(Number.isFinite)).toBe(
      true,
    );
  });

  test('an allocation that fails is one clear error, and the same call works afterwards', async () => {
    const device = await openDevice();
    const model = await UniSpeechForCTC.from_pretrained(layerNorm, { device });
    const expected = await model({ input_values: inputSamples(0, 2000) });
    const createBuffer = device.createBuffer.bind(device);
    // The device itself refuses a buffer of this size; the engine is given the invalid one, as with real exhaustion.
    device.createBuffer = (descriptor) =>
      createBuffer(descriptor.label === 'slab 0' ? { ...descriptor, size: 2 ** 52 } : descriptor);
    await expect(model({ input_values: inputSamples(0, 9000) })).rejects.toMatchObject({
      code: expect.stringMatching(/^(out-of-memory|limit-exceeded)$/) as string,
    });
    device.createBuffer = createBuffer;
    expect((await model({ input_values: inputSamples(0, 9000) })).logits.data.every(Number.isFinite)).toBe(
      true,
    );
    expect((await model({ input_values: inputSamples(0, 2000) })).logits.data).toEqual(expected.logits.data);
    await model.dispose();
    device.destroy();
  });

  test('models load and run side by side on one device', async () => {
    const [ctc, base] = await Promise.all([
      UniSpeechForCTC.from_pretrained(layerNorm),
      UniSpeechModel.from_pretrained(groupNorm),
    ]);
    const input_values = inputSamples(0, 5000);
    const [{ logits }, { last_hidden_state }] = await Promise.all([
      ctc({ input_values }),
      base({ input_values }),
    ]);
    expect([...logits.data, ...last_hidden_state.data].every(Number.isFinite)).toBe(true);
    await Promise.all([ctc.dispose(), base.dispose()]);
  });

  test("a device of the caller's is used and never destroyed", async () => {
    const device = await openDevice();
    let isLost = false;
    void device.lost.then(() => (isLost = true));
    const model = await UniSpeechForCTC.from_pretrained(layerNorm, { device });
    const { logits } = await model({ input_values: inputSamples(0, 2000) });
    await model.dispose();
    await using shared = await UniSpeechForCTC.from_pretrained(layerNorm);
    const expected = await shared({ input_values: inputSamples(0, 2000) });
    expect(relativeError(logits, expected.logits)).toBeLessThan(1e-5);
    await device.queue.onSubmittedWorkDone();
    expect(isLost).toBe(false);
    device.destroy();
  });
});
