/** Edits of `src/worker`. */
export default [
  {
    name: 'sentence-without-fix',
    file: 'src/worker/protocol.ts',
    find: 'const { code, sentence, fix, cause } = error;',
    replace: 'const { code, message: sentence, fix, cause } = error;',
    why: 'Errors of a worker say twice what to do.',
    tests: ['test/worker/protocol.test.ts'],
  },
  {
    name: 'cause-of-an-error',
    file: 'src/worker/protocol.ts',
    find: 'packError(cause) } satisfies',
    replace: 'cause } satisfies',
    why: 'The cause of an error in the worker loses its class and code on the page.',
    tests: ['test/worker/protocol.test.ts'],
  },
  {
    name: 'copies-for-the-worker',
    file: 'src/worker/pack-audio.ts',
    find: 'const copy = view.slice() as T;',
    replace: 'const copy = view;',
    why: "The caller's own samples are handed over, and gone.",
    tests: ['test/worker/pack-audio.test.ts'],
  },
  {
    name: 'fields-of-a-clip',
    file: 'src/worker/pack-audio.ts',
    find: 'return { ...others, ...(raw',
    replace: 'return { ...(raw',
    why: 'Samples lose their rate on the way to the worker.',
    tests: ['test/worker/pack-audio.test.ts'],
  },
];
