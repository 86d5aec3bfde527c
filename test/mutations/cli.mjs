/** Edits of `src/cli`. */
export default [
  {
    name: 'delete-without-a-question',
    file: 'src/cli/cache.ts',
    find: 'if (!isSure && !(await agrees(',
    replace: 'if (!isSure && (await agrees(',
    why: 'A model is deleted where somebody says no.',
    tests: ['test/cli/cache.test.ts'],
  },
  {
    name: 'positive-seconds',
    file: 'src/cli/words.ts',
    find: 'if (seconds > 0 && Number.isFinite(seconds)) return seconds;',
    replace: 'if (Number.isFinite(seconds)) return seconds;',
    why: 'Chunks of no length are accepted.',
    tests: ['test/cli/usage.test.ts'],
  },
  {
    name: 'options-of-another-command',
    file: 'src/cli/usage.ts',
    find: "tune: ['model', 'dtype'],",
    replace: "tune: ['model', 'dtype', 'json'],",
    why: 'An option that nothing reads is accepted in silence.',
    tests: ['test/cli/usage.test.ts'],
  },
  {
    name: 'width-of-a-terminal',
    file: 'src/cli/terminal-progress.ts',
    find: 'line.slice(0, columns - 1)',
    replace: 'line',
    why: 'On a narrow terminal every step of a load leaves a line behind.',
    tests: ['test/cli/usage.test.ts'],
  },
];
