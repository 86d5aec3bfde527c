/** The examples of the README for Node, run as they stand there; the one for browsers has its test in test/browser. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BUILD_TIMEOUT_MS, copyBuiltPackage } from '../helpers/built-package.ts';
import { repositoryFolder, runNode } from '../helpers/run-node.ts';

// Inside the repository, so that it finds its packages.
const folder = path.join(repositoryFolder, '.cache', `readme-test-${process.pid}`);
const readme = readFileSync(path.join(repositoryFolder, 'README.md'), 'utf8');
const examples = [...readme.matchAll(/```js\n(.*?)```/gs)]
  .map(([, code = '']) => code)
  .filter((code) => !code.includes('./unispeech.js'));
/** What each example prints, in part. */
const printed = [
  [
    'YES FIVE\n',
    "{ text: 'FOUR', timestamp: [ 0.66, 0.92 ] }",
    "[ { text: 'NINE NINE' }, { text: 'YES FIVE' } ]",
  ],
  ["[\n  { label: 'left', score: 0.605", /\nHow alike they sound: 0\.\d\d\n$/],
  ["status: 'done'", '[ 1, 49, 32 ] 1 x 16000 samples, 49 frames', ' dispatches, '],
];

beforeAll(async () => {
  await copyBuiltPackage(folder);
}, BUILD_TIMEOUT_MS);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('every example has its expectation', () => {
  expect(examples).toHaveLength(printed.length);
});

test.each(printed.map((parts, index) => ({ parts, index })))('example $index', async ({ parts, index }) => {
  const file = path.join(folder, `example-${index}.mjs`);
  const code = (examples[index] ?? '')
    .replace("'unispeech-webgpu'", "'./dist/node.js'")
    .replace('path/to/a/classifier', 'test/reference/goldens/pipelines/layer-weighted');
  writeFileSync(file, code);
  const { exitCode, stdout, stderr } = await runNode([file]);
  expect(exitCode, stderr).toBe(0);
  for (const part of parts) expect(stdout).toMatch(part);
});
