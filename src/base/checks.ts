/** Checks the kind of values that come from outside. */

/** Whether a value is an object with keys, like an object in JSON. */
export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `Array.isArray` without its `any`. */
export const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);

/** Whether a value is an array of which every entry is accepted. Holes are entries that are undefined; `every` alone skips them. */
export const isListOf = <Item>(
  value: unknown,
  accepts: (item: unknown) => item is Item,
): value is readonly Item[] => isList(value) && Array.from(value).every(accepts);

/** Whether a value is a whole number of at least 0: a length, an id, a position. */
export const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

/**
 * The name that a value's class gives itself: 'Blob', 'URL', 'Map', 'ArrayBuffer'. It replaces `instanceof`, which knows only the classes
 * of its own realm: Jest, Vitest, frames and Node's `vm` have their own.
 */
export const tagOf = (value: unknown): string => Object.prototype.toString.call(value).slice(8, -1);

interface ViewByName {
  readonly DataView: DataView;
  readonly Uint8Array: Uint8Array;
  readonly Int16Array: Int16Array;
  readonly Int32Array: Int32Array;
  readonly BigInt64Array: BigInt64Array;
  readonly Float32Array: Float32Array;
  readonly Float64Array: Float64Array;
}

/** Whether a value is a view of one of these kinds on memory, from any realm. Node's `Buffer` is a `Uint8Array`. */
export const isView = <N extends keyof ViewByName>(
  value: unknown,
  ...names: readonly N[]
): value is ViewByName[N] => ArrayBuffer.isView(value) && (names as readonly string[]).includes(tagOf(value));

export const isArrayBuffer = (value: unknown): value is ArrayBuffer | SharedArrayBuffer =>
  /^(Shared)?ArrayBuffer$/.test(tagOf(value));

export const isBlob = (value: unknown): value is Blob => /^(Blob|File)$/.test(tagOf(value));

export const isUrl = (value: unknown): value is URL => tagOf(value) === 'URL';

/** Whether a value is an error or a `DOMException`, from any realm. Some kinds of `DOMException` have their own tag: `QuotaExceededError`. */
export const isError = (value: unknown): value is Error => /(Error|Exception)$/.test(tagOf(value));

/** The message of a thrown value. */
export const messageOf = (thrown: unknown): string => (isError(thrown) ? thrown.message : String(thrown));
