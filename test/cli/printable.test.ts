/** What reaches the terminal of files, and tables of any length. */
import { expect, test } from 'vitest';
import { describeError } from '../../src/cli/describe-error.ts';
import { oneLine, printable, printableJson } from '../../src/cli/printable.ts';
import { formatTable } from '../../src/cli/table.ts';

const HOSTILE = 'a\u001b]0;b\u0007\u009b2J\u007f\u202ec\u2066\u2028\n\r\tü漢';

test('control characters are shown instead of obeyed', () => {
  expect(printable(HOSTILE)).toBe('a\\x1b]0;b\\x07\\x9b2J\\x7f\\u202ec\\u2066\\u2028\\x0a\\x0d\\x09ü漢');
  expect(oneLine(' a\n  b\r\nc\u001b\n')).toBe('a b c\\x1b');
  expect(describeError(new Error('a\nb\u001b'))).toBe('a b\\x1b');
});

test('JSON means the same and holds none of them', () => {
  const json = printableJson({ text: HOSTILE });
  expect(JSON.parse(json)).toEqual({ text: HOSTILE });
  expect(json).not.toMatch(/[\p{Cc}\p{Bidi_Control}\u2028]/u);
  expect(printableJson({ a: 'b\u009b' }, 2)).toBe('{\n  "a": "b\\u009b"\n}');
});

test('a table may have more rows than a function has arguments', () => {
  const rows = Array.from({ length: 300_000 }, (_, index) => ['', String(index)]);
  expect(formatTable(rows, [1]).split('\n').at(-1)).toBe('  299999');
});
