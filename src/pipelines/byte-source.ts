/** Audio files that callers hold: their bytes in memory, and the names of those that were picked on a page. */
import { isArrayBuffer, isBlob, isView, tagOf } from '../base/checks.ts';

const isShared = ({ buffer }: Uint8Array): boolean => tagOf(buffer) === 'SharedArrayBuffer';

/** The bytes of a file that is in memory; undefined for anything else. */
export function memoryOf(source: unknown): Uint8Array | undefined {
  let view = source;
  if (isArrayBuffer(source)) view = new Uint8Array(source);
  if (isView(source, 'DataView')) view = new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
  if (!isView(view, 'Uint8Array')) return undefined;
  // Shared memory may change while a decoder reads it, and most decoders refuse it.
  return isShared(view) ? new Uint8Array(view) : view;
}

/** The name of a `File`. The `name` of a plain object is passed through instead. */
export const fileName = (source: unknown): string | undefined =>
  isBlob(source) && 'name' in source && typeof source.name === 'string' && source.name !== ''
    ? source.name
    : undefined;
