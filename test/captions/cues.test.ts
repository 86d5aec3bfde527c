/** Words into captions: the rules of ends, of lines and of times. */
import { describe, expect, test } from 'vitest';
import { Random } from '../fuzz/random.ts';
import { type CueOptions } from '../../src/captions/cue-options.ts';
import { toCues } from '../../src/captions/cues.ts';
import { widthOf } from '../../src/captions/fit-lines.ts';
import { toSrt } from '../../src/captions/srt.ts';
import type { TimedWord } from '../../src/captions/timed-words.ts';
import { toVtt } from '../../src/captions/vtt.ts';
import vectors from './subtitles.json' with { type: 'json' };

const word = (text: string, start: number, end: number): TimedWord => ({ text, start, end });
/** A word of 0.2 s four times a second. */
const speech = (text: string, from = 0): TimedWord[] =>
  text.split(' ').map((spoken, index) => word(spoken, from + index / 4, from + index / 4 + 0.2));
const texts = (words: readonly TimedWord[], options: CueOptions = {}): string[] =>
  toCues({ words }, options).map(({ lines }) => lines.join('\n'));

describe('vectors', () => {
  test.each(vectors.cases.map((vector, index) => ({ ...vector, index })))('$index: $options', (vector) => {
    const words = vector.words.map(([text, start, end]) => word(String(text), Number(start), Number(end)));
    const options: CueOptions = vector.options;
    const cues = toCues({ words }, options).map(({ start, end, lines }) => [start, end, lines.join('\n')]);
    expect(cues).toEqual(vector.cues);
    if (vector.srt !== undefined) expect(toSrt({ words }, options)).toBe(vector.srt);
    if (vector.vtt !== undefined) expect(toVtt({ words }, options)).toBe(vector.vtt);
  });
});

describe('a caption ends', () => {
  test('at a pause of 0.7 s', () => {
    const words = [word('one', 0, 0.5), word('two', 1.19, 1.5), word('three', 2.2, 2.5)];
    expect(texts(words)).toEqual(['one two', 'three']);
    expect(texts(words, { pause_s: 0.8 })).toEqual(['one two three']);
  });

  test.each(['go.', 'go!', 'go?', 'go…', '走。', '走！', '走？', 'go."', 'go.)', 'go!”’', 'go.»'])(
    'behind %s',
    (end) => {
      expect(texts(speech(`we ${end} now`))).toEqual([`we ${end}`, 'now']);
    },
  );

  test.each(['1.5', 'go,', 'go".x', 'U.S'])('not behind %s', (middle) => {
    expect(texts(speech(`we ${middle} now`))).toEqual([`we ${middle} now`]);
  });

  test('where the caller says that a sentence ends', () => {
    const words = speech('Mr. Smith is in. He is');
    expect(texts(words)).toEqual(['Mr.', 'Smith is in.', 'He is']);
    const isEnd = (text: string): boolean => text !== 'Mr.' && text.endsWith('.');
    expect(texts(words, { sentence_end: isEnd })).toEqual(['Mr. Smith is in.', 'He is']);
  });

  test('before a word that would make it last longer than 7 s', () => {
    const words = [word('a', 0, 3), word('b', 3, 7), word('c', 7, 7.5)];
    expect(texts(words)).toEqual(['a b', 'c']);
    expect(texts(words, { max_duration_s: 6 })).toEqual(['a', 'b c']);
    // A word that lasts too long stands alone.
    expect(texts([word('a', 0, 8), word('b', 8, 9)])).toEqual(['a', 'b']);
  });

  test('behind a comma, if half of its text stands before it', () => {
    const narrow = { max_chars_per_line: 20, max_lines: 1 };
    expect(texts(speech('one two three, four five'), narrow)).toEqual(['one two three,', 'four five']);
    expect(texts(speech('one, two three four five'), narrow)).toEqual(['one, two three four', 'five']);
    // The last word is the end anyway.
    expect(texts(speech('one, two three four, five'), narrow)).toEqual(['one, two three four,', 'five']);
    expect(texts(speech('一二三四五，六七八 九十'), { max_chars_per_line: 10, max_lines: 1 })).toEqual([
      '一二三四五，六七八',
      '九十',
    ]);
    // Exactly half: 9 of 18.
    expect(texts(speech('one four, six nine ten'), { max_chars_per_line: 18, max_lines: 1 })).toEqual([
      'one four,',
      'six nine ten',
    ]);
  });
});

describe('lines', () => {
  test('of exactly 42 code points are full, not too long', () => {
    expect(texts(speech(`${'a'.repeat(20)} ${'b'.repeat(21)}`))).toEqual([
      `${'a'.repeat(20)} ${'b'.repeat(21)}`,
    ]);
    expect(texts(speech(`${'a'.repeat(20)} ${'b'.repeat(22)}`))).toEqual([
      `${'a'.repeat(20)}\n${'b'.repeat(22)}`,
    ]);
    expect(texts(speech(`${'😀'.repeat(20)} ${'é'.repeat(21)}`))).toHaveLength(1);
    expect(texts(speech(`${'😀'.repeat(20)} ${'b'.repeat(21)}`))[0]).not.toContain('\n');
  });

  test('are two with the longer one as short as possible, the first such', () => {
    expect(texts(speech('aa bb cc dd ee'), { max_chars_per_line: 10 })).toEqual(['aa bb\ncc dd ee']);
    expect(texts(speech('aaaa bbb cccc'), { max_chars_per_line: 12 })).toEqual(['aaaa\nbbb cccc']);
  });

  test('are filled one after the other where two are too few', () => {
    const options = { max_chars_per_line: 8, max_lines: 3 };
    expect(texts(speech('aaaa bbbb cccc ddd eeee'), options)).toEqual(['aaaa\nbbbb\ncccc ddd', 'eeee']);
  });

  test('a word that is wider than a line stands alone', () => {
    const long = 'a'.repeat(60);
    expect(texts(speech(`so ${long} it`))).toEqual(['so', long, 'it']);
  });
});

describe('times', () => {
  const cues = (words: readonly TimedWord[], options: CueOptions = {}) =>
    toCues({ words }, options).map(({ start, end }) => [start, end]);

  test('a short caption stays for 5/6 s, and leaves 1/12 s before the next one', () => {
    expect(cues([word('yes.', 1, 1.1)])).toEqual([[1, 1 + 5 / 6]]);
    expect(cues([word('yes.', 1, 1.1), word('no', 1.5, 2.5)])[0]).toEqual([1, 1.5 - 1 / 12]);
    // Words that touch: the first caption gives way.
    expect(cues([word('yes.', 1, 2), word('no', 2, 3)])[0]).toEqual([1, 2 - 1 / 12]);
    expect(cues([word('yes.', 1, 2), word('no', 2, 3)], { min_gap_s: 0 })[0]).toEqual([1, 2]);
  });

  test('without room for the gap it ends with its last word, or where the next one begins', () => {
    expect(cues([word('a.', 1, 1.02), word('b', 1.05, 3)])[0]).toEqual([1, 1.02]);
    expect(cues([word('a.', 1, 1.2), word('b', 1.05, 3)])[0]).toEqual([1, 1.05]);
  });

  test('a caption of words without length is seen for a millisecond', () => {
    const words = [word('a.', 1, 1), word('b.', 1, 1), word('c', 1, 2)];
    expect(toSrt({ words })).toContain('00:00:01,000 --> 00:00:01,001\na.\n');
    expect(toVtt({ words })).toContain('00:00:01.000 --> 00:00:01.001\nb.\n');
  });

  test('a word without a time of its own stays with the word before it', () => {
    const inferred = { ...word('5', 1, 1), score: null, inferred: true };
    expect(texts([word('yes.', 0.5, 1), inferred, word('no', 1, 2)])).toEqual(['yes. 5 no']);
    // Where it has room it may stand alone.
    expect(texts([word('yes.', 0.5, 1), { ...inferred, end: 1.5 }, word('no', 1.5, 2)])).toEqual([
      'yes.',
      '5 no',
    ]);
  });
});

test.each([
  [{ max_lines: 0 }, 'max_lines is 0, but it must be a whole number from 1 to 10'],
  [{ max_chars_per_line: 1.5 }, 'max_chars_per_line is 1.5, but it must be a whole number from 1 to 500'],
  [{ max_chars_per_line: 501 }, 'from 1 to 500'],
  [{ pause_s: -1 }, 'pause_s is -1, but it must be a number of seconds'],
  [{ min_gap_s: NaN }, 'min_gap_s is NaN'],
  [{ sentence_end: '.' }, 'sentence_end is ".", but it must be a function'],
  [{ maxLines: 1 }, 'toCues has no option "maxLines". Its options are max_chars_per_line'],
])('refuses %o', (options, message) => {
  expect(() => toCues({ words: [] }, options as CueOptions)).toThrow(message);
});

test('of any words each is in one caption, in order, and no caption is too wide or runs into the next', () => {
  for (let seed = 1; seed <= 300; seed += 1) {
    const random = new Random(seed);
    let now = 0;
    const words = Array.from({ length: random.below(60) }, () => {
      const start = now + random.below(40) / 100;
      const end = start + random.below(60) / 100;
      now = random.below(4) === 0 ? start : end;
      return word('ab😀é.,"'.repeat(3).slice(0, 1 + random.below(20)), start, end);
    });
    const options = { max_chars_per_line: 5 + random.below(30), max_lines: 1 + random.below(3) };
    const cues = toCues({ words }, options);
    expect(cues.flatMap(({ lines }) => lines).join(' ')).toBe(words.map(({ text }) => text).join(' '));
    for (const [index, { start, end, lines }] of cues.entries()) {
      expect(end).toBeGreaterThanOrEqual(start);
      expect(end).toBeLessThanOrEqual(cues[index + 1]?.start ?? Infinity);
      const isOneWord = !lines.join(' ').includes(' ');
      expect(lines.length).toBeLessThanOrEqual(options.max_lines);
      if (!isOneWord)
        for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(options.max_chars_per_line);
    }
  }
});

test('a hundred thousand words are grouped within seconds, also in the widest captions', () => {
  const words = Array.from({ length: 100_000 }, () => word('a', 1, 1));
  const begin = performance.now();
  expect(toCues({ words }, { max_chars_per_line: 500, max_lines: 10 })).toHaveLength(40);
  expect(performance.now() - begin).toBeLessThan(20_000);
});
