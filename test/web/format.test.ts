/** Numbers as the pages show them. */
import { expect, test } from 'vitest';
import { colorMap } from '../../examples/web/shared/color-map.ts';
import { formatBytes, formatMilliseconds, formatPosition } from '../../examples/web/shared/format.ts';

test('bytes', () => {
  expect([0, 999, 1000, 3_400_000, 999_600, 378e6, 2.5e9].map(formatBytes)).toEqual([
    '0 B',
    '999 B',
    '1.0 kB',
    '3.4 MB',
    '1.0 MB',
    '378 MB',
    '2.5 GB',
  ]);
});

test('times', () => {
  expect([0, 9.94, 340.4, 999.6, 2600, 12_340, 59_960, 125_000].map(formatMilliseconds)).toEqual([
    '0.0 ms',
    '9.9 ms',
    '340 ms',
    '1.00 s',
    '2.60 s',
    '12.3 s',
    '1 min 00 s',
    '2 min 05 s',
  ]);
  expect([0, 1.94, 65.2].map(formatPosition)).toEqual(['0.00 s', '1.94 s', '1:05.20']);
});

test.each([false, true])('heat colours change lightness in one direction (dark: %s)', (isDark) => {
  const map = colorMap(isDark);
  const lightness = Array.from(
    { length: 256 },
    (_, index) =>
      0.2126 * (map[3 * index] ?? 0) +
      0.7152 * (map[3 * index + 1] ?? 0) +
      0.0722 * (map[3 * index + 2] ?? 0),
  );
  const signs = lightness.slice(1).map((value, index) => Math.sign(value - (lightness[index] ?? 0)));
  expect(signs).not.toContain(isDark ? -1 : 1);
});
