/** Measured choices without a GPU: size classes, what planners take, what is kept, and what is ignored. */
import { mkdtemp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { chooseGemm, gemmSizeClass, linearSpec, tunedGemm } from '../../kernels/gemm.ts';
import { gemmVariants, sizeClassOf } from '../../kernels/gemm-variants.ts';
import type { GpuCapabilities } from '../../src/gpu/capabilities.ts';
import { isSoftwareAdapter } from '../../src/gpu/capabilities.ts';
import { tunableSteps } from '../../src/graph/tunable-steps.ts';
import { indexOfFastest } from '../../src/graph/tune-gemms.ts';
import { CTC_HEAD } from '../../src/speech/heads/ctc.ts';
import { UniSpeechConfig } from '../../src/speech/families/unispeech.ts';
import { planClip } from '../../src/speech/core/model-plans.ts';
import {
  adapterIdentity,
  decodeTuning,
  encodeTuning,
  tuningName,
} from '../../src/speech/core/tuning-file.ts';
import { cacheFolder, tuningStoreIn } from '../../src/platform/node-tuning-store.ts';
import { adapter } from '../helpers/planned.ts';
import { COMMON_PIECES } from '../../src/speech/encoder/encoder.ts';

const capabilities: GpuCapabilities = { ...adapter(32), adapter: 'test', timestamps: true };
const linear = (rows: number, columns: number, weights: 'f32' | 'q8' = 'f32') =>
  linearSpec({
    rows,
    columns,
    inner: 768,
    weights,
    hasBias: true,
    activation: 'gelu',
    hasActivation: true,
    hasResidual: false,
  });

describe('size classes', () => {
  test.each([
    [49, 768, 1, '4+ tiles 64|32'],
    [49, 2304, 1, '16+ tiles 64|32'],
    [249, 2304, 1, '64+ tiles 64|32'],
    [24_000, 512, 1, '1024+ tiles 64|32'],
    [240_000, 4096, 1, '1024+ tiles 64|32'],
    [49, 48, 16, '16+ tiles 48|24'],
    [49, 32, 1, '1+ tiles 48|32'],
    [20, 768, 1, '4+ tiles 64|32 flat'],
  ])('%i x %i, %i batches: %s', (rows, columns, batches, expected) => {
    expect(sizeClassOf({ rows, columns, batches })).toBe(expected);
  });

  test('few classes serve all products of base and large models', () => {
    const configs = [{}, { hidden_size: 1024, num_attention_heads: 16, intermediate_size: 4096 }];
    const classesOf = configs.map((json) => {
      const architecture = { config: UniSpeechConfig.fromJson(json), pieces: COMMON_PIECES, head: CTC_HEAD };
      return tunableSteps([1, 5, 15], (seconds) => planClip(architecture, capabilities, seconds));
    });
    const [base = [], large = []] = classesOf;
    expect(base.length).toBeLessThanOrEqual(14);
    const known = new Set(base.map(({ sizeClass }) => sizeClass));
    // The 64 columns of a group of the large one's positional convolution are the only new shape.
    expect(large.filter(({ sizeClass }) => !known.has(sizeClass)).length).toBeLessThanOrEqual(3);
  });

  test('a clip that cannot be planned is left out', () => {
    const config = UniSpeechConfig.fromJson({});
    const architecture = { config, pieces: COMMON_PIECES, head: CTC_HEAD };
    const steps = tunableSteps([1, 5], (seconds) => {
      if (seconds > 1) throw new Error('too long');
      return planClip(architecture, capabilities, seconds);
    });
    expect(new Set(steps.map(({ plan }) => plan.shape.samples))).toEqual(new Set([16_000]));
  });
});

describe('the choice of a plan', () => {
  const spec = linear(249, 768);
  const usual = chooseGemm(spec, capabilities).name;
  const other = gemmVariants(capabilities).find((variant) => variant.name !== usual);
  if (!other) throw new Error('one variant only');
  const tuned = { [gemmSizeClass(spec)]: other.name };

  test('is the measured one, for its size class and weights only', () => {
    expect(chooseGemm(spec, { ...capabilities, tuned })).toEqual(other);
    expect(tunedGemm(linear(9000, 768), { ...capabilities, tuned })).toBeUndefined();
    expect(tunedGemm(linear(249, 768, 'q8'), { ...capabilities, tuned })).toBeUndefined();
  });

  test.each([
    ['distrusted', { tuned, distrusted: [other.name] }],
    ['unknown', { tuned: { [gemmSizeClass(spec)]: 'gemm_1x1_magic' } }],
    ['of another adapter', { tuned: { [gemmSizeClass(spec)]: 'gemm_16x32_subgroup8' } }],
    [
      'too large a grid here',
      { tuned, limits: { ...capabilities.limits, maxComputeWorkgroupsPerDimension: 1 } },
    ],
  ])('is static where the measured one is %s', (_, change) => {
    expect(chooseGemm(spec, { ...capabilities, ...change }).name).toBe(usual);
  });
});

describe('the fastest', () => {
  test.each([
    [[[10, 10, 10], [9.7, 9.6, 9.7], [20]], 0, 'within the noise'],
    [[[10, 10, 10], [8, 9, 30], [20]], 1, 'clearly, but for one bad round'],
    [
      [
        [10, 20, 40],
        [9, 18, 36],
        [8, 16, 32],
      ],
      2,
      'by ratios where the machine slows down',
    ],
    [[[10, 10, 10], [], []], 0, 'alone'],
    [
      [
        [0, 0, 0],
        [0, 0, 0],
      ],
      0,
      'on a clock that stands still',
    ],
  ])('%j: %i, %s', (times, expected) => {
    expect(indexOfFastest(times)).toBe(expected);
  });
});

test('software adapters are known by flag or name', () => {
  const info = { vendor: 'v', architecture: 'a', device: 'd', description: '', isFallbackAdapter: false };
  const is = (change: object) => isSoftwareAdapter({ ...info, ...change } as GPUAdapterInfo);
  expect(is({})).toBe(false);
  expect(is({ isFallbackAdapter: true })).toBe(true);
  expect(is({ description: 'Google SwiftShader' })).toBe(true);
  expect(is({ description: 'warped GPU' })).toBe(false);
});

describe('the kept text', () => {
  const device = (description: string, features: readonly string[] = []) => ({
    adapterInfo: { vendor: 'acme', architecture: 'a1', device: 'x', description } as GPUAdapterInfo,
    features: new Set(features) as GPUSupportedFeatures,
  });
  const here = { device: device('driver 1'), capabilities };
  const choices = { 'f32 4+ tiles 64|32': 'gemm_32x32x16_shared' };
  const kept = { choices, attempts: { 'f32 16+ tiles 64|32': 2 } };
  const text = encodeTuning(here, kept);

  test('comes back, with a checksum of its body', () => {
    expect(decodeTuning(here, text)).toEqual(kept);
    expect(JSON.parse(text)).toMatchObject({
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      body: { version: expect.any(String) as string, ...kept },
    });
  });

  test.each([
    ['another adapter', { device: device('driver 2'), capabilities }],
    ['other features', { device: device('driver 1', ['subgroups']), capabilities }],
    ['another width of subgroups', { ...here, capabilities: { ...capabilities, subgroupSize: 16 } }],
  ])('is of no use on %s, whose name is another', (_, there) => {
    expect(decodeTuning(there, text)).toBeUndefined();
    expect(tuningName(adapterIdentity(there))).not.toBe(tuningName(adapterIdentity(here)));
  });

  test.each([
    ['cut', text.slice(0, -20)],
    ['empty', ''],
    ['no JSON', 'tuned'],
    ['null', 'null'],
    ['without choices', '{"sha256":"","body":{}}'],
    ['of another version', text.replace(/"version": "[^"]+"/, '"version": "0.0.9"')],
    ['of other kernels', text.replace(/"kernels": "./, '"kernels": "x')],
    ['changed by a letter', text.replace('gemm_32x32', 'gemm_64x64')],
  ])('is ignored when it is %s', (_, damaged) => {
    expect(damaged).not.toBe(text);
    expect(decodeTuning(here, damaged)).toBeUndefined();
  });
});

describe("Node's store", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'unispeech-store-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  test('keeps a text as a whole, in a folder that it makes', async () => {
    const inner = path.join(folder, 'a', 'b');
    const store = tuningStoreIn(() => inner);
    expect(await store.read('x')).toBeUndefined();
    expect(await store.isWritable()).toBe(true);
    expect(await store.write('x', 'one')).toBe(path.join(inner, 'tuning-x.json'));
    await store.write('x', 'two');
    expect(await store.read('x')).toBe('two');
    expect(await readdir(inner)).toEqual(['tuning-x.json']);
  });

  test('a write that fails leaves the old text and no part of the new one', async () => {
    const store = tuningStoreIn(() => folder);
    await mkdir(path.join(folder, 'tuning-x.json', 'in-the-way'), { recursive: true });
    await expect(store.write('x', 'new')).rejects.toThrow();
    expect(await readdir(folder)).toEqual(['tuning-x.json']);
    expect(await store.read('x')).toBeUndefined();
  });

  test('a folder that cannot be is no error before something is written', async () => {
    const file = path.join(folder, 'file');
    await writeFile(file, 'not a folder');
    const store = tuningStoreIn(() => path.join(file, 'cache'));
    expect(await store.isWritable()).toBe(false);
    expect(await store.read('x')).toBeUndefined();
    await expect(store.write('x', 'y')).rejects.toThrow();
    expect(await readFile(file, 'utf8')).toBe('not a folder');
    const homeless = tuningStoreIn(() => {
      throw new Error('no home');
    });
    expect(await homeless.isWritable()).toBe(false);
    expect(await homeless.read('x')).toBeUndefined();
  });

  test.each([
    [{ UNISPEECH_CACHE: '/own' }, 'linux', '/own'],
    [{ XDG_CACHE_HOME: '/xdg' }, 'linux', '/xdg/unispeech-webgpu'],
    [{ XDG_CACHE_HOME: 'relative' }, 'linux', '/home/me/.cache/unispeech-webgpu'],
    [{}, 'linux', '/home/me/.cache/unispeech-webgpu'],
    [{}, 'darwin', '/home/me/Library/Caches/unispeech-webgpu'],
    [{ LOCALAPPDATA: '/local' }, 'win32', '/local/unispeech-webgpu'],
    [{}, 'win32', '/home/me/AppData/Local/unispeech-webgpu'],
  ] as const)('%j on %s: %s', (env, system, expected) => {
    expect(cacheFolder(env, system, () => '/home/me')).toBe(path.resolve(expected));
  });
});
