/** `npm run bench -- install-peers`: installs the peers into `.cache/peers`. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { PEER_PACKAGES, PEERS_FOLDER } from './packages.ts';

mkdirSync(PEERS_FOLDER, { recursive: true });
writeFileSync(
  path.join(PEERS_FOLDER, 'package.json'),
  `${JSON.stringify({ private: true, dependencies: PEER_PACKAGES }, null, 2)}\n`,
);
// No install scripts: ONNX Runtime's fetches CUDA libraries, the WebGPU provider is in the package itself.
const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'];
const npmProgram = process.env.npm_execpath;
const { status, error } =
  npmProgram === undefined
    ? spawnSync('npm', args, { cwd: PEERS_FOLDER, stdio: 'inherit', shell: process.platform === 'win32' })
    : spawnSync(process.execPath, [npmProgram, ...args], { cwd: PEERS_FOLDER, stdio: 'inherit' });
if (error) throw error;
process.exitCode = status ?? 1;
