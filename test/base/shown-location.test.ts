/** What of an address appears in messages. */
import { expect, test } from 'vitest';
import { shownLocation } from '../../src/base/shown-location.ts';

test.each([
  ['https://me:secret@example.com:8080/m/a.wav?token=t#x', 'https://example.com:8080/m/a.wav'],
  ['https://example.com/a@b/c.wav', 'https://example.com/a@b/c.wav'],
  ['HTTPS://me@example.com', 'HTTPS://example.com'],
  ['https://example.com?token=a@b/c', 'https://example.com'],
  ['http:/me:secret@example.com/a.wav?token=t', 'http:/example.com/a.wav'],
  ['http:me:secret@example.com/a.wav', 'http:example.com/a.wav'],
  ['http:\\\\me:secret@example.com/a.wav', 'http:\\\\example.com/a.wav'],
  [' \nhttps://me:secret@example.com/a.wav?token=t', 'https://example.com/a.wav'],
  ['https://me:sec/r#e?t@example.com:x/a.wav?token=t', 'https://example.com:x/a.wav'],
  ['folder/a.wav?token=t', 'folder/a.wav?token=t'],
  ['C:\\audio\\a#1.wav', 'C:\\audio\\a#1.wav'],
  ['blob:nodedata:1234', 'blob:nodedata:1234'],
  [`data:audio/wav;base64,${'A'.repeat(1_000_000)}`, 'data:audio/wav,… (1000022 characters)'],
  [`DATA:${'x'.repeat(1_000_000)}`, `DATA:${'x'.repeat(35)},… (1000005 characters)`],
])('%.60s is shown as %s', (location, shown) => {
  expect(shownLocation(location)).toBe(shown);
});

test('a URL without a scheme loses its query where it is known to be one', () => {
  expect(shownLocation('folder/a.wav?token=t#x', true)).toBe('folder/a.wav');
  expect(shownLocation(new URL('https://me:secret@x/m?a'))).toBe('https://x/m');
});
