/** Files of words and their times: TextGrid, CTM, labels of Audacity, annotations of ELAN. */
import { describe, expect, test } from 'vitest';
import { toAudacityLabels } from '../../src/captions/audacity.ts';
import { toCtm } from '../../src/captions/ctm.ts';
import { toEaf } from '../../src/captions/eaf.ts';
import type { TimedWord } from '../../src/captions/timed-words.ts';
import { toTextGrid, type TextGridOptions } from '../../src/captions/to-textgrid.ts';
import { Random } from '../fuzz/random.ts';
import { parseLongTextGrid } from './parse-formats.ts';
import { formats } from './subtitles.json' with { type: 'json' };

const { words, duration } = formats;
const word = (text: string, start: number, end: number): TimedWord => ({ text, start, end });
/** The intervals that are not silence. */
const spoken = (of: readonly TimedWord[], options: TextGridOptions = {}) =>
  parseLongTextGrid(toTextGrid({ words: of }, options))
    .tiers.get('words')
    ?.filter(([, , text]) => text !== '');

describe('TextGrid', () => {
  test('is the text that Praat writes', () => {
    const options = { duration_s: duration, tiers: [{ name: 'phones', words: [] }] };
    expect(toTextGrid({ words }, options)).toBe(formats.textgrid);
    expect(parseLongTextGrid(formats.textgrid).tiers.get('words')).toHaveLength(6);
  });

  test('takes transcripts, and names the tier as the caller says', () => {
    const chunks = [{ text: 'A', timestamp: [0, 1] as const }];
    const grid = parseLongTextGrid(toTextGrid({ text: 'A', chunks }, { tier_name: 'a "b"', duration_s: 3 }));
    expect([...grid.tiers]).toEqual([
      [
        'a "b"',
        [
          [0, 1, 'A'],
          [1, 3, ''],
        ],
      ],
    ]);
  });

  test('never ends before its last word, in whichever tier', () => {
    const tiers = [{ name: 'phones', words: [word('p', 0, 2.5)] }];
    expect(parseLongTextGrid(toTextGrid({ words: [word('a', 0, 2)] }, { duration_s: 1, tiers })).end).toBe(
      2.5,
    );
  });

  test('cuts a word where the next one begins', () => {
    expect(spoken([word('a', 0, 1), word('b', 0.5, 2)])).toEqual([
      [0, 0.5, 'a'],
      [0.5, 2, 'b'],
    ]);
  });

  test('a word without length has a millisecond, or less up to the next word', () => {
    expect(spoken([word('a', 1, 1), word('b', 2, 3)])).toEqual([
      [1, 1.001, 'a'],
      [2, 3, 'b'],
    ]);
    expect(spoken([word('a', 1, 1), word('b', 1.0004, 3)])).toEqual([
      [1, 1.0004, 'a'],
      [1.0004, 3, 'b'],
    ]);
  });

  test('a word that has no room shares the interval beside it', () => {
    expect(spoken([word('a', 0, 1), word('5', 1, 1), word('b', 1, 2)])).toEqual([
      [0, 1, 'a 5'],
      [1, 2, 'b'],
    ]);
    expect(spoken([word('5', 1, 1), word('6', 1, 1), word('b', 1, 2)])).toEqual([[1, 2, '5 6 b']]);
    expect(spoken([word('a', 0, 1), word('5', 1, 1)])).toEqual([[0, 1, 'a 5']]);
    expect(spoken([word('a', 0, 1), word('5', 3, 3), word('6', 3, 3)])).toEqual([
      [0, 1, 'a'],
      [2.999, 3, '5 6'],
    ]);
    expect(spoken([word('5', 3, 3)])).toEqual([[2.999, 3, '5']]);
  });

  test('of any words loses none, and its intervals follow each other', () => {
    for (let seed = 1; seed <= 500; seed += 1) {
      const random = new Random(seed);
      let now = 0;
      const any = Array.from({ length: 1 + random.below(12) }, (_, index) => {
        now += random.pick([0, 0, 0.0003, 0.1]);
        return word(`w${index}`, now, now + random.pick([0, 0, 0.0002, 0.2]));
      });
      // The parser checks the intervals.
      const intervals = spoken(any, { duration_s: now + random.pick([0.0001, 1]) });
      expect(intervals?.map(([, , text]) => text).join(' ')).toBe(any.map(({ text }) => text).join(' '));
    }
  });

  test.each([
    [{ words: [] }, {}, 'toTextGrid got no words and no duration_s, expected one of them'],
    [{ words: [] }, { duration_s: -1 }, 'duration_s is -1, but it must be a number of seconds'],
    [{ words: [] }, { tiers: {} }, 'tiers is an object, but it must be a list of { name, words }'],
    [{ words: [] }, { tiers: [{ words: [] }] }, 'tiers[0].name is undefined, but it must be a string'],
    [{ words: [] }, { tiers: [{ name: 'a', words: [1] }] }, 'Word 0 of tier 0 is 1'],
    [{ words: [] }, { tier_name: 1 }, 'tier_name is 1, but it must be a string'],
    [{ words: [] }, { duration: 1 }, 'toTextGrid has no option "duration"'],
    [{ text: 'A' }, {}, "return_timestamps: 'word'"],
  ])('refuses %#', (source, options, message) => {
    expect(() => toTextGrid(source as never, options as TextGridOptions)).toThrow(message);
  });
});

describe('CTM', () => {
  test('has a line for each word, with its score if there is one', () => {
    expect(toCtm({ words: words.slice(0, 2) }, { uri: 'talk' })).toBe(formats.ctm);
    const unscored = [{ ...word('a', 0.0006, 0.0014), score: null }, word('b', 3600, 3601.5)];
    expect(toCtm({ words: unscored }, { uri: 'talk', channel: 'B' })).toBe(
      'talk B 0.001 0.000 a\ntalk B 3600.000 1.500 b\n',
    );
    expect(toCtm({ words: [] }, { uri: 'a' })).toBe('');
  });

  test.each([
    [{ words }, { uri: 'a' }, 'A word of a CTM file is "ɡã☃ & <b>", expected text without white space'],
    [{ words: [] }, { uri: 'my talk' }, 'The uri of a CTM file is "my talk"'],
    [{ words: [] }, { uri: 'a', channel: '' }, 'The channel of a CTM file is ""'],
    [{ words: [] }, { uri: ';;a' }, 'begins with ";;", which begins a comment'],
    [{ words: [] }, {}, 'The uri of a CTM file is undefined'],
    [{ words: [] }, { uri: 'a', name: 'b' }, 'toCtm has no option "name"'],
  ])('refuses %#', (source, options, message) => {
    expect(() => toCtm(source as never, options as never)).toThrow(message);
  });
});

test('labels of Audacity are start, end and text, divided by tabs', () => {
  expect(toAudacityLabels({ words })).toBe(formats.audacity);
  expect(toAudacityLabels({ words: [word('a\tb\n', 0, 1)] })).toBe('0.000000\t1.000000\ta b\n');
  expect(toAudacityLabels({ words: [] })).toBe('');
});

describe('annotations of ELAN', () => {
  const date = new Date(0);

  test('have two time slots for each word, in milliseconds, and escaped text', () => {
    const eaf = toEaf(
      { words: [...words, word('"\ud800', 2, 2)] },
      { media: 'a & b.wav', date, tier_name: 'w' },
    );
    expect(eaf.match(/TIME_VALUE="\d+"/g)?.map((value) => Number(value.slice(12, -1)))).toEqual([
      ...[120, 400, 400, 750, 1000, 1500],
      // A word without length.
      ...[2000, 2001],
    ]);
    expect(eaf.match(/(?<=<ANNOTATION_VALUE>).*(?=<)/g)).toEqual([
      ...['say', '&quot;hi&quot;', 'ɡã☃ &amp; &lt;b&gt;', '&quot;\ufffd'],
    ]);
    expect(eaf).toContain('DATE="1970-01-01T00:00:00.000Z"');
    expect(eaf).toContain('MEDIA_URL="a &amp; b.wav"');
    expect(eaf).toContain('TIER_ID="w"');
    for (const [, slot] of eaf.matchAll(/TIME_SLOT_REF[12]="(\w+)"/g))
      expect(eaf).toContain(`TIME_SLOT_ID="${slot}"`);
  });

  test('do not overlap, whatever the words do, and lose no word', () => {
    const eaf = toEaf({
      words: [
        word('a', 0, 1),
        word('b', 0.5, 0.5),
        word('c', 0.5, 0.9),
        word('d', 0.9004, 2),
        word('e', 2, 2),
      ],
    });
    expect(eaf.match(/TIME_VALUE="\d+"/g)?.map((value) => Number(value.slice(12, -1)))).toEqual([
      ...[0, 500, 500, 900, 900, 2000, 2000, 2001],
    ]);
    expect(eaf.match(/(?<=<ANNOTATION_VALUE>).*(?=<)/g)).toEqual(['a b', 'c', 'd', 'e']);
  });

  test('are well-formed: every tag that is opened is closed', () => {
    const open: string[] = [];
    for (const [, isEnd, name = '', isEmpty] of toEaf({ words }).matchAll(/<(\/?)(\w+)[^<>]*?(\/?)>/g)) {
      if (isEnd) expect(open.pop()).toBe(name);
      else if (!isEmpty) open.push(name);
    }
    expect(open).toEqual([]);
  });

  test.each([
    [{ date: new Date(NaN) }, 'date is a Date, but it must be a date'],
    [{ author: 'a' }, 'toEaf has no option "author"'],
  ])('refuse %#', (options, message) => {
    expect(() => toEaf({ words: [] }, options as never)).toThrow(message);
  });
});
