/** Reads golden files (safetensors of F32 and I32) and compares tensors with them. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { Tensor } from '../../src/base/tensor.ts';
import { parseHeader } from '../../src/checkpoint/safetensors.ts';

export const goldensFolder = fileURLToPath(new URL('../reference/goldens/', import.meta.url));

/** The tensors of a golden file; all of them small. */
export class GoldenFile {
  readonly #bytes: Uint8Array;
  readonly #header;

  constructor(path: string) {
    this.#bytes = new Uint8Array(readFileSync(path));
    this.#header = parseHeader(this.#bytes, this.#bytes.byteLength, path);
  }

  get names(): readonly string[] {
    return [...this.#header.keys()];
  }

  has(name: string): boolean {
    return this.#header.has(name);
  }

  tensor(name: string): Tensor {
    const entry = this.#header.get(name);
    if (!entry) throw new Error(`the golden has no tensor ${name}`);
    const copy = this.#bytes.slice(entry.byteOffset, entry.byteOffset + entry.byteLength).buffer;
    if (entry.dtype === 'F32') return new Tensor('float32', new Float32Array(copy), entry.shape);
    if (entry.dtype === 'I32') return new Tensor('int32', new Int32Array(copy), entry.shape);
    throw new Error(`golden tensor ${name} has dtype ${entry.dtype}`);
  }
}

/** Largest |a − b| relative to the largest |b|; shapes must be equal and a finite. */
export function relativeError(actual: Tensor, expected: Tensor): number {
  expect(actual.dims).toEqual(expected.dims);
  let largest = 0;
  let difference = 0;
  for (let i = 0; i < expected.size; i++) {
    const a = Number(actual.data[i]);
    const b = Number(expected.data[i]);
    if (!Number.isFinite(a)) return Infinity;
    largest = Math.max(largest, Math.abs(b));
    difference = Math.max(difference, Math.abs(a - b));
  }
  return difference / largest;
}

/** Index of the first maximum of each row of the last axis. */
export function argmax(tensor: Tensor): number[] {
  const width = tensor.dims.at(-1) ?? 1;
  return Array.from({ length: tensor.size / width }, (_, row) => {
    let best = row * width;
    for (let i = best; i < (row + 1) * width; i++)
      if (Number(tensor.data[i]) > Number(tensor.data[best])) best = i;
    return best - row * width;
  });
}
