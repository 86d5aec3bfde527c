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
    find: 'const start = startSample + frame *',
    replace: 'const start = frame *',
    why: 'Times of long audio begin again at every piece.',
    tests: ['test/decode/greedy-decoder.test.ts'],
  },
  {
    name: 'last-frame-of-a-unit',
    file: 'src/decode/greedy-decoder.ts',
    find: '?.lastStart, samplesPerFrame)',
    replace: '?.lastStart)',
    why: 'Words end a frame early.',
    tests: ['test/decode/greedy-decoder.test.ts'],
  },
  {
    name: 'words-that-may-go-on',
    file: 'src/decode/greedy-decoder.ts',
    find: 'return Math.max(0, count);',
    replace: 'return Math.max(0, this.#runs.length - 1);',
    why: 'A word that two windows share is given as two.',
    tests: ['test/decode/greedy-decoder.test.ts'],
  },
  {
    name: 'softmax-of-large-logits',
    file: 'src/decode/log-softmax.ts',
    find: 'sum += Math.exp(((logits[offset + index] ?? 0) - largest) / temperature);',
    replace: 'sum += Math.exp((logits[offset + index] ?? 0) / temperature);',
    why: 'Log probabilities are wrong everywhere.',
    tests: ['test/decode/log-softmax.test.ts'],
  },
];
