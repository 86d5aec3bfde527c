/** Results of recognition in each format that `transcribe` writes. */
import { expect, test } from 'vitest';
import { printable } from '../../src/cli/printable.ts';
import { formatTranscript, type TranscriptFormat } from '../../src/cli/transcript.ts';

const OUTPUT = {
  text: 'YES \u001b[1mFIVE',
  chunks: [
    { text: 'YES', timestamp: [0.5, 0.9] as const },
    { text: '\u001b[1mFIVE', timestamp: [1, 1.5] as const },
  ],
  timing: { audio_seconds: 2, run_milliseconds: 1, decode_milliseconds: 1 },
};
const plain = { hasTimes: false, nameWidth: 0, karaoke: false, isOfPhonemes: false };
const written = (format: TranscriptFormat, more: Partial<typeof plain> = {}): string =>
  formatTranscript('in/my talk.wav', OUTPUT as never, { format, ...plain, ...more });

test('captions and files of words, in which a terminal finds nothing to obey', () => {
  const five = printable('\u001b[1mFIVE');
  expect(five).not.toContain('\u001b');
  expect(written('srt')).toContain(`YES ${five}\n`);
  expect(written('vtt')).toContain(`YES ${five}\n`);
  expect(written('vtt', { karaoke: true })).toContain(`YES <00:00:01.000>${five}\n`);
  expect(written('ctm')).toBe(`my_talk 1 0.500 0.400 YES\nmy_talk 1 1.000 0.500 ${five}\n`);
  expect(written('eaf')).toMatch(/MEDIA_URL="in\/my talk.wav"[^]*TIER_ID="words"[^]*>YES</);
  expect(written('eaf')).not.toContain('\u001b');
  expect(written('eaf', { isOfPhonemes: true })).toContain('TIER_ID="phones"');
  expect(written('audacity')).toBe(`0.500000\t0.900000\tYES\n1.000000\t1.500000\t${five}\n`);
});

test('confidences and log probabilities are in JSON, those of words also in CTM', () => {
  const output = {
    text: 'YES',
    chunks: [{ text: 'YES', timestamp: [0.5, 0.9], confidence: 0.75 }],
    confidence: 0.75,
    logprobs: [{ token: 'Y', logprob: -0.25, bytes: [89] }],
    timing: { audio_seconds: 2, run_milliseconds: 1 },
  };
  const as = (format: TranscriptFormat): string =>
    formatTranscript('a.wav', output as never, { format, ...plain });
  const { timing, ...recognized } = output;
  expect(JSON.parse(as('json'))).toEqual({ file: 'a.wav', ...recognized, ...timing });
  expect(as('ctm')).toBe('a 1 0.500 0.400 YES 0.7500\n');
});

test('a TextGrid is as long as the audio, and its tier is of words or of phones', () => {
  expect(written('textgrid')).toMatch(/^xmax = 2 $/m);
  expect(written('textgrid')).toContain('name = "words"');
  expect(written('textgrid', { isOfPhonemes: true })).toContain('name = "phones"');
});
