/** Edits of `src/pipelines`. */
export default [
  {
    name: 'end-of-the-last-piece',
    file: 'src/pipelines/chunking.ts',
    find: 'strideRight: isLast ? 0 : right',
    replace: 'strideRight: right',
    why: 'The last seconds of long audio are lost.',
    tests: ['test/pipelines/chunking.test.ts'],
  },
  {
    name: 'nominal-frames',
    file: 'src/pipelines/chunking.ts',
    find: 'roundHalfToEven(length * (1 / samplesPerFrame))',
    replace: 'roundHalfToEven(length / samplesPerFrame)',
    why: 'Pieces of some lengths are cut one frame beside the reference.',
    tests: ['test/pipelines/chunking.test.ts'],
  },
  {
    name: 'warnings-once',
    file: 'src/pipelines/joined-progress.ts',
    find: 'if (owns(info.message)) callback(info);',
    replace: 'callback(info);',
    why: 'Every warning of a load comes twice.',
    tests: ['test/pipelines/joined-progress.test.ts'],
  },
  {
    name: 'labels-of-a-processor',
    file: 'src/pipelines/processor.ts',
    find: '...(options.padding !== undefined && { padding: options.padding }),',
    replace: '',
    why: 'padding of a processor does not reach its text.',
    tests: ['test/pipelines/processor.test.ts'],
  },
  {
    name: 'first-kept-frame',
    file: 'src/pipelines/run-pieces.ts',
    find: 'startSample: piece.start + from *',
    replace: 'startSample: piece.start + to *',
    why: 'Times of pieces are off by what was kept of them.',
    tests: ['test/pipelines/recognition-steps.test.ts'],
  },
];
