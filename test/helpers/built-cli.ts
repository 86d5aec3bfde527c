/** The command `unispeech` as it is built, for the tests of one file. */
import { rmSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { BUILD_TIMEOUT_MS, copyBuiltFiles } from './built-package.ts';
import { repositoryFolder, runNode, type NodeRun, type NodeRunOptions } from './run-node.ts';

export interface BuiltCli {
  /** The script. */
  readonly file: string;
  /** Runs it. @param args of the command. */
  run(args: readonly string[], options?: NodeRunOptions): Promise<NodeRun>;
}

/** A copy of it, there before the tests of this file and gone after them. */
export function useBuiltCli(): BuiltCli {
  // Inside the repository, so that it finds its packages; not in `dist`, which may be in use.
  const folder = path.join(repositoryFolder, '.cache', `cli-test-${process.pid}`);
  const file = path.join(folder, 'cli.js');
  beforeAll(async () => {
    await copyBuiltFiles(folder);
  }, BUILD_TIMEOUT_MS);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return { file, run: (args, options) => runNode([file, ...args], options) };
}
