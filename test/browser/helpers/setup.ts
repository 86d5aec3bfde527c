/** Runs once before the browser tests: builds what they load, from this very source. */
import { rmSync } from 'node:fs';
import path from 'node:path';
import { copyBuiltFiles } from '../../helpers/built-package.ts';
import { ROOT } from './site.ts';

export default async function setup(): Promise<void> {
  const dist = path.join(ROOT, 'dist');
  // Names of chunks change with what they hold, and what is packed must be what was built.
  for (const folder of ['node-chunks', 'chunks'])
    rmSync(path.join(dist, folder), { recursive: true, force: true });
  await copyBuiltFiles(dist);
}
