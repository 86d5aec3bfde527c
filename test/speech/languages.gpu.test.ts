/** Languages of MMS on a loaded model: what is read and uploaded, calls beside a change, bad files, lost devices, other dtypes. */
import { readdir, readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { platform } from '#platform';
import type { ModelFiles } from '../../src/base/files.ts';
import { openContext, type GpuContext } from '../../src/gpu/context.ts';
import { AutoModelForAudioClassification } from '../../src/speech/auto.ts';
import { loadRunner, type RunnerLoadOptions } from '../../src/speech/core/load-runner.ts';
import { HubertForCTC } from '../../src/speech/hubert-models.ts';
import { Wav2Vec2ForCTC, Wav2Vec2Model } from '../../src/speech/wav2vec2-models.ts';
import { parseHeader } from '../../src/checkpoint/safetensors.ts';
import { argumentsOf, familyCases } from '../helpers/family-goldens.ts';
import { relativeError } from '../helpers/golden.ts';
import { countLiveBuffers, openTestContext } from '../helpers/gpu.ts';
import { memoryFiles } from '../helpers/memory-files.ts';
import { writeSafetensors } from '../helpers/safetensors-writer.ts';

const found = familyCases.find(({ name }) => name.includes('attn_adapter'));
if (found === undefined) throw new Error('no case with languages');
const golden = found;
const { labels: _, ...inputs } = argumentsOf(golden);
const CONTENT: Readonly<Record<string, Uint8Array>> = Object.fromEntries(
  await Promise.all(
    (await readdir(golden.folder)).map(
      async (name) => [name, new Uint8Array(await readFile(`${golden.folder}/${name}`))] as const,
    ),
  ),
);
const FRA = 'adapter.fra.safetensors';
/** The tensors of the file of a language. */
const FRENCH = Array.from(
  parseHeader(CONTENT[FRA] ?? new Uint8Array(), CONTENT[FRA]?.byteLength ?? 0, FRA),
  ([name, { dtype, shape, byteOffset, byteLength }]) => ({
    name,
    dtype,
    shape,
    data: (CONTENT[FRA] ?? new Uint8Array()).subarray(byteOffset, byteOffset + byteLength),
  }),
);

let shared: GpuContext;
let liveBuffers: () => number;
beforeAll(async () => {
  shared = await openTestContext();
  liveBuffers = countLiveBuffers(shared.device);
});
afterAll(() => shared.release());

async function load(
  files: ModelFiles = memoryFiles(CONTENT),
  options: RunnerLoadOptions = {},
  open: () => Promise<GpuContext> = () => Promise.resolve(shared.retain()),
): Promise<Wav2Vec2ForCTC> {
  return new Wav2Vec2ForCTC(await loadRunner(files, [Wav2Vec2ForCTC], open, { tune: 'off', ...options }));
}

/** @param language whose logits the model must give; without one those of its own file. */
async function expectLanguage(model: Wav2Vec2ForCTC, language?: string): Promise<void> {
  const { logits } = await model(inputs);
  const wanted = golden.expected.tensor(language === undefined ? 'logits' : `${language}:logits`);
  expect(logits.dims).toEqual(wanted.dims);
  expect(relativeError(logits, wanted)).toBeLessThan(5e-5);
}

test('a language reads and uploads its own file and nothing else, and leaves no buffer behind', async () => {
  const opened: string[] = [];
  const files = memoryFiles(CONTENT);
  const watched: ModelFiles = {
    ...files,
    open: (name, signal) => {
      opened.push(name);
      return files.open(name, signal);
    },
    readText: (name) => {
      opened.push(name);
      return files.readText(name);
    },
  };
  await using model = await load(watched);
  await expectLanguage(model);
  const bufferCount = liveBuffers();
  opened.length = 0;
  let uploadedBytes = 0;
  const { queue } = shared.device;
  const writeBuffer = queue.writeBuffer.bind(queue);
  queue.writeBuffer = (buffer, offset, data, dataOffset, size) => {
    uploadedBytes += size ?? data.byteLength;
    writeBuffer(buffer, offset, data, dataOffset, size);
  };
  try {
    await model.load_adapter('fra');
  } finally {
    queue.writeBuffer = writeBuffer;
  }
  expect(opened).toEqual([FRA]);
  // Matrices are padded to whole rows of four.
  const byteLength = FRENCH.reduce((sum, { data }) => sum + data.byteLength, 0);
  expect(uploadedBytes).toBeGreaterThanOrEqual(byteLength);
  expect(uploadedBytes).toBeLessThan(1.5 * byteLength);
  await expectLanguage(model, 'fra');
  await model.load_adapter('ita');
  await expectLanguage(model, 'ita');
  expect(opened).toEqual([FRA, 'adapter.ita.safetensors', 'adapter.ita.bin']);
  expect(liveBuffers()).toBe(bufferCount);
});

test('calls before a change give the old language, calls after it the new one', async () => {
  await using model = await load();
  const before = expectLanguage(model);
  const first = model.load_adapter('fra');
  const between = expectLanguage(model, 'fra');
  const second = model.load_adapter('deu-script_latin');
  const after = [expectLanguage(model, 'deu-script_latin'), expectLanguage(model, 'deu-script_latin')];
  await Promise.all([before, first, between, second, ...after]);
  expect(model.config.vocab_size).toBe(golden.expected.tensor('deu-script_latin:logits').dims[2]);
});

const NORM = 'wav2vec2.encoder.layers.1.adapter_layer.norm.weight';
const withoutNorm = FRENCH.filter(({ name }) => name !== NORM);
const extra = { name: 'lm_head.scale', dtype: 'F32', shape: [1], data: new Float32Array(1) } as const;
const noTokens = FRENCH.map((tensor) =>
  tensor.name.startsWith('lm_head.')
    ? { ...tensor, shape: [0, ...tensor.shape.slice(1)], data: new Uint8Array() }
    : tensor,
);
const narrowNorm = { name: NORM, dtype: 'F32', shape: [5], data: new Float32Array(5) } as const;

test.each([
  [
    'without a tensor',
    writeSafetensors(withoutNorm),
    'bad-checkpoint',
    /1 tensor is missing.*adapter_layer\.norm/,
  ],
  // As in the reference, what is there too much is said first.
  [
    'with another tensor',
    writeSafetensors([...withoutNorm, extra]),
    'bad-checkpoint',
    /no weights of a language: "?lm_head\.scale/,
  ],
  [
    'with a wrong shape',
    writeSafetensors([...withoutNorm, narrowNorm]),
    'bad-checkpoint',
    /expected \[12\], found \[5\]/,
  ],
  ['of a whole model', CONTENT['model.safetensors'], 'bad-checkpoint', /no weights of a language/],
  [
    'without tokens',
    writeSafetensors(noTokens),
    'bad-config',
    /adapter\.xyz\.safetensors: "vocab_size" is 0/,
  ],
  ['cut off', CONTENT[FRA]?.subarray(0, 3000), 'bad-checkpoint', /adapter\.xyz\.safetensors/],
  ['of letters', 'letters', 'bad-checkpoint', /adapter\.xyz\.safetensors/],
  ['that is missing', undefined, 'not-found', /neither adapter\.xyz\.safetensors nor adapter\.xyz\.bin/],
] as const)('a file %s leaves the model with its language', async (_, file, code, message) => {
  const files = memoryFiles({ ...CONTENT, ...(file !== undefined && { 'adapter.xyz.safetensors': file }) });
  await using model = await load(files, { target_lang: 'fra' });
  await expectLanguage(model, 'fra');
  const bufferCount = liveBuffers();
  const error = { code, message: expect.stringMatching(message) as string };
  await expect(model.load_adapter('xyz')).rejects.toMatchObject(error);
  expect(liveBuffers()).toBe(bufferCount);
  await expectLanguage(model, 'fra');
  await expect(load(files, { target_lang: 'xyz' })).rejects.toMatchObject(error);
  expect(liveBuffers()).toBe(bufferCount);
});

test('a vocabulary that is nested by language names those there are, the likest first', async () => {
  await using model = await load();
  await expect(model.load_adapter('deu')).rejects.toThrow(
    'Its vocabularies are of deu-script_latin, eng, fra',
  );
});

test.each([
  ['../fra', /must be the name of a language such as "fra"/],
  ['', /must be the name of a language/],
  [7, /target_lang is 7, but it must be/],
])('%j is no language', async (language, message) => {
  await using model = await load();
  const target_lang = language as string;
  await expect(model.load_adapter(target_lang)).rejects.toMatchObject({ code: 'bad-option', message });
  await expect(load(undefined, { target_lang })).rejects.toMatchObject({ code: 'bad-option', message });
});

test('models without languages say why', async () => {
  const others = (part: string): string =>
    familyCases.find(({ name }) => name.startsWith(part))?.folder ?? part;
  const wanted = { target_lang: 'fra' } as const;
  await expect(Wav2Vec2ForCTC.from_pretrained(others('w2v2_b'), wanted)).rejects.toThrow(
    '"adapter_attn_dim"',
  );
  await expect(HubertForCTC.from_pretrained(others('hubert_a'), wanted)).rejects.toThrow('has no adapters');
  await expect(Wav2Vec2Model.from_pretrained(golden.folder, wanted)).rejects.toThrow('only models for CTC');
  await expect(AutoModelForAudioClassification.from_pretrained(others('w2v2_g'), wanted)).rejects.toThrow(
    'only models for CTC',
  );
});

test('what ends a load of a language leaves the old one: a signal, a listener that throws', async () => {
  await using model = await load();
  await expectLanguage(model);
  const bufferCount = liveBuffers();
  const reason = new Error('enough');
  await expect(model.load_adapter('fra', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  for (const status of ['initiate', 'progress', 'done']) {
    const progress_callback = (info: { readonly status: string }): void => {
      if (info.status === status) throw reason;
    };
    await expect(model.load_adapter('fra', { progress_callback })).rejects.toBe(reason);
  }
  await expect(model.load_adapter('fra', { lang: 'fra' } as object)).rejects.toMatchObject({
    code: 'bad-option',
  });
  expect(liveBuffers()).toBe(bufferCount);
  await expectLanguage(model);
  const events: string[] = [];
  await model.load_adapter('fra', { progress_callback: ({ status }) => events.push(status) });
  expect([...new Set(events)]).toEqual(['initiate', 'download', 'progress_total', 'progress', 'done']);
  await expectLanguage(model, 'fra');
});

test('a model that is disposed meanwhile ends the load of a language and frees it', async () => {
  const bufferCount = liveBuffers();
  const model = await load();
  const change = model.load_adapter('fra');
  const waiting = model(inputs);
  const disposed = model.dispose();
  await expect(change).rejects.toMatchObject({ code: 'disposed' });
  await expect(waiting).rejects.toMatchObject({ code: 'disposed' });
  await disposed;
  expect(liveBuffers()).toBe(bufferCount);
});

test('a lost device comes back with the language that the model has', async () => {
  const contexts: GpuContext[] = [];
  const model = await load(undefined, {}, async () => {
    const context = (await openContext(platform)).retain();
    contexts.push(context);
    return context;
  });
  await model.load_adapter('fra');
  contexts[0]?.device.destroy();
  await expectLanguage(model, 'fra');
  // Lost while a language loads: it comes onto the new one.
  contexts[1]?.device.destroy();
  await model.load_adapter('ita');
  await expectLanguage(model, 'ita');
  contexts[2]?.device.destroy();
  await expectLanguage(model, 'ita');
  expect(contexts).toHaveLength(4);
  await model.dispose();
});

test.each(['fp16', 'q8', 'q4'] as const)(
  'in %s adapters are what they are loaded with the model',
  async (dtype) => {
    await using model = await load(undefined, { dtype });
    await model.load_adapter('fra');
    await using french = await load(undefined, { dtype, target_lang: 'fra' });
    expect((await model(inputs)).logits).toEqual((await french(inputs)).logits);
  },
);
