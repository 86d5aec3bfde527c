/** The server as it is built, in processes of its own, for the tests of one file. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { BUILD_TIMEOUT_MS, copyBuiltPackage } from '../../../../test/helpers/built-package.ts';
import { PRELOAD, repositoryFolder } from '../../../../test/helpers/run-node.ts';

export const MODEL_FOLDER = path.join(repositoryFolder, 'examples/models/unispeech-tiny-en');
export const MODEL_ID = 'unispeech-tiny-en';

export interface ServerProcess {
  readonly url: string;
  readonly child: ChildProcess;
  /** What it has written so far. */
  readonly output: () => string;
  /** Resolves with the exit code. */
  readonly exited: Promise<number | null>;
  /** The spool and the jobs. */
  readonly folder: string;
}

export interface BuiltServer {
  /** The script `unispeech-server`. */
  readonly command: string;
  /** Of the engine's package, as it is built. */
  readonly packageFolder: string;
  /** Starts one on a free port, and waits until it listens and its model is loaded. @param args beside those of the test's own folders. */
  start(
    args?: readonly string[],
    options?: { readonly folder?: string; readonly env?: NodeJS.ProcessEnv },
  ): Promise<ServerProcess>;
}

/** Built before the tests of this file; what still runs is ended after them. */
export function useBuiltServer(): BuiltServer {
  // Inside the repository, so that it finds its packages; not in `dist`, which other tests write to.
  const home = path.join(repositoryFolder, '.cache', `server-test-${process.pid}`);
  const scratch = mkdtempSync(path.join(os.tmpdir(), 'unispeech-server-test-'));
  const started: ServerProcess[] = [];
  beforeAll(async () => {
    // Not what the user's own servers have measured.
    process.env.UNISPEECH_CACHE = path.join(home, 'tuning');
    await copyBuiltPackage(path.join(home, 'node_modules/unispeech-webgpu'));
    const script = ['scripts/build-server.mjs', '--outdir', path.join(home, 'server/dist')];
    execFileSync(process.execPath, script, { cwd: repositoryFolder });
    cpSync(
      path.join(repositoryFolder, 'packages/server/package.json'),
      path.join(home, 'server/package.json'),
    );
  }, BUILD_TIMEOUT_MS);
  afterAll(async () => {
    for (const { child } of started) child.kill('SIGKILL');
    await Promise.all(started.map(({ exited }) => exited));
    rmSync(home, { recursive: true, force: true });
    rmSync(scratch, { recursive: true, force: true });
  });
  return {
    command: path.join(home, 'server/dist/main.js'),
    packageFolder: path.join(home, 'node_modules/unispeech-webgpu'),
    async start(args = [], { folder = mkdtempSync(path.join(scratch, 'run-')), env = {} } = {}) {
      const own = [
        '--model',
        MODEL_FOLDER,
        '--spool',
        path.join(folder, 'spool'),
        '--jobs',
        path.join(folder, 'jobs'),
      ];
      const child = spawn(
        process.execPath,
        ['--import', PRELOAD, path.join(home, 'server/dist/main.js'), '--port', '0', ...own, ...args],
        { cwd: repositoryFolder, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] },
      );
      let output = '';
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding('utf8').on('data', (text: string) => (output += text));
      const exited = new Promise<number | null>((resolve) => child.on('close', resolve));
      const url = await new Promise<string>((resolve, reject) => {
        const look = (): void => {
          const [, found] = /listens on (\S+)/.exec(output) ?? [];
          if (found !== undefined && output.includes(': loaded')) resolve(found);
        };
        child.stderr.on('data', look);
        void exited.then(() => reject(new Error(`The server has ended:\n${output}`)));
      });
      const server = { url, child, exited, folder, output: () => output };
      started.push(server);
      return server;
    },
  };
}
