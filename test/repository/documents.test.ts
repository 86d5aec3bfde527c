/** The documents fit the repository: commands that they name exist, and links between files lead somewhere. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { filesBelow, ROOT, textOf } from '../helpers/repository-files.ts';

/** Documents, and what calls commands too. */
const files = filesBelow('.').filter((file) => /\.md$|^\.github\/|^\.ci\//.test(file));
const { scripts, engines } = JSON.parse(textOf('package.json')) as {
  readonly scripts: Readonly<Record<string, string>>;
  readonly engines: { readonly node: string };
};

test('there are documents to check', () => {
  expect(files).toEqual(
    expect.arrayContaining(['README.md', 'CONTRIBUTING.md', '.github/workflows/ci.yml', '.ci/run']),
  );
});

test.each(files)('%s names only npm scripts that exist', (file) => {
  const named = [...textOf(file).matchAll(/\bnpm (?:run(?: --silent)? ([\w:]+)|(test)\b)/g)];
  for (const [command, script = 'test'] of named) expect(Object.keys(scripts), command).toContain(script);
});

test.each(files.filter((file) => file.endsWith('.md')))('%s links only to files that exist', (file) => {
  for (const [, target = ''] of textOf(file).matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^(https?:|#)/.test(target)) continue;
    const linked = path.join(ROOT, path.dirname(file), target.replace(/#.*/, ''));
    expect(existsSync(linked), target).toBe(true);
  }
});

test('the workflow for changes runs .ci/run and nothing else, from the oldest Node that package.json allows on', () => {
  const workflow = textOf('.github/workflows/ci.yml');
  expect([...workflow.matchAll(/\brun: *(.*)/g)].map(([, command]) => command)).toEqual(['.ci/run']);
  const [, versions = ''] = /node: \[(.*)\]/.exec(workflow) ?? [];
  const [, oldest] = /(\d+)/.exec(engines.node) ?? [];
  expect(versions.split(', ')[0]).toBe(oldest);
});

test('every mishap names tests that exist', () => {
  const rows = textOf('docs/mishaps.md')
    .split('\n')
    .filter((line) => line.startsWith('|') && !/^\| (-|mishap )/.test(line));
  expect(rows.length).toBeGreaterThan(60);
  const testNames = filesBelow('test').map((file) => path.posix.basename(file));
  for (const row of rows) {
    const cell = row.split('|').at(-2) ?? '';
    const [browser = '', node = ''] = cell.split('Node:');
    const namesIn = (text: string) => [...text.matchAll(/`([\w*.-]+)`/g)].map(([, name = '']) => name);
    const wanted = [
      ...namesIn(browser).map((name) => `${name}.browser.test.ts`),
      ...namesIn(node).map((name) => `${name}.test.ts`),
    ];
    expect(wanted.length, row).toBeGreaterThan(0);
    for (const name of wanted) {
      const pattern = new RegExp(`^${name.replaceAll('.', '\\.').replaceAll('*', '.*')}$`);
      expect(
        testNames.some((testName) => pattern.test(testName)),
        `${row}: ${name}`,
      ).toBe(true);
    }
  }
});
