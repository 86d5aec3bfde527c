/** Writes messages in the wire format of protocol buffers: as much of it as ONNX files need. */

const VARINT = 0;
const LENGTH_DELIMITED = 2;
const FIXED_32 = 5;

/** The parts of a message, in order. Large contents are kept as they are until the end. */
export class ProtobufMessage {
  readonly #parts: Uint8Array[] = [];

  /** A whole number from 0 up to 2^53. */
  integer(field: number, value: number): this {
    this.#parts.push(Uint8Array.from([...varint(tag(field, VARINT)), ...varint(value)]));
    return this;
  }

  float(field: number, value: number): this {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setFloat32(0, value, true);
    this.#parts.push(Uint8Array.from(varint(tag(field, FIXED_32))), bytes);
    return this;
  }

  text(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value));
  }

  bytes(field: number, value: Uint8Array): this {
    const head = [...varint(tag(field, LENGTH_DELIMITED)), ...varint(value.byteLength)];
    this.#parts.push(Uint8Array.from(head), value);
    return this;
  }

  message(field: number, value: ProtobufMessage): this {
    return this.bytes(field, value.encode());
  }

  encode(): Uint8Array {
    const encoded = new Uint8Array(this.#parts.reduce((sum, { byteLength }) => sum + byteLength, 0));
    let offset = 0;
    for (const part of this.#parts) {
      encoded.set(part, offset);
      offset += part.byteLength;
    }
    return encoded;
  }
}

const tag = (field: number, wireType: number): number => field * 8 + wireType;

/** Seven bits per byte, the lowest first. */
function varint(value: number): readonly number[] {
  if (!Number.isSafeInteger(value) || value < 0)
    throw new RangeError(`protocol buffers here hold whole numbers from 0, not ${value}`);
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return [...bytes, rest];
}
