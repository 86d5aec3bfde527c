/** Runs once before the browser tests: builds what they load, from this very source. */
import path from 'node:path';
import { copyBuiltFiles } from '../../helpers/built-package.ts';
import { ROOT } from './site.ts';

export default async function setup(): Promise<void> {
  await copyBuiltFiles(path.join(ROOT, 'dist'));
}
