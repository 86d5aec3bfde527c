/** Groups of classes: those of SUPERB's intent classification, those of a caller, and the scores within each. */
import { expect, test } from 'vitest';
import { labelGroupsOf } from '../../src/pipelines/label-groups.ts';
import { groupedScores, labelScores } from '../../src/pipelines/label-scores.ts';

const INTENT = [
  ...['activate', 'bring', 'change language', 'deactivate', 'decrease', 'increase'],
  ...['Chinese', 'English', 'German', 'Korean', 'heat', 'juice', 'lamp'],
  ...['lights', 'music', 'newspaper', 'none', 'shoes', 'socks', 'volume'],
  ...['bedroom', 'kitchen', 'none', 'washroom'],
];
const classesOf = (labels: readonly string[]) => ({
  id2label: Object.fromEntries(labels.entries()),
  num_labels: labels.length,
});
const GROUPS = [
  { name: 'action', from: 0, to: 6 },
  { name: 'object', from: 6, to: 20 },
  { name: 'location', from: 20, to: 24 },
];

test('the classes of SUPERB ic are known by their names, in any order within a group', () => {
  expect(labelGroupsOf(undefined, classesOf(INTENT))).toEqual(GROUPS);
  const otherOrder = [...INTENT.slice(0, 6).reverse(), ...INTENT.slice(6)].map((label) =>
    label.replace(' ', '_').toUpperCase(),
  );
  expect(labelGroupsOf(null, classesOf(otherOrder))).toEqual(GROUPS);
  expect(labelGroupsOf(false, classesOf(INTENT))).toBeUndefined();
});

test.each([
  ['other names', INTENT.map((_, index) => `LABEL_${index}`)],
  ['an action among the objects', [...INTENT.slice(1, 7), 'activate', ...INTENT.slice(7)]],
  ['one class more', [...INTENT, 'garden']],
])('%s: one group', (_, labels) => {
  expect(labelGroupsOf(undefined, classesOf(labels))).toBeUndefined();
});

test('a caller names groups, or lists them', () => {
  const classes = classesOf(['a', 'b', 'c']);
  expect(labelGroupsOf({ first: [0, 1], rest: [1, 3] }, classes)).toEqual([
    { name: 'first', from: 0, to: 1 },
    { name: 'rest', from: 1, to: 3 },
  ]);
  expect(labelGroupsOf([[1, 3]], classes)).toEqual([{ name: '0', from: 1, to: 3 }]);
});

test.each([
  [true],
  [[]],
  [{}],
  [[[0, 4]]],
  [[[1, 1]]],
  [[[0, 1, 2]]],
  [[0, 3]],
  ['action'],
  [[[-1, 2]]],
  [Object.assign(new Array<unknown>(2), { 1: [0, 1] })],
])('refuses %j', (option) => {
  expect(() => labelGroupsOf(option, classesOf(['a', 'b', 'c']))).toThrow(
    'but it must be false, or ranges [from, to] of classes with from < to ≤ 3',
  );
});

test('each group has scores of its own', () => {
  const { id2label } = classesOf(INTENT);
  const logits = Float32Array.from(INTENT, (_, index) => Math.sin(3 * index));
  const best = groupedScores(logits, id2label, 'softmax', 1, GROUPS);
  const all = groupedScores(logits, id2label, 'softmax', Infinity, GROUPS);
  expect(best.map(({ group }) => group)).toEqual(['action', 'object', 'location']);
  for (const [index, { name, from, to }] of GROUPS.entries()) {
    const alone = labelScores(logits.subarray(from, to), INTENT.slice(from, to), 'softmax', Infinity);
    const ofGroup = all.filter(({ group }) => group === name);
    expect(ofGroup).toEqual(alone.map((each) => ({ ...each, group: name })));
    expect(ofGroup.reduce((sum, { score }) => sum + score, 0)).toBeCloseTo(1);
    expect(best[index]).toEqual(ofGroup[0]);
  }
});
