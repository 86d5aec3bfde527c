/** Edits of `src/text`. */
export default [
  {
    name: 'runs-of-one-token',
    file: 'src/text/ctc-collapse.ts',
    find: '(merges && tokens[end] === token)',
    replace: '(tokens[end] === token)',
    why: 'Decoding without grouping loses double letters.',
    tests: ['test/text/ctc-collapse.test.ts'],
  },
  {
    name: 'end-of-a-word',
    file: 'src/text/word-offsets.ts',
    find: '{ ...open, word: open.word + char, end_offset }',
    replace: '{ ...open, word: open.word + char }',
    why: 'Words end where they begin.',
    tests: ['test/text/ctc-tokenizer.test.ts'],
  },
  {
    name: 'spaces-before-contractions',
    file: 'src/text/clean-up-spaces.ts',
    find: `[" n't", "n't"],`,
    replace: '',
    why: 'Text differs from the reference.',
    tests: ['test/text/ctc-tokenizer.test.ts'],
  },
  {
    name: 'longest-added-token',
    file: 'src/text/added-token-splitter.ts',
    find: 'known.sort((a, b) => b - a)',
    replace: 'known.sort((a, b) => a - b)',
    why: 'A token that begins with another one is never found.',
    tests: ['test/text/ctc-tokenizer.test.ts', 'test/text/vocabulary.test.ts'],
  },
  {
    name: 'delimiters-among-phonemes',
    file: 'src/text/phoneme-tokenizer.ts',
    find: '(options.filter_word_delimiter_token ?? true)',
    replace: '(options.filter_word_delimiter_token ?? false)',
    why: 'Word delimiters appear among phonemes.',
    tests: ['test/text/phoneme-tokenizer.test.ts'],
  },
];
