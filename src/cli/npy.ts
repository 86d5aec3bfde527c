/** NumPy's file format for one array, version 1.0 (`numpy/lib/format.py`). */

/** The data begins at a multiple of this. */
const ALIGNMENT = 64;

/**
 * The first bytes of the file of a float32 array in little-endian byte order, rows last (C order). The elements follow.
 * @param shape one length for each dimension.
 */
export function npyHeader(shape: readonly number[]): Uint8Array<ArrayBuffer> {
  // A tuple of one needs its comma in Python.
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const description = `{'descr': '<f4', 'fortran_order': False, 'shape': ${tuple}, }`;
  const prefixByteLength = 10;
  const byteLength = Math.ceil((prefixByteLength + description.length + 1) / ALIGNMENT) * ALIGNMENT;
  const text = `${description.padEnd(byteLength - prefixByteLength - 1)}\n`;
  const header = new Uint8Array(byteLength);
  header.set([0x93, ...new TextEncoder().encode('NUMPY'), 1, 0]);
  new DataView(header.buffer).setUint16(8, text.length, true);
  header.set(new TextEncoder().encode(text), prefixByteLength);
  return header;
}
