/** Which names are Hugging Face ids. */
import { describe, expect, test } from 'vitest';
import { huggingFaceUrl } from '../../src/files/location.ts';

describe('huggingFaceUrl', () => {
  test.each(['microsoft/unispeech-1350-en-353-fr-ft-1h', 'a/b.c_d-1'])('%s is an id', (id) => {
    expect(huggingFaceUrl(id)).toBe(`https://huggingface.co/${id}/resolve/main`);
  });

  test.each([
    './models/x',
    '/models/x',
    '../x',
    'models/x/',
    'models',
    'a/b/c',
    'https://example.com/x',
    'file:///x/y',
    'a b/c',
    '.cache/x',
    '',
  ])('%j is none', (location) => {
    expect(huggingFaceUrl(location)).toBeUndefined();
  });

  test('puts the revision into the URL, and refuses one where there is none', () => {
    expect(huggingFaceUrl('a/b', { revision: 'refs/pr/1' })).toBe(
      'https://huggingface.co/a/b/resolve/refs%2Fpr%2F1',
    );
    expect(huggingFaceUrl('/a/b', { revision: null, token: false })).toBeUndefined();
    expect(() => huggingFaceUrl('./a/b', { revision: 'v1' })).toThrow(
      'The revision "v1" was given, but "./a/b" is not a Hugging Face id.',
    );
    // A token is not shown.
    expect(() => huggingFaceUrl('https://x/m', { token: 'hf_secret' })).toThrow(
      /^A token was given, but "https:\/\/x\/m" is not/,
    );
    expect(() => huggingFaceUrl('/a/b', { token: true })).toThrow('A token was given');
  });
});
