/** Edits of `src/captions`. */
export default [
  {
    name: 'captions-into-the-next',
    file: 'src/captions/cues.ts',
    find: 'Math.min(nextStart, Math.max(cue.end,',
    replace: 'Math.max(nextStart, Math.max(cue.end,',
    why: 'Captions overlap.',
    tests: ['test/captions/captions.test.ts'],
  },
  {
    name: 'words-of-characters',
    file: 'src/captions/transcript.ts',
    find: 'if (chunks.some((chunk) => /^\\s+$/.test(chunk.text))) return true;',
    replace: '',
    why: 'Captions of characters are spelled letter by letter.',
    tests: ['test/captions/captions.test.ts'],
  },
  {
    name: 'rttm-duration',
    file: 'src/captions/rttm.ts',
    find: 'inSeconds(to - from)',
    replace: 'inSeconds(to)',
    why: 'RTTM has ends where durations belong.',
    tests: ['test/captions/rttm.test.ts'],
  },
  {
    name: 'rttm-names-with-spaces',
    file: 'src/captions/rttm.ts',
    find: '/^\\S+$/.test(name)',
    replace: "name !== ''",
    why: 'A name with a space shifts the fields of its line.',
    tests: ['test/captions/rttm.test.ts'],
  },
];
