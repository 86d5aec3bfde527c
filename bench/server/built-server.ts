/** The server as `npm run server:build` has made it, in a process of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { demoModel } from '../../packages/server/test/helpers/demo-clips.ts';

/** `npm run bench` runs here, whatever the folder of its bundle. */
export const REPOSITORY = process.cwd();
export const MODEL_FOLDER = demoModel(REPOSITORY);
/** Gives a process a driver where the machine has no GPU. */
export const PRELOAD = pathToFileURL(path.resolve('scripts/use-vulkan.mjs')).href;
export const SERVER_SCRIPT = path.resolve('packages/server/dist/main.js');
/** Arguments of Node that run it. */
export const SERVER_COMMAND = ['--import', PRELOAD, SERVER_SCRIPT] as const;

/** Starts it with the bundled model, calls `use` when that is loaded, and stops it. @throws what it printed, where it ends before. */
export async function withServer<Result>(use: (url: string) => Promise<Result>): Promise<Result> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'unispeech-bench-server-'));
  const own = ['--spool', path.join(folder, 'spool'), '--jobs', path.join(folder, 'jobs')];
  const child = spawn(process.execPath, [...SERVER_COMMAND, '--port', '0', '--model', MODEL_FOLDER, ...own], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(child, 'exit');
  try {
    const url = await new Promise<string>((resolve, reject) => {
      let printed = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        printed += text;
        const [, found] = /listens on (\S+)/.exec(printed) ?? [];
        if (found !== undefined && printed.includes(': loaded')) resolve(found);
      });
      void ended.then(() => reject(new Error(`The server has ended:\n${printed}`)));
    });
    return await use(url);
  } finally {
    child.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }
}
