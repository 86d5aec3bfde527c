/** Edits of `src/doctor`. */
export default [
  {
    name: 'longest-clip',
    file: 'src/doctor/fit.ts',
    find: 'longestClipSeconds: tooLong - 1,',
    replace: 'longestClipSeconds: tooLong,',
    why: 'The report promises a length that does not fit.',
    tests: ['test/doctor/doctor.test.ts'],
  },
  {
    name: 'slower-than-speech',
    file: 'src/doctor/verdict.ts',
    find: 'if (isSoftware || cost.base > 1) {',
    replace: 'if (isSoftware) {',
    why: 'A machine that cannot keep up is called fast.',
    tests: ['test/doctor/doctor.test.ts'],
  },
  {
    name: 'twins-of-a-wrong-kernel',
    file: 'src/doctor/verdict.ts',
    find: '[...families].filter((family) => !right.has(family))',
    replace: '[...families].filter(() => false)',
    why: 'A machine that computes wrongly is called fit.',
    tests: ['test/doctor/doctor.test.ts'],
  },
];
