/** Edits of `src/decode`. */
export default [
  {
    name: 'first-of-equal-logits',
    file: 'src/decode/argmax.ts',
    find: 'if (value > bestValue) {',
    replace: 'if (value >= bestValue) {',
    why: 'Equal logits give another token than the reference takes.',
    tests: ['test/decode/argmax.test.ts'],
  },
  {
    name: 'frames-of-a-later-window',
    file: 'src/decode/greedy-decoder.ts',
    find: 'this.#frameStarts.push(startSample + frame',
    replace: 'this.#frameStarts.push(frame',
    why: 'Times of long audio begin again at every piece.',
    tests: ['test/decode/greedy-decoder.test.ts'],
  },
  {
    name: 'last-frame-of-a-unit',
    file: 'src/decode/greedy-decoder.ts',
    find: 'secondsAt(unit.end_offset - 1, samplesPerFrame)',
    replace: 'secondsAt(unit.end_offset - 1)',
    why: 'Words end a frame early.',
    tests: ['test/decode/greedy-decoder.test.ts'],
  },
];
