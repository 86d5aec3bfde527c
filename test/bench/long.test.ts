/** The suite of long files and many files: its command line. */
import { expect, test } from 'vitest';
import { LONG_ROWS, parseOptions } from '../../bench/long/options.ts';

test('has defaults', () => {
  expect(parseOptions([])).toEqual({
    rows: LONG_ROWS,
    hours: 3,
    fileCount: 1000,
    seconds: 3,
    blockSize: 100,
    chunkSeconds: 10,
    python: expect.any(String) as string,
  });
});

test('can be made short', () => {
  const argv = [
    '--only',
    'files,decode',
    '--hours',
    '0.1',
    '--files',
    '40',
    '--seconds',
    '1',
    '--block',
    '20',
    '--chunk',
    '5',
    '--python',
    'py',
  ];
  const short = { hours: 0.1, fileCount: 40, seconds: 1, blockSize: 20, chunkSeconds: 5, python: 'py' };
  expect(parseOptions(argv)).toEqual({ rows: ['decode', 'files'], ...short });
  expect(parseOptions(['-h'])).toBeUndefined();
});

test.each([
  [['--only', 'video'], /--only: "video" is none of decode, stream, chromium-decode/],
  [['--hours', 'x'], /--hours: "x" is not a positive number/],
  [['--files', '2.5'], /--files: "2.5" is not a whole number/],
  [['--file', '2'], /--file/],
])('refuses %j', (argv, message) => {
  expect(() => parseOptions(argv)).toThrow(message);
});
