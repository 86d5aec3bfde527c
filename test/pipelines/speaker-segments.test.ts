/** Who speaks when, from made-up logits: thresholds, gaps, short segments, overlaps. */
import { expect, test } from 'vitest';
import { type SegmentRules, speakerSegments } from '../../src/pipelines/speaker-segments.ts';

const scale = { labels: ['A', 'B'], samplesPerFrame: 320, sampleRate: 16_000 };
const rules: SegmentRules = { threshold: 0.5, minSeconds: 0, minGapSeconds: 0 };

/** Logits of two speakers, who speak in the frames of a '#'. */
function logitsOf(a: string, b: string): Float32Array {
  const logit = (mark: string | undefined): number => (mark === '#' ? 2 : -2);
  return Float32Array.from({ length: 2 * a.length }, (_, i) => logit((i % 2 ? b : a)[i >> 1]));
}

/** Speakers and frames, such as A0-2. */
const framesOf = (a: string, b: string, others: Partial<SegmentRules> = {}): string =>
  speakerSegments(logitsOf(a, b), scale, { ...rules, ...others })
    .map(({ speaker, start, end }) => `${speaker}${Math.round(start * 50)}-${Math.round(end * 50)}`)
    .join(' ');

test('segments of each speaker by their start; they may overlap', () => {
  expect(framesOf('##..##', '.####.')).toBe('A0-2 B1-5 A4-6');
  expect(framesOf('......', '######')).toBe('B0-6');
  expect(framesOf('......', '......')).toBe('');
  expect(framesOf('#', '#')).toBe('A0-1 B0-1');
  expect(speakerSegments(new Float32Array(), scale, rules)).toEqual([]);
});

test('times are those of the first sample of a frame, and of the next one', () => {
  const [segment] = speakerSegments(logitsOf('..###.', '......'), scale, rules);
  expect(segment).toEqual({
    speaker: 'A',
    start: 0.04,
    end: 0.1,
    score: expect.closeTo(0.8808, 4) as number,
  });
});

test('shorter gaps are closed, then shorter segments dropped', () => {
  expect(framesOf('#.#..#', '......', { minGapSeconds: 0.04 })).toBe('A0-3 A5-6');
  expect(framesOf('#.#..#', '......', { minGapSeconds: 0.06 })).toBe('A0-6');
  expect(framesOf('#.##.###', '........', { minSeconds: 0.04 })).toBe('A2-4 A5-8');
  expect(framesOf('#.##.###', '........', { minSeconds: 0.06 })).toBe('A5-8');
  expect(framesOf('#.#..###', '........', { minSeconds: 0.06, minGapSeconds: 0.04 })).toBe('A0-3 A5-8');
  // As many frames as asked for are enough, at every length.
  for (let count = 1; count < 200; count++)
    expect(framesOf('#'.repeat(count), '.'.repeat(count), { minSeconds: count / 50 })).toBe(`A0-${count}`);
});

test('the threshold is a probability; a frame must be above it', () => {
  // The probabilities of 2 and −2 are 0.881 and 0.119.
  expect(framesOf('##..', '....', { threshold: 0.88 })).toBe('A0-2');
  expect(framesOf('##..', '....', { threshold: 0.882 })).toBe('');
  expect(framesOf('##..', '....', { threshold: 0.11 })).toBe('A0-4 B0-4');
  expect(framesOf('##..', '....', { threshold: 0 })).toBe('A0-4 B0-4');
  expect(framesOf('##..', '....', { threshold: 1 })).toBe('');
  const barely = Float32Array.of(1e-30, 0);
  expect(speakerSegments(barely, scale, rules).map(({ speaker }) => speaker)).toEqual(['A']);
});

test('the score is the mean probability, closed gaps included', () => {
  const [segment] = speakerSegments(logitsOf('#.##', '....'), scale, { ...rules, minGapSeconds: 1 });
  expect(segment?.score).toBeCloseTo((3 * 0.8808 + 0.1192) / 4, 4);
});
