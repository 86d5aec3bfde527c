/** Runs once before the browser tests: builds what they load, from this very source. */
import { execFileSync } from 'node:child_process';
import { ROOT } from './site.ts';

export default function setup(): void {
  execFileSync(process.execPath, ['scripts/build.mjs', '--no-types'], { cwd: ROOT, stdio: 'inherit' });
}
