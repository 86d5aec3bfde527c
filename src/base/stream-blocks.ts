/** Reads a stream of the web in a loop; not every browser lets one do that with the stream itself. */

import { heldWhile } from './held.ts';

/** The stream is cancelled when the loop is left, however that is. */
export async function* streamBlocks<Block>(
  stream: ReadableStream<Block>,
): AsyncGenerator<Block, void, undefined> {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await heldWhile(reader, reader.read());
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
