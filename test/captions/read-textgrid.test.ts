/** TextGrids as Praat and other programs write them, whole, damaged and made to hurt. */
import { describe, expect, test } from 'vitest';
import { UniSpeechError } from '../../src/base/errors.ts';
import { readTextGrid } from '../../src/captions/read-textgrid.ts';
import { formatTextGrid } from '../../src/captions/textgrid.ts';
import { toTextGrid } from '../../src/captions/to-textgrid.ts';
import { Random } from '../fuzz/random.ts';
import { formats } from './subtitles.json' with { type: 'json' };

const { textgrid: long } = formats;

/** The short form, with points and comments. */
const SHORT = `File type = "ooTextFile short"
"TextGrid"

0
2.5
<exists> ! as always
2
"IntervalTier"
"a ""b"""
0
2.5
2
0
1e0
"x
y"
1
2.5
""
"TextTier"
"points"
0 2.5 1
.5 "bell"
`;

const bytesOf = (text: string, isBigEndian: boolean): Uint8Array =>
  Uint8Array.from(
    [0xfeff, ...Array.from({ length: text.length }, (_, index) => text.charCodeAt(index))].flatMap((unit) =>
      isBigEndian ? [unit >> 8, unit & 255] : [unit & 255, unit >> 8],
    ),
  );

describe('readTextGrid', () => {
  test('reads the long form, and what it reads is written as it was', () => {
    const grid = readTextGrid(long);
    expect(grid).toMatchObject({ start: 0, end: 2.3 });
    expect(grid.tiers[0]).toMatchObject({ name: 'words', start: 0, end: 2.3 });
    expect(grid.tiers[0]).toHaveProperty('intervals.2', { start: 0.4, end: 0.75, text: '"hi"' });
    expect(formatTextGrid(grid)).toBe(long);
  });

  test('reads the short form, points and comments', () => {
    const grid = readTextGrid(SHORT);
    expect(grid).toEqual({
      ...{ start: 0, end: 2.5 },
      tiers: [
        {
          ...{ name: 'a "b"', start: 0, end: 2.5 },
          intervals: [
            { start: 0, end: 1, text: 'x\ny' },
            { start: 1, end: 2.5, text: '' },
          ],
        },
        { ...{ name: 'points', start: 0, end: 2.5 }, points: [{ time: 0.5, text: 'bell' }] },
      ],
    });
    expect(readTextGrid(formatTextGrid(grid))).toEqual(grid);
  });

  test('reads bytes: UTF-8, and UTF-16 in both orders', () => {
    const utf8 = new TextEncoder().encode(long);
    for (const bytes of [utf8, utf8.buffer, bytesOf(long, true), bytesOf(long, false)])
      expect(formatTextGrid(readTextGrid(bytes))).toBe(long);
    expect(formatTextGrid(readTextGrid(new TextEncoder().encode(`\ufeff${long}`)))).toBe(long);
    expect(formatTextGrid(readTextGrid(long.replaceAll('\n', '\r\n')))).toBe(long);
  });

  test('a file without tiers', () => {
    expect(readTextGrid('"ooTextFile" "TextGrid" 0 1 <absent>')).toEqual({ start: 0, end: 1, tiers: [] });
  });

  test.each([
    ['', 'The TextGrid ends before the type of the file, expected a string in quotes'],
    [long.replace('ooTextFile', 'ooBinaryFile'), 'begins with "ooBinaryFile", expected "ooTextFile"'],
    [long.replace('"TextGrid"', '"Sound"'), 'holds an object of the class "Sound"'],
    [long.replace('"IntervalTier"', '"OtherTier"'), 'has "OtherTier" as the class of tier 1 of 2'],
    [
      long.replace('xmax = 2.3', 'xmax = 1e999'),
      'has Infinity as the end of the file, expected a finite number',
    ],
    [long.replace('xmax = 0.12', 'xmax = "0.12"'), 'has "0.12" where the end of interval 1 of 6 of tier 1'],
    [long.replace('size = 6', 'size = 5.5'), 'has 5.5 as the number of intervals of tier 1 of 2'],
    [long.replace('size = 2', 'size = -2'), 'has -2 as the number of tiers'],
    [long.replace('<exists>', '7'), 'has "7" where whether there are tiers belongs, expected a flag'],
    [long.replace('size = 2', 'size = 9'), 'ends before the class of tier 3 of 9'],
    [long.replace('xmax = 0.4', 'xmax = 0.1'), 'has interval 2 of 6 of tier 1 of 2 from 0.12 to 0.1 s'],
    [
      long.replace('xmin = 0.4', 'xmin = 0.3'),
      'has interval 3 of 6 of tier 1 of 2 at 0.3 s, expected a time',
    ],
    [SHORT.replace('1\n.5', '2 .7 "a"\n.5'), 'has point 2 of 2 of tier 2 of 2 at 0.5 s'],
    [long.replace('"say"', '"say'), 'TextGrid'],
    [`${long.slice(0, -5)}"`, 'TextGrid'],
    ['"ooTextFile', 'has a quote that is not closed where the type of the file belongs'],
    [new Uint8Array([34, 0xff]), 'The bytes of the TextGrid are not UTF-8, expected that or UTF-16'],
    [7, 'readTextGrid got 7, expected the text of a TextGrid or its bytes'],
  ])('refuses %#', (file, message) => {
    expect(() => readTextGrid(file as string)).toThrow(message);
  });

  test('cut off and damaged files are read or are one error, in no time', () => {
    for (let seed = 1; seed <= 2000; seed += 1) {
      const random = new Random(seed);
      let text = random.pick([long, SHORT]);
      for (let edits = random.below(4); edits >= 0; edits -= 1) {
        const at = random.below(text.length);
        const what = random.pick(['', '"', '""', '9', '-', ' ', '\n', '<a>', 'e', '!', '\u0000', '99999999']);
        text = text.slice(0, at) + what + text.slice(at + random.below(3));
      }
      if (random.chance(0.3)) text = text.slice(0, random.below(text.length));
      try {
        readTextGrid(text);
      } catch (error) {
        expect(error).toBeInstanceOf(UniSpeechError);
      }
    }
  });

  test('long strings, many quotes and huge counts take no more than their length', () => {
    const begin = performance.now();
    const quotes = '""'.repeat(2_000_000);
    expect(() => readTextGrid(`"ooTextFile" "TextGrid" 0 1 <exists> 1 "TextTier" "${quotes}`)).toThrow(
      'not closed',
    );
    const grid = readTextGrid(`"ooTextFile" "TextGrid" 0 1 <exists> 1 "TextTier" "${quotes}" 0 1 0`);
    expect(grid.tiers[0]?.name).toHaveLength(2_000_000);
    expect(() => readTextGrid('"ooTextFile" "TextGrid" 0 1 <exists> 9007199254740991 ')).toThrow(
      'ends before',
    );
    const comments = 'x'.repeat(1_000_000) + ' y'.repeat(1_000_000);
    expect(() => readTextGrid(comments)).toThrow('ends before the type of the file');
    const words = Array.from({ length: 100_000 }, (_, index) => ({
      text: 'שלום',
      start: index,
      end: index + 1,
    }));
    expect(readTextGrid(toTextGrid({ words })).tiers[0]).toHaveProperty('intervals.length', 100_000);
    expect(performance.now() - begin).toBeLessThan(20_000);
  });
});
