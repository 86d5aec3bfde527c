/** Error rates as jiwer counts them, and alignments that are proved shortest. */
import { describe, expect, test } from 'vitest';
import { editPath, type EditBlock } from '../../src/score/edit-path.ts';
import { cer, per, score, type ScoreOptions, wer } from '../../src/score/score.ts';
import { showAlignment } from '../../src/score/show-alignment.ts';
import { tokensOf } from '../../src/score/tokens.ts';
import { Random } from '../fuzz/random.ts';
import vectors from './jiwer.json' with { type: 'json' };

type WordVector = [string[], string[], number[], number, number, number, number, (string | number)[][][]];
type CharacterVector = [string[], string[], number[], number];

const brief = ({ type, ...block }: EditBlock): (string | number)[] => [
  type.charAt(0),
  ...[block.ref_start_idx, block.ref_end_idx, block.hyp_start_idx, block.hyp_end_idx],
];

describe('vectors of jiwer', () => {
  test.each(vectors.words as WordVector[])('%o, %o', (references, hypotheses, counts, ...rest) => {
    const [rate, mer, wil, wip, blocks] = rest;
    for (const unit of ['word', 'phoneme'] as const) {
      const rates = score(references, hypotheses, { unit });
      expect([rates.error_rate, rates.mer, rates.wil, rates.wip]).toEqual([rate, mer, wil, wip]);
      expect([rates.hits, rates.substitutions, rates.deletions, rates.insertions]).toEqual(counts);
      expect(rates.alignments.map((alignment) => alignment.map(brief))).toEqual(blocks);
    }
    expect(wer(references, hypotheses)).toBe(rate);
    expect(per(references, hypotheses)).toBe(rate);
  });

  test.each(vectors.characters as CharacterVector[])(
    'of characters: %o, %o',
    (references, hypotheses, counts, rate) => {
      const rates = score(references, hypotheses, { unit: 'char' });
      expect(rates.error_rate).toBe(rate);
      expect([rates.hits, rates.substitutions, rates.deletions, rates.insertions]).toEqual(counts);
      expect(cer(references, hypotheses)).toBe(rate);
    },
  );
});

/** The matrix written out, and the way through it by the rules that `editPath` states. */
function slowPath(reference: readonly string[], hypothesis: readonly string[]): (string | number)[][] {
  let prefix = 0;
  while (prefix < Math.min(reference.length, hypothesis.length) && reference[prefix] === hypothesis[prefix])
    prefix++;
  let [rowCount, columnCount] = [reference.length, hypothesis.length];
  while (
    rowCount > prefix &&
    columnCount > prefix &&
    reference[rowCount - 1] === hypothesis[columnCount - 1]
  ) {
    rowCount--;
    columnCount--;
  }
  const suffix = reference.length - rowCount;
  const rows = reference.slice(prefix, rowCount);
  const columns = hypothesis.slice(prefix, columnCount);
  const width = columns.length + 1;
  const cost = new Uint16Array((rows.length + 1) * width);
  const at = (row: number, column: number): number => cost[row * width + column] ?? 0;
  for (let row = 0; row <= rows.length; row++)
    for (let column = 0; column < width; column++) {
      const pair = at(row - 1, column - 1) + (rows[row - 1] === columns[column - 1] ? 0 : 1);
      cost[row * width + column] =
        row === 0
          ? column
          : column === 0
            ? row
            : Math.min(pair, at(row - 1, column) + 1, at(row, column - 1) + 1);
    }
  const letters = ['e'.repeat(suffix)];
  let [row, column] = [rows.length, columns.length];
  while (row > 0 && column > 0) {
    if (at(row, column) === at(row - 1, column) + 1) {
      letters.push('d');
      row--;
      continue;
    }
    column--;
    if (column > 0 && at(row, column) === at(row - 1, column) - 1) letters.push('i');
    else {
      row--;
      letters.push(rows[row] === columns[column] ? 'e' : 's');
    }
  }
  letters.push('d'.repeat(row), 'i'.repeat(column), 'e'.repeat(prefix));
  const blocks: (string | number)[][] = [];
  let [from, to] = [0, 0];
  for (const [, run = ''] of letters
    .reverse()
    .join('')
    .matchAll(/((.)\2*)/g)) {
    const letter = run.charAt(0);
    const next = [from + (letter === 'i' ? 0 : run.length), to + (letter === 'd' ? 0 : run.length)] as const;
    blocks.push([letter, from, next[0], to, next[1]]);
    [from, to] = next;
  }
  return blocks;
}

const textOf = (random: Random, length: number, alphabet: number): string[] =>
  Array.from({ length }, () => String(random.below(alphabet)));
/** A copy with so many random edits. */
function edited(random: Random, tokens: readonly string[], count: number, alphabet: number): string[] {
  const copy = [...tokens];
  for (let edit = 0; edit < count; edit++)
    copy.splice(random.below(copy.length + 1), random.below(2), ...textOf(random, random.below(2), alphabet));
  return copy;
}

describe('editPath', () => {
  test('takes the shortest way with the stated ties, on 2000 random pairs', () => {
    for (let seed = 1; seed <= 2000; seed++) {
      const random = new Random(seed);
      const alphabet = random.pick([1, 2, 3, 8, 100]);
      const reference = textOf(random, random.below(80), alphabet);
      const hypothesis = random.chance(0.5)
        ? textOf(random, random.below(80), alphabet)
        : edited(random, reference, random.below(20), alphabet);
      expect(editPath(reference, hypothesis).map(brief)).toEqual(slowPath(reference, hypothesis));
    }
  });

  test('the same where only some columns are kept', () => {
    const random = new Random(1);
    const reference = textOf(random, 6000, 500);
    const hypothesis = edited(random, reference, 3000, 500);
    expect(editPath(reference, hypothesis).map(brief)).toEqual(slowPath(reference, hypothesis));
  }, 60_000);

  test('an utterance of a hundred thousand words takes seconds', () => {
    const random = new Random(1);
    const reference = textOf(random, 100_000, 5000);
    const hypothesis = ['x', ...textOf(random, 5000, 5000), ...reference.slice(90_000), 'x'];
    const begin = performance.now();
    const blocks = editPath(reference, hypothesis);
    expect(performance.now() - begin).toBeLessThan(60_000);
    expect(blocks.at(-1)).toMatchObject({ ref_end_idx: 100_000, hyp_end_idx: hypothesis.length });
  }, 90_000);

  test('longer ones are an error with numbers, unless they are alike', () => {
    const long = Array.from({ length: 300_000 }, (_, index) => String(index));
    expect(() => editPath(long, [...long].reverse())).toThrow(
      /has 300000 tokens in the reference and 300000 in the hypothesis from their first difference to the last: 9.00e\+10 pairs and \d+ bytes, the limits are 68719476736 and 268435456\. Give lists/,
    );
    expect(editPath(long, long)).toHaveLength(1);
    const few = ['x', ...long.slice(1000, 2000), 'y'];
    expect(editPath(long, few).map(brief)).toContainEqual(['e', 1000, 2000, 1, 1001]);
  });
});

describe('tokens', () => {
  test('white space is that of Python', () => {
    expect(tokensOf('\u0085a\u001c\u001c\u3000b\ufeff', 'word')).toEqual(['a', 'b\ufeff']);
    expect(tokensOf('a\tb c\n\nd', 'word')).toEqual(['a\tb', 'c', 'd']);
    expect(tokensOf(' \u2003é👍 b\t', 'char')).toEqual(['é', '👍', ' ', 'b']);
    expect(tokensOf(' '.repeat(300_000), 'char')).toEqual([]);
    expect(tokensOf(`a${' '.repeat(300_000)}b`, 'word')).toEqual(['a', 'b']);
  });
});

describe('score', () => {
  test('lists count as one text; no utterances are no errors', () => {
    expect(score(['a b', 'c'], ['a', 'c d'])).toMatchObject({
      error_rate: 2 / 3,
      deletions: 1,
      insertions: 1,
    });
    expect(score([], [])).toMatchObject({ error_rate: 0, mer: 0, wil: 0, wip: 1 });
    expect(score('aː b', 'a b', { unit: 'phoneme' })).toMatchObject({ unit: 'phoneme', error_rate: 0.5 });
  });

  test.each([
    [['a'], 'b c', { unit: 'letter' }, 'unit is "letter", but it must be one of word, char, phoneme'],
    ['a', 'b', { units: 'word' }, 'score has no option "units"'],
    [['a', 'b'], ['a'], {}, 'The reference has 2 utterances and the hypothesis 1, expected as many'],
    [['a'], ['a', 'b'], {}, 'The reference has 1 utterance and the hypothesis 2, expected as many'],
    [7, 'a', {}, 'The reference is 7, expected a text or a list of texts'],
    ['a', ['a', null], {}, 'The hypothesis 1 is null'],
    [new Array(1), ['a'], {}, 'The reference 0 is undefined'],
  ])('refuses %#', (reference, hypothesis, options, message) => {
    expect(() => score(reference as string, hypothesis as string, options as ScoreOptions)).toThrow(message);
  });
});

test('an alignment shows errors under each other', () => {
  expect(showAlignment(score('the cat sat on it', 'a cat on it you'))).toBe(
    'REF: the cat sat on it ***\nHYP: a   cat *** on it you\n     S       D         I\n',
  );
  expect(showAlignment(score(['a', 'naïve'], ['a', 'naive'], { unit: 'char' }), 1)).toBe(
    'REF: naïve\nHYP: naive\n       S\n',
  );
  expect(showAlignment(score('a', 'a'))).toBe('REF: a\nHYP: a\n');
  expect(showAlignment(score('', ''))).toBe('REF:\nHYP:\n');
});
