/** Phonemes and pronunciations in the formats of the command line. */
import { expect, test } from 'vitest';
import { formatPhones } from '../../src/cli/phones.ts';
import { printable } from '../../src/cli/printable.ts';
import { formatPronunciation } from '../../src/cli/pronounce.ts';
import { phones } from '../../src/phones/phones.ts';
import { pronunciation } from '../../src/phones/pronunciation.ts';
import { sourceOf } from '../phones/made-up-source.ts';

const SAID = '_ o o _ l _ a a _ _';
const EVIL = '\u001b[1mo';

test('phonemes as text, JSON, captions, lists and tiers', async () => {
  const result = await phones(sourceOf([SAID]), 'a.wav', { return_visemes: true });
  const as = (
    format: 'text' | 'json' | 'srt' | 'vtt' | 'textgrid' | 'ctm' | 'audacity' | 'eaf',
    files = ['my a.wav'],
  ) => formatPhones('my a.wav', result, { format, files });
  expect(as('text')).toMatch(/^0\.02\d +0\.06\d +0\.9758 +o\n/);
  expect(as('text')).toMatch(/\n0\.16\d +0\.2\d\d +sil\n$/);
  expect(as('text', ['a', 'b'])).toMatch(/^my a\.wav\n/);
  expect(JSON.parse(as('json'))).toEqual({ file: 'my a.wav', ...result });
  expect(as('srt')).toContain('o l a');
  expect(as('vtt')).toMatch(/^WEBVTT\n/);
  expect(as('ctm')).toMatch(/^my_a 1 0\.02\d 0\.040 o 0\.9758\n/);
  expect(as('audacity')).toContain('\tl\n');
  expect(as('eaf')).toMatch(/MEDIA_URL="my a.wav"[^]*TIER_ID="phones"/);
  expect(as('textgrid')).toContain('name = "phones"');
  expect(as('textgrid')).toContain('name = "visemes"');
  const evil = { ...result, phones: [{ text: EVIL, start: 0, end: 1, score: 1 }] };
  const formats = ['text', 'json', 'srt', 'vtt', 'textgrid', 'ctm', 'audacity', 'eaf'] as const;
  for (const format of formats)
    expect(formatPhones('a', evil, { format, files: ['a'] })).not.toContain('\u001b');
  expect(printable(EVIL)).not.toContain('\u001b');
});

test('pronunciations as a table of words and phonemes, JSON, and tiers', async () => {
  const result = await pronunciation(sourceOf([SAID]), 'a.wav', 'o ʃ a | t');
  const text = formatPronunciation('a.wav', result, { format: 'text' });
  expect(text).toMatch(/\n.* {2}ʃ +heard l\n/);
  expect(text).toMatch(/\n.* {2}t +left out\n/);
  expect(text).toMatch(/\nscore 0\.\d\d\nheard o l a\n$/);
  const shorter = await pronunciation(sourceOf([SAID]), 'a.wav', 'o l');
  expect(formatPronunciation('a.wav', shorter, { format: 'text' })).toMatch(
    /\nnot expected: a at 0\.12 s\n$/,
  );
  expect(JSON.parse(formatPronunciation('a.wav', result, { format: 'json' }))).toEqual({
    file: 'a.wav',
    ...result,
  });
  const grid = formatPronunciation('a.wav', result, { format: 'textgrid' });
  expect(grid).toContain('text = "ʃ > l"');
  expect(grid).toContain('name = "words"');
  // The a is said behind the last expected word.
  const tiers = formatPronunciation('a.wav', shorter, { format: 'textgrid' }).split('item [').slice(2);
  expect(tiers).toHaveLength(3);
  for (const tier of tiers) expect(tier).toContain(`xmax = ${shorter.seconds}`);
  expect(tiers[2]).toContain('name = "insertions"');
  expect(tiers[2]).toContain('text = "a"');
});
