/** Arrays of samples: made and joined. Apart from the readers of files, because pages that bring samples need them, too. */

/** Silence: one array per channel. */
export const newChannels = (channelCount: number, frameCount: number): Float32Array[] =>
  Array.from({ length: channelCount }, () => new Float32Array(frameCount));

/** @returns the only part itself, where there is one. */
export function joinSamples(parts: readonly Float32Array[]): Float32Array {
  const [first] = parts;
  if (first && parts.length === 1) return first;
  const joined = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}
