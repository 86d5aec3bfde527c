/** Edits of `src/worker`. */
export default [
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
  {
    name: 'tensors-from-the-worker',
    file: 'src/worker/results.ts',
    find: "isView(data, 'Float32Array')",
    replace: "isView(dims, 'Float32Array')",
    why: 'Features arrive as plain objects without methods.',
    tests: ['test/worker/results.test.ts'],
  },
  {
    name: 'memory-from-the-worker',
    file: 'src/worker/results.ts',
    find: "isView(each, 'Float32Array') ?",
    replace: '!each ?',
    why: 'Features are copied instead of handed over.',
    tests: ['test/worker/results.test.ts'],
  },
  {
    name: 'tensors-inside-results',
    file: 'src/worker/results.ts',
    find: '[key, receiveTensor(value)]',
    replace: '[key, value]',
    why: 'The frames of a diarization in a worker are no tensor.',
    tests: ['test/worker/results.test.ts'],
  },
];
