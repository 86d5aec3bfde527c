/**
 * The frames in `bytes`, in order, as views; what lies between them is left out.
 * @param firstByte of every frame.
 * @param byteLengthAt the length of the frame at an offset, 0 where there is none; `follows`: the frame before ends there.
 */
export function cutFrames(
  bytes: Uint8Array,
  firstByte: number,
  byteLengthAt: (offset: number, follows: boolean) => number,
): Uint8Array[] {
  const frames: Uint8Array[] = [];
  let end = -1;
  for (let offset = 0; offset >= 0 && offset < bytes.length;) {
    const byteLength = byteLengthAt(offset, offset === end);
    if (byteLength > 0) {
      end = offset + byteLength;
      frames.push(bytes.subarray(offset, end));
      offset = end;
    } else {
      offset = bytes.indexOf(firstByte, offset + 1);
    }
  }
  return frames;
}
