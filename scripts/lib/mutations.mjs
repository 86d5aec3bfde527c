/**
 * The list of source edits that tests must notice: one file a layer in `test/mutations/`. What an edit is, and where its text
 * lies in the sources.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = path.dirname(path.dirname(path.dirname(fileURLToPath(import.meta.url))));
const FOLDER = path.join(ROOT, 'test/mutations');

/** Every edit, in the order of layers and of the files; `name` gets the layer in front. */
export async function loadMutations() {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.mjs'));
  const layers = await Promise.all(
    files.sort().map(async (file) => {
      const { default: edits } = await import(path.join(FOLDER, file));
      return edits.map((edit) => ({ ...edit, name: `${path.basename(file, '.mjs')}/${edit.name}` }));
    }),
  );
  return layers.flat();
}

/** How often the text of an edit stands in its file, 0 also where there is no such file. An edit needs exactly one place. */
export function countPlaces({ file, find }, root = ROOT) {
  try {
    return readFileSync(path.join(root, file), 'utf8').split(find).length - 1;
  } catch (error) {
    if (error.code === 'ENOENT') return 0;
    throw error;
  }
}
