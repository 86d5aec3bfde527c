/** Visemes of phonemes, and their track. */
import { describe, expect, test } from 'vitest';
import { toVisemes } from '../../src/phones/viseme-track.ts';
import { ARKIT_WEIGHTS, VISEMES, visemesOf } from '../../src/phones/visemes.ts';
import vectors from './viseme-vectors.json' with { type: 'json' };

describe('visemesOf', () => {
  test('gives those of the specification for every phoneme of the Spanish, French and Italian models', () => {
    expect(vectors).not.toHaveLength(0);
    const found = vectors.map(([phoneme]) => [phoneme, visemesOf(String(phoneme)).visemes]);
    expect(found).toEqual(vectors);
    for (const [phoneme] of vectors) expect(visemesOf(String(phoneme)).unknown).toEqual([]);
  });

  test('takes the longest match, merges equal neighbours, and drops marks, length and stress', () => {
    expect(visemesOf('aɪ').visemes).toEqual(['aa', 'ih']);
    expect(visemesOf('ˈtʃː').visemes).toEqual(['CH']);
    expect(visemesOf('t\u0361ʃ').visemes).toEqual(['CH']);
    expect(visemesOf('ss').visemes).toEqual(['SS']);
    expect(visemesOf('kʷʰ').visemes).toEqual(['kk']);
    expect(visemesOf('tat').visemes).toEqual(['DD', 'aa', 'DD']);
  });

  test('shows nothing, delimiters and what it does not know as silence, and reports the last', () => {
    for (const silent of ['', ' ', '|']) expect(visemesOf(silent)).toEqual({ visemes: ['sil'], unknown: [] });
    expect(visemesOf('a😀ʘ')).toEqual({ visemes: ['aa', 'sil'], unknown: ['😀', 'ʘ'] });
  });

  test('every viseme has its weights for ARKit, from 0 to 1', () => {
    expect(VISEMES).toHaveLength(15);
    expect(Object.keys(ARKIT_WEIGHTS)).toEqual(VISEMES);
    for (const weight of Object.values(ARKIT_WEIGHTS).flatMap((weights) => Object.values(weights)))
      expect(weight > 0 && weight <= 1).toBe(true);
  });
});

describe('toVisemes', () => {
  const phone = (text: string, start: number, end: number) => ({ text, start, end });

  test('splits diphthongs, merges equal neighbours, holds short gaps, and makes long ones silence', () => {
    const { visemes, unknown } = toVisemes(
      [
        phone('aɪ', 0.1, 0.3),
        phone('i', 0.4, 0.5),
        phone('t', 0.7, 0.8),
        phone('m', 1.25, 1.3),
        phone('ʘ', 1.3, 1.4),
      ],
      { duration: 2 },
    );
    expect(visemes).toEqual([
      { viseme: 'sil', start: 0, end: 0.1 },
      { viseme: 'aa', start: 0.1, end: 0.2 },
      { viseme: 'ih', start: 0.2, end: 0.7 },
      { viseme: 'DD', start: 0.7, end: 0.8 },
      { viseme: 'sil', start: 0.8, end: 1.25 },
      { viseme: 'PP', start: 1.25, end: 1.3 },
      { viseme: 'sil', start: 1.3, end: 2 },
    ]);
    expect(unknown).toEqual(['ʘ']);
  });

  test('a clip without phonemes is silent, and has no track without a duration', () => {
    expect(toVisemes([]).visemes).toEqual([]);
    expect(toVisemes([], { duration: 1 }).visemes).toEqual([{ viseme: 'sil', start: 0, end: 1 }]);
  });

  test('refuses what is no list of phonemes with rising times', () => {
    const call = toVisemes as (phones: unknown, options?: object) => unknown;
    expect(() => call('a')).toThrow('phones is "a", but it must be a list');
    expect(() => call([null])).toThrow('Phoneme 0 is null');
    expect(() => call([phone('a', NaN, 1)])).toThrow('Phoneme 0 is an object, but it must be');
    expect(() => call([phone('a', 0, 1), phone('b', 0.5, 2)])).toThrow(
      'begins at 0.5 s, but the one before it ends at 1 s',
    );
    expect(() => call([], { duration: -1 })).toThrow('duration is -1');
    expect(() => call([], { end: 1 })).toThrow('no option "end"');
  });
});
