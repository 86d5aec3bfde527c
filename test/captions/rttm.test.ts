/** RTTM as NIST's tools read it: ten fields a line, with white space between them. */
import { expect, test } from 'vitest';
import { toRttm } from '../../src/captions/rttm.ts';

const segments = [
  { speaker: 'LABEL_0', start: 0.02, end: 1.3, score: 0.9 },
  { speaker: 'LABEL_1', start: 1.0004, end: 3661.9996 },
];

test('a line for each segment, with start and duration to a millisecond', () => {
  expect(toRttm({ segments }, { uri: 'meeting' })).toBe(
    'SPEAKER meeting 1 0.020 1.280 <NA> <NA> LABEL_0 <NA> <NA>\n' +
      'SPEAKER meeting 1 1.000 3661.000 <NA> <NA> LABEL_1 <NA> <NA>\n',
  );
  for (const line of toRttm({ segments }, { uri: 'a' }).trim().split('\n'))
    expect(line.split(' ')).toHaveLength(10);
});

test('start and duration of a line add up to the rounded end', () => {
  const turns = { segments: [{ speaker: 'A', start: 0.0006, end: 0.0014 }] };
  expect(toRttm(turns, { uri: 'a' })).toBe('SPEAKER a 1 0.001 0.000 <NA> <NA> A <NA> <NA>\n');
});

test('nobody speaks: no lines', () => {
  expect(toRttm({ segments: [] }, { uri: 'a' })).toBe('');
});

const speaking = (segment: object) => [{ segments: [{ ...segments[0], ...segment }] }, { uri: 'a' }] as const;

test.each([
  [undefined, { uri: 'a' }, 'toRttm got undefined, expected { segments }'],
  [
    { segments },
    { uri: 'my talk' },
    'The uri of an RTTM file is "my talk", expected text without white space',
  ],
  [{ segments }, { uri: '' }, 'The uri of an RTTM file is ""'],
  [{ segments }, undefined, 'The uri of an RTTM file is undefined'],
  [...speaking({ speaker: 'speaker 1' }), 'A speaker of an RTTM file is "speaker 1"'],
  [...speaking({ end: 0 }), 'Segment 0 is from 0.02 to 0, expected seconds'],
  [...speaking({ start: NaN }), 'Segment 0 is from NaN to 1.3'],
  [{ segments: new Array(1) }, { uri: 'a' }, 'Segment 0 is from undefined to undefined'],
])('refuses %#', (turns, options, message) => {
  expect(() => toRttm(turns as never, options as never)).toThrow(message);
});
