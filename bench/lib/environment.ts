/** What a result depends on, without names of machines or folders. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

export interface Environment {
  readonly date: string;
  /** The short commit hash, with `+` where the tree had changes; undefined outside a git checkout. */
  readonly commit: string | undefined;
  readonly cpu: string;
  readonly coreCount: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  /** Version of the npm package `webgpu` (Dawn). */
  readonly dawn: string;
}

export function readEnvironment(): Environment {
  return {
    date: new Date().toISOString().slice(0, 10),
    commit: commit(),
    cpu: os.cpus()[0]?.model.trim() ?? 'unknown',
    coreCount: os.availableParallelism(),
    memoryGiB: Math.round(os.totalmem() / 2 ** 30),
    system: `${process.platform} ${process.arch}`,
    node: process.version,
    dawn: packageVersion('node_modules/webgpu'),
  };
}

/** The version of an installed package. @throws Error where it is not installed. */
export function packageVersion(folder: string): string {
  const { version } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as {
    version: string;
  };
  return version;
}

function commit(): string | undefined {
  const git = (...args: string[]): string =>
    execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    return git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain', '-uno') === '' ? '' : '+');
  } catch {
    return undefined;
  }
}
