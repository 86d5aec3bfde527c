/** Checks callers' values. All errors have the same form: what the value is, and what it must be. */
import { isList, isRecord, isView } from './checks.ts';
import { describeValue, UniSpeechError } from './errors.ts';
import { Tensor } from './tensor.ts';

export const badOption = (name: string, value: unknown, expected: string): UniSpeechError =>
  new UniSpeechError('bad-option', `${name} is ${describeValue(value)}, but it must be ${expected}.`);

export const badInput = (name: string, value: unknown, expected: string): UniSpeechError =>
  new UniSpeechError('bad-input', `${name} is ${describeValue(value)}, but it must be ${expected}.`);

/** @throws UniSpeechError `bad-option`. */
export function checkObject(name: string, value: unknown): void {
  if (!isRecord(value)) throw badOption(name, value, 'an object');
}

/** @throws UniSpeechError `bad-input`. */
export function checkString(name: string, value: unknown): void {
  if (typeof value !== 'string') throw badInput(name, value, 'a string');
}

/** @throws UniSpeechError `bad-option` for anything but true, false or undefined. */
export function checkBoolean(name: string, value: unknown): void {
  if (typeof value !== 'boolean' && value !== undefined && value !== null)
    throw badOption(name, value, 'true or false');
}

/** @throws UniSpeechError `bad-option` for anything but a function or undefined. */
export function checkCallback(name: string, value: unknown): void {
  if (typeof value !== 'function' && value !== undefined && value !== null)
    throw badOption(name, value, 'a function');
}

/** Checks methods, not the class, so that signals of other realms and polyfills pass. @throws UniSpeechError `bad-option`. */
export function checkSignal(signal: unknown): void {
  if (signal === undefined || signal === null) return;
  if (
    isRecord(signal) &&
    ['throwIfAborted', 'addEventListener'].every((name) => typeof signal[name] === 'function')
  )
    return;
  throw badOption('signal', signal, 'an AbortSignal');
}

/**
 * Returns the rows of a mask as zeros and ones. A mask is a tensor `[rows, columns]`, or a list of lists of numbers, bigints or booleans.
 * @param name shown in errors.
 * @throws UniSpeechError `bad-input`.
 */
export function maskRows(mask: unknown, name: string): Uint8Array[] {
  const tensor = mask instanceof Tensor ? (mask as Tensor) : undefined;
  const rows: unknown =
    tensor?.dims.length === 2
      ? Array.from({ length: tensor.dims[0] ?? 0 }, (_, row) => tensor.at(row).data)
      : mask;
  if (!isList(rows)) throw badInput(name, mask, 'a tensor [rows, columns] or a list of lists');
  return Array.from(rows, (row, index) => {
    if (!isList(row) && !isView(row, 'Uint8Array', 'Int32Array', 'BigInt64Array', 'Float32Array'))
      throw badInput(`Row ${index} of ${name}`, row, 'a list of zeros and ones');
    const bits = new Uint8Array(row.length);
    for (let column = 0; column < bits.length; column += 1) {
      const value: unknown = row[column];
      const bit = typeof value === 'bigint' || typeof value === 'boolean' ? Number(value) : value;
      if (bit !== 0 && bit !== 1)
        throw badInput(`Entry ${column} of row ${index} of ${name}`, value, 'zero or one');
      bits[column] = bit;
    }
    return bits;
  });
}
