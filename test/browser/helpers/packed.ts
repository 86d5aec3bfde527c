/** The package as npm would deliver it, unpacked into a fresh folder outside of the repository. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { untar } from '../../../scripts/lib/untar.mjs';
import { ROOT } from './site.ts';

export interface App {
  readonly folder: string;
  remove(): void;
}

/**
 * A folder for an app, with the package in its node_modules and nothing else.
 * @param files path in the folder → content.
 */
export function makeApp(files: Readonly<Record<string, string>>): App {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'unispeech-app-'));
  // What `dist` holds was built a moment ago; packing must not build it again under the feet of other tests.
  const pack = ['pack', '--ignore-scripts', '--pack-destination', folder];
  execFileSync('npm', pack, { cwd: ROOT, stdio: 'pipe' });
  const archive = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  if (archive === undefined) throw new Error('npm pack left no archive');
  const packed = untar(gunzipSync(readFileSync(path.join(folder, archive))));
  rmSync(path.join(folder, archive));
  const all = [
    ...[...packed].map(
      ([name, content]) => [name.replace(/^package/, 'node_modules/unispeech-webgpu'), content] as const,
    ),
    ...Object.entries(files),
  ];
  for (const [name, content] of all) {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
