/** The length of weights, for servers that do not send it: safetensors files tell it in their header. */
import { textAt } from '../base/bytes.ts';
import { isCount, isRecord } from '../base/checks.ts';
import type { HttpSource } from './http-source.ts';
import { LENGTH_FIELD_BYTE_LENGTH, headerByteLength } from '../checkpoint/safetensors.ts';

/** Other files up to here are read to their end to know their length. */
const SMALL_BYTE_LENGTH = 64 * 1024;
/** Of PyTorch files, zip files and pickles: only their end says how long they are. */
const PYTORCH_STARTS = ['PK\x03\x04', '\x80\x02\x8a\x0a'];

/**
 * Sets the length of a file of which the server does not tell it, where it can be known. What is read for that stays to be
 * read. Closes the file where it fails.
 */
export async function measure(source: HttpSource, signal: AbortSignal | undefined): Promise<void> {
  try {
    const dataByteOffset = dataStart(await source.peek(LENGTH_FIELD_BYTE_LENGTH, signal));
    const head = await source.peek(dataByteOffset ?? SMALL_BYTE_LENGTH, signal);
    // It may have ended already, so that its length is known.
    if (source.byteLength < Infinity) return;
    if (PYTORCH_STARTS.includes(textAt(head, 0, 4))) await source.measure(signal);
    if (source.byteLength < Infinity || dataByteOffset === undefined) return;
    const dataByteLength = dataEnd(head.subarray(LENGTH_FIELD_BYTE_LENGTH));
    if (dataByteLength !== undefined) source.byteLength = dataByteOffset + dataByteLength;
  } catch (error) {
    await source.close();
    throw error;
  }
}

/** Where the data begins; undefined where `start` is none of a safetensors file, which is said where the header is checked. */
function dataStart(start: Uint8Array): number | undefined {
  try {
    return LENGTH_FIELD_BYTE_LENGTH + headerByteLength(start, Infinity, '');
  } catch {
    return undefined;
  }
}

/** Where the last tensor ends in the data; undefined where `json` is no header. */
function dataEnd(json: Uint8Array): number | undefined {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder().decode(json));
  } catch {
    return undefined;
  }
  if (!isRecord(header)) return undefined;
  let end = 0;
  for (const entry of Object.values(header)) {
    const offsets: unknown = isRecord(entry) ? entry.data_offsets : undefined;
    if (Array.isArray(offsets) && isCount(offsets[1])) end = Math.max(end, offsets[1]);
  }
  return end;
}
