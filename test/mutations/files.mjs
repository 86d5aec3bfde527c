/** Edits of `src/files`. */
export default [
  {
    name: 'sha-256-of-pieces',
    file: 'src/files/sha256.ts',
    find: 'if (restLength + offset < BLOCK_BYTE_LENGTH) return this;',
    replace: '',
    why: 'The digest of a download depends on how it was cut, and good files are refused.',
    tests: ['test/files/sha256.test.ts'],
  },
  {
    name: 'bytes-read-twice',
    file: 'src/files/progress.ts',
    find: 'const loaded = Math.min(total, before + byteLength);',
    replace: 'const loaded = before + byteLength;',
    why: 'Progress passes 100 %.',
    tests: ['test/files/progress.test.ts'],
  },
  {
    name: 'retries-after-progress',
    file: 'src/files/http-request.ts',
    find: 'for (let failures = 0; ; failures++) {',
    replace:
      'for (let failures = (globalThis.failures ??= 0); ; failures++, globalThis.failures = failures) {',
    why: 'A download over a line that breaks now and then is given up, though it gets on.',
    tests: ['test/files/http-files.test.ts'],
  },
  {
    name: 'directory-read-ahead',
    file: 'src/files/block-source.ts',
    find: 'const isAhead = isEnd && this.#source.isSequential !== true;',
    replace: 'const isAhead = false;',
    why: 'The whole file is downloaded before the first weight of a PyTorch file is used.',
    tests: ['test/files/pytorch-http.test.ts'],
  },
  {
    name: 'inner-folders-of-picked-files',
    file: 'src/files/picked-files.ts',
    find: 'if (place === folder) byName.set(file.name, file);',
    replace: 'if (place.startsWith(folder)) byName.set(file.name, file);',
    why: 'Files of an inner folder are taken for those of the model.',
    tests: ['test/files/picked-files.test.ts'],
  },
];
