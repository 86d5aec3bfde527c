/**
 * Installs the runtimes that the tests run the package on, Node 24, Bun and Deno, from npm into a folder of the user's cache: once, before
 * the tests (`node scripts/test-runtimes.mjs`) or by the test that needs them. They are no dev dependencies: these 380 MB would come
 * with every `npm ci`, and `node_modules/.bin/node` would take the place of the Node that runs the tests.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const MANIFESTS = ['package.json', 'package-lock.json'];
const folderOfManifests = fileURLToPath(new URL('../test/package/runtimes/', import.meta.url));

/** A part of a path that names a system stands for whichever is installed. */
const PROGRAMS = {
  'Node 24': ['', /^node-(bin-)?[a-z]+\d*-/, ['bin/node', 'bin/node.exe']],
  Bun: ['@oven', /^bun-/, ['bin/bun', 'bin/bun.exe']],
  Deno: ['@deno', /./, ['deno', 'deno.exe']],
};

/**
 * Name → program, installed where it is not.
 * @returns {ReadonlyMap<'Node 24' | 'Bun' | 'Deno', string>}
 */
export function testRuntimes() {
  const modules = path.join(installedFolder(), 'node_modules');
  return new Map(
    Object.entries(PROGRAMS).map(([name, [scope, pattern, files]]) => {
      const scoped = path.join(modules, scope);
      const candidates = (existsSync(scoped) ? readdirSync(scoped) : [])
        .filter((entry) => pattern.test(entry))
        .flatMap((entry) => files.map((file) => path.join(scoped, entry, file)));
      const program = candidates.find((file) => existsSync(file));
      if (program === undefined)
        throw new Error(`test/package/runtimes has no ${name} for ${process.platform} on ${process.arch}`);
      return [name, program];
    }),
  );
}

function installedFolder() {
  const hash = createHash('sha256');
  for (const name of MANIFESTS) hash.update(readFileSync(path.join(folderOfManifests, name)));
  const cache = process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache');
  const parent = path.join(cache, 'unispeech-webgpu-tests');
  const folder = path.join(parent, `runtimes-${hash.digest('hex').slice(0, 16)}`);
  if (existsSync(folder)) return folder;
  mkdirSync(parent, { recursive: true });
  const scratch = mkdtempSync(path.join(parent, 'installing-'));
  try {
    for (const name of MANIFESTS) cpSync(path.join(folderOfManifests, name), path.join(scratch, name));
    const ci = ['ci', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund'];
    const { status, stderr, error } = spawnSync('npm', ci, { cwd: scratch, encoding: 'utf8' });
    if (status !== 0)
      throw new Error(
        `Node 24, Bun and Deno could not be installed from npm, which takes the network once: ${error?.message ?? stderr}`,
      );
    // Another process may have been faster, with the same files.
    if (!existsSync(folder)) renameSync(scratch, folder);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return folder;
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const [name, program] of testRuntimes()) console.log(`${name}: ${program}`);
