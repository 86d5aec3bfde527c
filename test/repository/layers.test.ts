/** The table of folders in ARCHITECTURE.md is the table that the lint rule goes by. */
import { expect, test } from 'vitest';
import { LAYERS } from '../../scripts/layers.mjs';
import { filesBelow, textOf } from '../helpers/repository-files.ts';

/** `src/` goes without saying. */
const shortName = (folder: string): string => folder.replace(/^src\//, '');

/** Folder → what it may import, in the order of the table in ARCHITECTURE.md. */
function documentedLayers(): readonly (readonly [folder: string, imports: readonly string[]])[] {
  const [, table = ''] = /^\| folder .*\n\| -.*\n((?:\|.*\n)+)/m.exec(textOf('ARCHITECTURE.md')) ?? [];
  return table
    .trim()
    .split('\n')
    .map((row) => {
      const [, folder = '', , imports = ''] = row.split('|').map((cell) => cell.trim());
      return [folder.replaceAll('`', ''), imports === 'nothing' ? [] : imports.split(', ')] as const;
    });
}

test('ARCHITECTURE.md and the lint rule name the same folders, lowest first, and the same imports of each', () => {
  const ruled = Object.entries(LAYERS).map(
    ([folder, imports]) => [folder, imports.map(shortName).toSorted()] as const,
  );
  expect(documentedLayers().map(([folder, imports]) => [folder, imports.toSorted()])).toEqual(ruled);
});

test('a folder comes after all that it may import', () => {
  const folders = Object.keys(LAYERS);
  for (const [folder, imports] of Object.entries(LAYERS)) {
    const below = folders.slice(0, folders.indexOf(folder));
    expect(below, folder).toEqual(expect.arrayContaining([...imports]));
  }
});

test('every module of the engine lies in one of the folders, but for the faces of the package', () => {
  const folders = Object.keys(LAYERS);
  const elsewhere = ['src', 'kernels', 'shaders']
    .flatMap(filesBelow)
    .filter((file) => !folders.some((folder) => file.startsWith(`${folder}/`)));
  expect(elsewhere.filter((file) => !/^src\/\w+\.ts$/.test(file))).toEqual([]);
});
