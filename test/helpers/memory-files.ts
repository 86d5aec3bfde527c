/** Model files from memory, for tests that need exact or broken contents. */
import { UniSpeechError } from '../../src/base/errors.ts';
import type { ModelFiles } from '../../src/base/files.ts';

/** @param files file name → content. */
export function memoryFiles(files: Readonly<Record<string, string | Uint8Array>>): ModelFiles {
  const contents = new Map(
    Object.entries(files).map(([name, content]) => [
      name,
      typeof content === 'string' ? new TextEncoder().encode(content) : content,
    ]),
  );
  return {
    location: 'memory',
    open: (fileName, signal) => {
      signal?.throwIfAborted();
      const bytes = contents.get(fileName);
      return Promise.resolve(
        bytes && {
          name: `memory/${fileName}`,
          byteLength: bytes.byteLength,
          read: (byteOffset, byteLength, readSignal) => {
            readSignal?.throwIfAborted();
            if (byteOffset + byteLength > bytes.byteLength) {
              return Promise.reject(
                new UniSpeechError('bad-input', `memory/${fileName}: read past the end.`),
              );
            }
            return Promise.resolve(bytes.slice(byteOffset, byteOffset + byteLength));
          },
          close: () => Promise.resolve(),
        },
      );
    },
    readText: (fileName) => {
      const bytes = contents.get(fileName);
      return Promise.resolve(bytes && new TextDecoder().decode(bytes));
    },
  };
}
