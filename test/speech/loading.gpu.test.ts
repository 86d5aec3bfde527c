/** Loading: memory, progress, HTTP, and every way it can fail: one sentence, nothing left behind, the engine usable after. */
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { platform } from '#platform';
import { inputSamples } from '../../scripts/lib/random-weights.mjs';
import { UniSpeechError } from '../../src/base/errors.ts';
import type { ProgressInfo } from '../../src/base/files.ts';
import { AutoConfig, AutoModel, AutoModelForCTC } from '../../src/speech/auto.ts';
import { CONFIGS, UniSpeechForCTC, withCheckpoint } from '../helpers/checkpoints.ts';
import { goldensFolder } from '../helpers/golden.ts';
import { countLiveBuffers } from '../helpers/gpu.ts';

const source = `${goldensFolder}tiny/layer-stable`;

test(
  'a 378 MB model is loaded with less than 100 MB beside the copy on the device',
  { timeout: 400_000 },
  async () => {
    await withCheckpoint(CONFIGS.base, async (folder) => {
      const { stdout } = await promisify(execFile)(process.execPath, [
        'scripts/run-ts.mjs',
        'test/helpers/load-memory.ts',
        folder,
      ]);
      const { baselineByteLength, peakByteLength, weightByteLength, heapByteLength } = JSON.parse(
        stdout,
      ) as Record<string, number>;
      expect(weightByteLength).toBeGreaterThan(370e6);
      const beside = (peakByteLength ?? Infinity) - (baselineByteLength ?? 0) - (weightByteLength ?? 0);
      expect(beside).toBeLessThan(100e6);
      expect(heapByteLength).toBeLessThan(64e6);
    });
  },
);

describe('sources and events', () => {
  test('progress counts every byte of the checkpoint and ends with done', async () => {
    const events: ProgressInfo[] = [];
    await using model = await UniSpeechForCTC.from_pretrained(source, {
      // On a GPU that would be one stage more.
      tune: 'off',
      progress_callback: (info) => events.push(info),
    });
    expect(model.config.hidden_size).toBeGreaterThan(0);
    const { byteLength } = await readFile(path.join(source, 'model.safetensors'));
    const last = events
      .filter((info) => info.status === 'progress' && info.file === 'model.safetensors')
      .at(-1);
    expect(last).toMatchObject({ progress: 100, loaded: byteLength, total: byteLength });
    const stages = events.flatMap((info) =>
      info.status === 'done' ? [`done ${info.file}`] : info.status === 'progress_total' ? [info.stage] : [],
    );
    expect(stages.slice(-3)).toEqual(['done model.safetensors', 'compile', 'check']);
  });

  test('Auto classes and file URLs', async () => {
    const config = await AutoConfig.from_pretrained(source);
    await using base = await AutoModel.from_pretrained(new URL(`file://${source}`));
    await using ctc = await AutoModelForCTC.from_pretrained(source, { device: 'webgpu', dtype: 'fp32' });
    const input_values = inputSamples(0, 2000);
    const { last_hidden_state } = await base({ input_values });
    const { logits } = await ctc({ input_values });
    expect(last_hidden_state.dims).toEqual([1, config.frameCount(2000), config.hidden_size]);
    expect(logits.dims).toEqual([1, config.frameCount(2000), config.vocab_size]);
  });

  test('a base URL gives the same model as the folder', async () => {
    const server = createServer((request, response) => {
      readFile(path.join(source, path.basename(request.url ?? ''))).then(
        (content) => response.end(content),
        () => response.writeHead(404).end(),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = server.address() as AddressInfo;
      await using remote = await UniSpeechForCTC.from_pretrained(`http://127.0.0.1:${port}/model`);
      await using local = await UniSpeechForCTC.from_pretrained(source);
      const input_values = inputSamples(0, 2000);
      expect((await remote({ input_values })).logits).toEqual((await local({ input_values })).logits);
    } finally {
      server.close();
    }
  });

  test.each([
    [{ device: 'cpu' }, /device "cpu" is not supported/],
    [{ dtype: 'int8' }, /dtype "int8" is not supported/],
    [{ subfolder: 'onnx' }, /no option "subfolder"/],
    [{ device: {} }, /device is an object, but it must be/],
    [{ hiddenStatesConvention: 'old' }, /hiddenStatesConvention is "old"/],
  ])('the option %j is refused by name', async (options, message) => {
    await expect(UniSpeechForCTC.from_pretrained(source, options as never)).rejects.toThrow(message);
  });
});

describe('failures', () => {
  let folder: string;
  let device: GPUDevice;
  let liveBuffers: () => number;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'unispeech-'));
    const adapter = await (await platform.requestGpu()).requestAdapter();
    const opened = await adapter?.requestDevice();
    if (!opened) throw new Error('no device');
    device = opened;
    liveBuffers = countLiveBuffers(device);
  });
  afterAll(async () => {
    device.destroy();
    await rm(folder, { recursive: true, force: true });
  });

  /** A copy of the model with something broken. */
  async function broken(name: string, breakIt: (copy: string) => Promise<unknown>): Promise<string> {
    const copy = path.join(folder, name);
    await cp(source, copy, { recursive: true });
    await breakIt(copy);
    return copy;
  }
  const editConfig = (changes: object) => async (copy: string) => {
    const file = path.join(copy, 'config.json');
    await writeFile(
      file,
      JSON.stringify({ ...(JSON.parse(await readFile(file, 'utf8')) as object), ...changes }),
    );
  };

  test.each([
    ['no config', (copy: string) => rm(path.join(copy, 'config.json')), /holds no config.json/],
    [
      'config is no JSON',
      (copy: string) => writeFile(path.join(copy, 'config.json'), '{'),
      /config.json is not valid JSON/,
    ],
    [
      'no weights',
      (copy: string) => rm(path.join(copy, 'model.safetensors')),
      /holds no weights: looked for model.safetensors/,
    ],
    [
      'truncated weights',
      (copy: string) => truncate(path.join(copy, 'model.safetensors'), 5000),
      /model.safetensors/,
    ],
    ['a wider model', editConfig({ hidden_size: 64 }), /wrong shape: .*expected \[64/],
    ['one layer more', editConfig({ num_hidden_layers: 3 }), /tensors are missing: encoder\.layers\.2\./],
    [
      'no conv bias asked for',
      editConfig({ conv_bias: false }),
      /convolution tensors that its config.json does not call for/,
    ],
    [
      'another norm',
      editConfig({ feat_extract_norm: 'group' }),
      /convolution tensors that its config.json does not call for/,
    ],
  ])('%s', async (name, breakIt, message) => {
    const copy = await broken(name, breakIt);
    const before = liveBuffers();
    const failure = UniSpeechForCTC.from_pretrained(copy, { device });
    await expect(failure).rejects.toBeInstanceOf(UniSpeechError);
    await expect(failure).rejects.toThrow(message);
    expect(liveBuffers()).toBe(before);
    const model = await UniSpeechForCTC.from_pretrained(source, { device });
    const { logits } = await model({ input_values: inputSamples(0, 2000) });
    expect(logits.data.every(Number.isFinite)).toBe(true);
    await model.dispose();
    expect(liveBuffers()).toBe(before);
  });

  test('an aborted load rejects with the reason and leaves nothing', async () => {
    const before = liveBuffers();
    const controller = new AbortController();
    const load = UniSpeechForCTC.from_pretrained(source, {
      device,
      signal: controller.signal,
      progress_callback: ({ status }) => {
        if (status === 'progress') controller.abort(new Error('enough'));
      },
    });
    await expect(load).rejects.toThrow('enough');
    expect(liveBuffers()).toBe(before);
  });

  test('an abort after the last byte still counts, and so does a callback that throws', async () => {
    const before = liveBuffers();
    const controller = new AbortController();
    const late = UniSpeechForCTC.from_pretrained(source, {
      device,
      signal: controller.signal,
      progress_callback: (info) => {
        if (info.status === 'progress' && info.file === 'model.safetensors' && info.progress === 100) {
          controller.abort(new Error('too late?'));
        }
      },
    });
    await expect(late).rejects.toThrow('too late?');
    const throwing = UniSpeechForCTC.from_pretrained(source, {
      device,
      progress_callback: ({ status }) => {
        if (status === 'done') throw new Error('from the callback');
      },
    });
    await expect(throwing).rejects.toThrow('from the callback');
    expect(liveBuffers()).toBe(before);
  });

  test('a folder that does not exist', async () => {
    await expect(UniSpeechForCTC.from_pretrained(path.join(folder, 'nowhere'))).rejects.toThrow(
      /There is no folder/,
    );
  });
});
