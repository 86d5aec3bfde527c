/** Which words are settled, look by look: how far times may wander between looks, and how much is kept in front of a word. */
import { describe, expect, test } from 'vitest';
import { Agreement, type Unit } from '../../src/microphone/agreement.ts';
import { isSilent } from '../../src/microphone/hypothesis.ts';

const unit = (text: string, start: number, end: number): Unit => ({ text, start, end });
const textsOf = (units: readonly Unit[]) => units.map(({ text }) => text).join(' ');
const newAgreement = () => new Agreement({ guardSeconds: 0.8, contextSeconds: 1.5 });

describe('short units, of which the first is committed', () => {
  const units = [unit('A', 1, 1.04), unit('B', 1.1, 1.14), unit('C', 1.2, 1.24)];
  /** Settled until 1.07 s, in the middle between A and B. */
  function afterA(): Agreement {
    const agreement = newAgreement();
    agreement.next(units, { start: 0, end: 1.8, mode: 'grow' });
    // Only A ends before the guard.
    const { committed } = agreement.next(units, { start: 0, end: 1.85, mode: 'grow' });
    expect(textsOf(committed)).toBe('A');
    expect(agreement.committedUntil).toBeCloseTo(1.07, 9);
    return agreement;
  }

  test.each([
    ['later', 0.08],
    ['earlier', -0.08],
  ])('the next look may place them four frames %s: nothing comes twice, nothing is lost', (_, shift) => {
    const agreement = afterA();
    const moved = units.map(({ text, start, end }) => unit(text, start + shift, end + shift));
    const { committed, tentative } = agreement.next(moved, { start: 0, end: 1.85, mode: 'grow' });
    expect(textsOf([...committed, ...tentative])).toBe('B C');
  });

  test('the same text a quarter of a second later is another word, whatever A is heard as by then', () => {
    const agreement = afterA();
    const again = [unit('X', 1, 1.04), unit('A', 1.3, 1.34)];
    const { committed, tentative } = agreement.next(again, { start: 0, end: 1.85, mode: 'grow' });
    expect(textsOf([...committed, ...tentative])).toBe('A');
  });
});

test('in silence everything is settled but 0.3 s in front of the next word, whose sound may begin before its name', () => {
  const agreement = newAgreement();
  const heard = [unit('LATE', 5, 6.5)];
  agreement.next(heard, { start: 0, end: 7, mode: 'grow' });
  const { committed, tentative, cut } = agreement.next(heard, { start: 0, end: 7, mode: 'grow' });
  expect([committed, textsOf(tentative)]).toEqual([[], 'LATE']);
  expect(agreement.committedUntil).toBeCloseTo(4.7, 9);
  // Half a second of the pause stays as context.
  expect(cut).toBeCloseTo(4.2, 9);
});

test('silence is a matter of the root mean square of 20 ms, the last ones of a clip too', () => {
  const block = (level: number) => new Float32Array(320).fill(level);
  expect(isSilent(block(0.0009), 0.001)).toBe(true);
  expect(isSilent(block(0.0011), 0.001)).toBe(false);
  const quietThenLoud = new Float32Array(16_010);
  quietThenLoud.fill(0.01, 16_000);
  expect(isSilent(quietThenLoud, 0.001)).toBe(false);
});
