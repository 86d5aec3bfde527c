/** Edits of `src/base`; what an edit is says `scripts/lib/mutations.d.mts`. */
export default [
  {
    name: 'round-half-to-even',
    file: 'src/base/python-round.ts',
    find: 'return below % 2 === 0 ? below : below + 1;',
    replace: 'return below + 1;',
    why: 'Chunk borders of long clips move by a frame against the reference.',
    tests: ['test/base/python-round.test.ts'],
  },
  {
    name: 'foreign-errors',
    file: 'src/base/errors.ts',
    find: "isError(value) && value.name === 'UniSpeechError'",
    replace: 'isError(value)',
    why: 'Every error counts as one of the engine, so callers branch on a code that is not there.',
    tests: ['test/base/errors.test.ts'],
  },
  {
    name: 'turns-behind-a-failure',
    file: 'src/base/turns.ts',
    find: 'last = result.catch(() => undefined);',
    replace: 'last = result;',
    why: 'After one failed read or write every later one fails too.',
    tests: ['test/base/turns.test.ts'],
  },
  {
    name: 'aborted-before',
    file: 'src/base/abortable.ts',
    find: 'if (signal.aborted) stop();',
    replace: '',
    why: 'A call with a signal that was aborted before waits for all of its work.',
    tests: ['test/base/abortable.test.ts'],
  },
  {
    name: 'recency-of-lru-map',
    file: 'src/base/lru-map.ts',
    find: '    this.#entries.delete(key);\n    this.#entries.set(key, value);\n',
    replace: '',
    why: 'What is in use is forgotten: filters and plans are made again and again.',
    tests: ['test/base/lru-map.test.ts'],
  },
];
