/** Every page leads to every other one, and says which one it is. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

interface WebPage {
  readonly name: string;
  readonly label: string;
  readonly folder: string;
}

interface NavLink {
  readonly href: string;
  readonly label: string;
  readonly isCurrent: boolean;
}

const root = fileURLToPath(new URL('../../', import.meta.url));
const pages = JSON.parse(
  readFileSync(path.join(root, 'examples/web/pages.json'), 'utf8'),
) as readonly WebPage[];

const htmlOf = (folder: string): string => readFileSync(path.join(root, folder, 'index.html'), 'utf8');

/** The links of a page's navigation bar, of which it has one. */
function navigation(folder: string): NavLink[] {
  const bars = [...htmlOf(folder).matchAll(/<nav aria-label="Pages">([^]*?)<\/nav>/g)];
  expect(bars, folder).toHaveLength(1);
  const links = bars[0]?.[1]?.matchAll(/<a href="([^"]+)"( aria-current="page")?>([^<]+)<\/a>/g) ?? [];
  return [...links].map(([, href = '', current, label = '']) => ({
    href,
    label,
    isCurrent: current !== undefined,
  }));
}

test.each(pages)('$name names all pages, itself as the current one', ({ name: own, folder }) => {
  expect(navigation(folder)).toEqual(
    pages.map(({ name, label }) => ({ href: `../${name}/index.html`, label, isCurrent: name === own })),
  );
  expect(htmlOf(folder)).toContain('<a class="brand" href="../index.html">');
});

test('the home page names all pages, in its bar and as cards, and is the current one', () => {
  const home = 'examples/web';
  expect(navigation(home)).toEqual(
    pages.map(({ name, label }) => ({ href: `${name}/index.html`, label, isCurrent: false })),
  );
  const cards = [...htmlOf(home).matchAll(/<a class="panel" href="([^"]+)">/g)].map(([, href]) => href);
  expect(cards).toEqual(pages.map(({ name }) => `${name}/index.html`));
  expect(htmlOf(home)).toContain('<a class="brand" href="index.html" aria-current="page"');
});

test('the list holds every folder that is a page', () => {
  const folders = readdirSync(path.join(root, 'examples/web'))
    .map((name) => `examples/web/${name}`)
    .filter((folder) => existsSync(path.join(root, folder, 'index.html')));
  expect(pages.map(({ folder }) => folder).sort()).toEqual([...folders, 'bench/web'].sort());
});
