/** Runs once before the tests of the server: builds the package and the server as users have them, in a folder of their own. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { copyBuiltPackage } from '../../../../test/helpers/built-package.ts';
import { repositoryFolder } from '../../../../test/helpers/run-node.ts';

/** Inside the repository, so that both find their packages; not in `dist`, which other tests write to. */
const folder = path.join(repositoryFolder, '.cache', `server-test-${process.pid}`);

export default async function setup(): Promise<() => void> {
  await copyBuiltPackage(path.join(folder, 'node_modules/unispeech-webgpu'));
  const server = path.join(folder, 'server');
  if (existsSync(path.join(repositoryFolder, 'packages/server/src/main.ts'))) {
    execFileSync(process.execPath, ['scripts/build-server.mjs', '--outdir', path.join(server, 'dist')], {
      cwd: repositoryFolder,
    });
    cpSync(path.join(repositoryFolder, 'packages/server/package.json'), path.join(server, 'package.json'));
  }
  process.env.UNISPEECH_TEST_SERVER = path.join(server, 'dist');
  return () => rmSync(folder, { recursive: true, force: true });
}
