/** Values of another realm, as Jest, Vitest and frames have them: `instanceof` says no to every one of them. */
import { readFileSync } from 'node:fs';
import vm from 'node:vm';
import { describe, expect, test } from 'vitest';
import { isArrayBuffer, isBlob, isError, isUrl, isView, messageOf } from '../../src/base/checks.ts';
import { UniSpeechError } from '../../src/base/errors.ts';

const realm = vm.createContext({});
const other = (code: string): unknown => vm.runInContext(code, realm);

describe('values of another realm', () => {
  test('are what they are', () => {
    const samples = other('new Float32Array([1, 2])');
    expect(samples instanceof Float32Array).toBe(false);
    expect(isView(samples, 'Float32Array')).toBe(true);
    expect(isView(samples, 'Int16Array', 'Float64Array')).toBe(false);
    expect(isArrayBuffer(other('new ArrayBuffer(2)'))).toBe(true);
    expect(isArrayBuffer(other('new SharedArrayBuffer(2)'))).toBe(true);
    const error = other('new TypeError("No.")');
    expect(error instanceof Error).toBe(false);
    expect({ isError: isError(error), message: messageOf(error) }).toEqual({ isError: true, message: 'No.' });
  });

  test('that only look alike are not', () => {
    expect(isView(other('({ [Symbol.toStringTag]: "Float32Array" })'), 'Float32Array')).toBe(false);
    expect(isView(other('new DataView(new ArrayBuffer(2))'), 'Float32Array', 'Uint8Array')).toBe(false);
    expect(isError(other('({ message: "No." })'))).toBe(false);
  });

  test('an error of the engine that was made there is one here', () => {
    const error = other('Object.assign(new Error("No."), { name: "UniSpeechError", code: "bad-input" })');
    expect(error instanceof UniSpeechError).toBe(true);
    expect(other('new Error("No.")') instanceof UniSpeechError).toBe(false);
  });
});

test('values of this realm', () => {
  expect(isView(Buffer.from('a'), 'Uint8Array')).toBe(true);
  expect([new Blob([]), new File([], 'a')].map(isBlob)).toEqual([true, true]);
  expect([new URL('a:b'), 'a:b'].map(isUrl)).toEqual([true, false]);
  expect(isError(new DOMException('No.'))).toBe(true);
  // Chromium's errors of full storage and of pipelines.
  for (const tag of ['QuotaExceededError', 'GPUPipelineError'])
    expect(isError(Object.assign(new Error('No.'), { [Symbol.toStringTag]: tag }))).toBe(true);
  expect(isArrayBuffer(new Uint8Array(2))).toBe(false);
  expect(messageOf('No.')).toBe('No.');
  let thrown: unknown;
  try {
    readFileSync('/nowhere');
  } catch (error) {
    thrown = error;
  }
  expect(isError(thrown)).toBe(true);
});
