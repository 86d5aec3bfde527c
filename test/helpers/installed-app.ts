/** A project of a user, outside of this repository: npm installs the packed package there, without a network. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { copyBuiltPackage } from './built-package.ts';
import { repositoryFolder } from './run-node.ts';

export interface InstalledApp {
  readonly folder: string;
  /** Installs a package that this repository has as a dependency. */
  install(name: string): void;
  remove(): void;
}

/** Its dependencies come from this repository, each by itself, as the registry is out of reach. */
export async function makeInstalledApp(): Promise<InstalledApp> {
  const root = mkdtempSync(path.join(os.tmpdir(), 'unispeech-installed-'));
  const folder = path.join(root, 'app');
  const source = path.join(root, 'package');
  mkdirSync(folder);
  await copyBuiltPackage(source);
  const pack = ['pack', '--ignore-scripts', '--silent', '--pack-destination', root];
  const archive = npm(pack, source).trim();
  writeFileSync(
    path.join(folder, 'package.json'),
    JSON.stringify({ name: 'app', private: true, type: 'module' }),
  );
  npm([...INSTALL, path.join(root, archive), ...dependencies().map(folderOf)], folder);
  return {
    folder,
    install(name) {
      npm([...INSTALL, folderOf(name)], folder);
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

const INSTALL = ['install', '--offline', '--ignore-scripts', '--no-audit', '--no-fund'];

const npm = (args: readonly string[], cwd: string): string =>
  execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: 'pipe' });

const folderOf = (name: string): string => path.join(repositoryFolder, 'node_modules', name);

/** What the package cannot do without, and what that needs: the names. */
function dependencies(): string[] {
  const lock = readFileSync(path.join(repositoryFolder, 'package-lock.json'), 'utf8');
  const { packages } = JSON.parse(lock) as {
    packages: Readonly<Record<string, { readonly dependencies?: Readonly<Record<string, string>> }>>;
  };
  const names = new Set(Object.keys(packages['']?.dependencies ?? {}));
  // A set that grows while it is gone through.
  for (const name of names)
    for (const needed of Object.keys(packages[`node_modules/${name}`]?.dependencies ?? {})) names.add(needed);
  return [...names];
}
