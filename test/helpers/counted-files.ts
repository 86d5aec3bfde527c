/** Counts the files that code under test holds open. */
import type { ModelFiles } from '../../src/base/files.ts';

export interface CountedFiles extends ModelFiles {
  readonly counts: { opened: number; open: number };
}

export function countedFiles(files: ModelFiles): CountedFiles {
  const counts = { opened: 0, open: 0 };
  return {
    location: files.location,
    counts,
    readText: (fileName, signal, maxByteLength) => files.readText(fileName, signal, maxByteLength),
    async open(fileName, signal) {
      const source = await files.open(fileName, signal);
      if (!source) return undefined;
      counts.opened++;
      counts.open++;
      let isOpen = true;
      return {
        name: source.name,
        byteLength: source.byteLength,
        read: (...args) => source.read(...args),
        async close() {
          if (isOpen) counts.open--;
          isOpen = false;
          await source.close();
        },
      };
    },
  };
}
