/** The command `unispeech` as it is built, for the tests of one file. */
import { rmSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { repositoryFolder, runNode, type NodeRun, type NodeRunOptions } from './run-node.ts';

export interface BuiltCli {
  /** The script. */
  readonly file: string;
  /** Runs it. @param args of the command. */
  run(args: readonly string[], options?: NodeRunOptions): Promise<NodeRun>;
}

/** Builds it before the tests of this file, and removes it after them. */
export function useBuiltCli(): BuiltCli {
  // Inside the repository, so that the build finds its packages; not in `dist`, which may be in use.
  const folder = path.join(repositoryFolder, '.cache', `cli-test-${process.pid}`);
  const file = path.join(folder, 'cli.js');
  beforeAll(async () => {
    const build = await runNode(['scripts/build.mjs', '--no-types', '--outdir', folder]);
    expect(build).toMatchObject({ exitCode: 0 });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return { file, run: (args, options) => runNode([file, ...args], options) };
}
