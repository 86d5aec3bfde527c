/** What is read of a device, and which adapters compute on the processor. */
import { expect, test } from 'vitest';
import { isSoftwareAdapter, readCapabilities } from '../../src/gpu/capabilities.ts';

const info = (facts: Partial<GPUAdapterInfo>): GPUAdapterInfo =>
  ({
    vendor: '',
    architecture: '',
    device: '',
    description: '',
    subgroupMinSize: 32,
    subgroupMaxSize: 32,
    isFallbackAdapter: false,
    ...facts,
  }) as GPUAdapterInfo;

const device = (facts: Partial<GPUAdapterInfo>, features: readonly string[] = ['subgroups']): GPUDevice =>
  ({
    adapterInfo: info(facts),
    features: new Set(features),
    limits: { maxBufferSize: 7, maxComputeWorkgroupsPerDimension: 9 },
  }) as unknown as GPUDevice;

test('subgroups count only where the adapter has them in one width', () => {
  const sizeOf = (...args: Parameters<typeof device>) => readCapabilities(device(...args)).subgroupSize;
  expect(sizeOf({})).toBe(32);
  expect(sizeOf({ subgroupMinSize: 8 })).toBeUndefined();
  expect(sizeOf({ subgroupMinSize: 0, subgroupMaxSize: 0 })).toBeUndefined();
  expect(sizeOf({}, [])).toBeUndefined();
});

test('names and limits are those of the adapter', () => {
  expect(readCapabilities(device({ description: 'A card' })).adapter).toBe('A card');
  expect(readCapabilities(device({ vendor: 'acme', architecture: 'a1' })).adapter).toBe('acme a1');
  expect(readCapabilities(device({})).adapter).toBe('unnamed adapter');
  expect(readCapabilities(device({})).limits).toMatchObject({
    maxBufferSize: 7,
    maxComputeWorkgroupsPerDimension: 9,
  });
});

test.each([
  [{ isFallbackAdapter: true }, true],
  [{ description: 'llvmpipe (LLVM 15.0.7, 256 bits)' }, true],
  [{ device: 'SwiftShader Device (Subzero)' }, true],
  [{ description: 'Microsoft Basic Render Driver' }, true],
  [{ vendor: 'nvidia', architecture: 'hopper', description: 'A card' }, false],
  [{ description: 'Warped Graphics 9' }, false],
])('%j computes on the processor: %s', (facts, isSoftware) => {
  expect(isSoftwareAdapter(info(facts))).toBe(isSoftware);
  expect(readCapabilities(device(facts)).isSoftware).toBe(isSoftware);
});
