/** Windows are joined in pauses, where both say the same, near the wanted place. */
import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../src/base/seeded-random.ts';
import { chooseSeam, levelsOf } from '../../src/pipelines/quiet-cut.ts';

const SPEECH = { sampleRate: 16_000, samplesPerFrame: 320 };
const FRAMES = 200;
const random = new SeededRandom(5);

/** Four seconds of noise with these levels, by frame. */
const soundOf = (levelAt: (frame: number) => number): Float32Array =>
  Float32Array.from(
    { length: FRAMES * 320 },
    (_, index) => levelAt(Math.floor(index / 320)) * (random.uniform() - 0.5),
  );
const agreed = new Array<number>(FRAMES).fill(1);
/** Where two windows that say the same are joined. */
const seamOf = (samples: Float32Array, wanted = 100): number =>
  chooseSeam(
    levelsOf(samples, FRAMES, SPEECH),
    { left: agreed, right: agreed, blank: 0, delimiter: null },
    wanted,
  );

describe('by level', () => {
  test('in the middle of a pause, wherever it lies', () => {
    for (const pause of [20, 50, 99, 160, 185]) {
      const samples = soundOf((frame) => (Math.abs(frame - pause) < 6 ? 0.01 : 1));
      expect(Math.abs(seamOf(samples) - pause)).toBeLessThan(4);
    }
  });

  test('of several pauses in the one near the wanted place, and there as near as can be', () => {
    const samples = soundOf((frame) => (frame % 50 < 15 ? 0.01 : 1));
    for (const [wanted, from, to] of [
      [57, 52, 63],
      [70, 52, 63],
      [95, 102, 113],
    ] as const) {
      const seam = seamOf(samples, wanted);
      expect(seam).toBeGreaterThanOrEqual(from);
      expect(seam).toBeLessThanOrEqual(to);
    }
  });

  test('where all is equally quiet, in the wanted place', () => {
    expect(seamOf(new Float32Array(FRAMES * 320), 70)).toBe(70);
    // An offset is no sound.
    expect(seamOf(new Float32Array(FRAMES * 320).fill(0.7), 70)).toBe(70);
    expect(
      seamOf(
        soundOf(() => 1),
        70,
      ),
    ).toBe(70);
  });

  test('a gap shorter than a pause, as plosives have, does not outweigh one', () => {
    const samples = soundOf((frame) =>
      frame >= 100 && frame < 103 ? 0 : Math.abs(frame - 40) < 8 ? 0.01 : 1,
    );
    expect(Math.abs(seamOf(samples) - 40)).toBeLessThan(6);
  });
});

describe('by what the windows say', () => {
  const seamBetween = (left: string, right: string, levels: readonly number[] = [], wanted = 0): number => {
    const ids = (text: string): number[] =>
      Array.from(text, (token) => '_|'.indexOf(token) + 1 || token.charCodeAt(0));
    const silent = new Array<number>(left.length + 1).fill(1);
    return chooseSeam(
      levels.length > 0 ? levels : silent,
      { left: ids(left), right: ids(right), blank: 1, delimiter: 2 },
      wanted,
    );
  };
  /** What the clip says where the right window takes over at the seam. */
  const joined = (left: string, right: string, wanted: number): string => {
    const seam = seamBetween(left, right, [], wanted);
    return (left.slice(0, seam) + right.slice(seam)).replaceAll(/(.)\1+/g, '$1').replaceAll('_', '');
  };

  test('a space that comes early in one window and late in the other comes once', () => {
    const [left, right] = ['_SIX__||______FIVE____', '_SIX______||__FIVE____'];
    for (let wanted = 0; wanted <= left.length; wanted += 1)
      expect(joined(left, right, wanted)).toBe('SIX|FIVE');
  });

  test.each([
    ['early in the left window', '_SIX__||______________FIVE____', '_SIX____________||____FIVE____'],
    ['late in the left window', '_SIX____________||____FIVE____', '_SIX__||______________FIVE____'],
  ])('a space that is %s, and a pause between that both take for silence', (_, left, right) => {
    for (let wanted = 0; wanted <= left.length; wanted += 1)
      expect(joined(left, right, wanted)).toBe('SIX|FIVE');
    // The pause is quieter, which speaks for nothing.
    const levels = Array.from({ length: left.length + 1 }, (_none, place) =>
      Math.abs(place - 12) < 3 ? 0.01 : 1,
    );
    const seam = seamBetween(left, right, levels, 12);
    expect(seam < 7 || seam > 16).toBe(true);
  });

  test('the space before the first word of the right window, which it cannot know, is not lost', () => {
    const [left, right] = ['______||FF__IIVE_______||SIX__', '________F___IIVE_______||SIX__'];
    for (let wanted = 0; wanted <= left.length; wanted += 1)
      expect(joined(left, right, wanted)).toBe('|FIVE|SIX');
  });

  test('a word of which either window knows a part comes from the one that knows it', () => {
    const [left, right] = ['SEVEN__||ONE____||TW', '_ENN___||ONE____||TWO'];
    for (let wanted = 0; wanted <= left.length; wanted += 1)
      expect(joined(left, right, wanted)).toBe('SEVEN|ONE|TWO');
  });

  test('never within a word where the windows agree between two, however much they agree there', () => {
    const [left, right] = ['_FFOUR__|__SSEVVEENN_|ONE', '_FFOUR___|_SSEVVEENN_|OE_'];
    for (let wanted = 0; wanted <= left.length; wanted += 1) {
      const seam = seamBetween(left, right, [], wanted);
      expect([6, 7, 8, 20, 21]).toContain(seam);
      expect(joined(left, right, wanted)).toMatch(/^FOUR\|SEVEN\|(ONE|OE)$/);
    }
    // The middle of the word is quieter, which speaks for nothing.
    const levels = Array.from({ length: left.length + 1 }, (_, place) => (place === 15 ? 0.01 : 1));
    expect(seamBetween(left, right, levels, 15)).toBe(20);
  });

  test('silence is joined anywhere, and so is what has nothing in common', () => {
    expect(seamBetween('________', '________', [], 3)).toBe(4);
    expect(seamBetween('ABCABC', 'XYZXYZ', [], 3)).toBe(3);
    expect(seamBetween('', '', [], 0)).toBe(0);
    expect(seamBetween('ABC', '', [], 2)).toBe(0);
  });
});
