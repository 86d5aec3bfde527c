/** Edits of `src/doctor`. */
export default [
  {
    name: 'longest-clip',
    file: 'src/doctor/estimate-memory.ts',
    find: '!canPlan(architecture, capabilities, seconds)) - 1;',
    replace: '!canPlan(architecture, capabilities, seconds));',
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
  {
    name: 'readback-of-the-estimate',
    file: 'src/doctor/estimate-memory.ts',
    find: 'byteLength: weights + activations + readback,',
    replace: 'byteLength: weights + activations,',
    why: 'The estimate leaves out memory that every run takes.',
    tests: ['test/doctor/model-summary.test.ts'],
  },
  {
    name: 'language-of-a-nested-vocabulary',
    file: 'src/doctor/read-languages.ts',
    find: 'const own = names.length > 0 ? names',
    replace: 'const own = names.length > 1e9 ? names',
    why: 'A model of a thousand languages is shown as one of a single language.',
    tests: ['test/doctor/model-summary.test.ts'],
  },
];
