/** Edits of `src/platform`. */
export default [
  {
    name: 'token-beyond-the-hub',
    file: 'src/platform/hub/hub-fetch.ts',
    find: 'if (isHub && hub.token) headers',
    replace: 'if (hub.token) headers',
    why: 'The store that the hub redirects to gets the token of the account.',
    tests: ['test/platform/hub/hub-files.test.ts'],
  },
  {
    name: 'download-of-another-process',
    file: 'src/platform/hub/partial-blob.ts',
    find: 'host === hostDigest() && !isRunning(file, Number(processId))',
    replace: 'host === hostDigest()',
    why: 'A load takes the partial file away from a process that writes it.',
    tests: ['test/platform/hub/hub-files.test.ts'],
  },
  {
    name: 'one-commit-for-a-load',
    file: 'src/platform/hub/hub-files.ts',
    find: 'return { commit, url: this.#urlOf(commit, fileName) };',
    replace: 'return { commit, url: this.#urlOf(this.#hub.revision, fileName) };',
    why: 'A push between two files mixes two versions of a model.',
    tests: ['test/platform/hub/hub-files.test.ts'],
  },
  {
    name: 'half-a-file-as-a-blob',
    file: 'src/platform/hub/partial-blob.ts',
    find: 'if (!complete || !this.#isOpen || this.#byteLength < byteLength) return;',
    replace: 'if (!this.#isOpen) return;',
    why: 'A download that has only begun counts as the whole file.',
    tests: ['test/platform/hub/hub-files.test.ts'],
  },
  {
    name: 'content-unlike-its-name',
    file: 'src/platform/hub/hub-files.ts',
    find: 'if (mismatch) throw mismatch;',
    replace: '',
    why: 'A damaged configuration is stored and used.',
    tests: ['test/platform/hub/hub-files.test.ts'],
  },
];
