/** The list of `npm run mutate` fits the sources: an edit whose text is gone would be one fewer in silence. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { countPlaces, loadMutations, ROOT } from '../../scripts/lib/mutations.mjs';

const mutations = await loadMutations();
const LAYERS =
  'audio base captions checkpoint cli decode doctor files gpu graph kernels microphone phones pipelines platform profile score server speech text worker'.split(
    ' ',
  );

test('every layer has edits, forty at least in all, and every name stands once', () => {
  const names = mutations.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(names.length).toBeGreaterThanOrEqual(40);
  const layers = new Set(names.map((name) => name.split('/')[0]));
  expect([...layers]).toEqual(expect.arrayContaining(LAYERS));
});

test.each(mutations)('$name: its text stands once in $file, and its tests exist', (mutation) => {
  const { file, find, replace, why, tests } = mutation;
  expect(countPlaces(mutation), `places of this text in ${file}: ${find}`).toBe(1);
  expect(replace).not.toBe(find);
  expect(why).toMatch(/^[^\n]+\.$/);
  expect(tests).not.toHaveLength(0);
  for (const test of tests) expect(existsSync(path.join(ROOT, test)), test).toBe(true);
});
