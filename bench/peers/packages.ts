/** Other engines, installed apart from the project: never its dependencies. */
import { spawnSync, type SpawnSyncOptions } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { PEER_PACKAGES } from './versions.ts';

export type PeerPackage = keyof typeof PEER_PACKAGES;

export const PEERS_FOLDER = path.resolve('.cache/peers');

/** The folder of a peer that is installed in its exact version, or undefined. */
export function peerFolder(name: PeerPackage): string | undefined {
  const folder = path.join(PEERS_FOLDER, 'node_modules', name);
  try {
    const { version } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as {
      readonly version: string;
    };
    return version === PEER_PACKAGES[name] ? folder : undefined;
  } catch {
    return undefined;
  }
}

/** Peers that are not there, or in another version. */
export const missingPeers = (): readonly PeerPackage[] =>
  (Object.keys(PEER_PACKAGES) as PeerPackage[]).filter((name) => peerFolder(name) === undefined);

/**
 * Installs all peers; what npm says goes to standard error.
 * @throws Error where npm could not.
 */
export function installPeers(): void {
  mkdirSync(PEERS_FOLDER, { recursive: true });
  writeFileSync(
    path.join(PEERS_FOLDER, 'package.json'),
    `${JSON.stringify({ private: true, dependencies: PEER_PACKAGES }, null, 2)}\n`,
  );
  // No install scripts: ONNX Runtime's fetches CUDA libraries, the WebGPU provider is in the package itself.
  const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'];
  const npmProgram = process.env.npm_execpath;
  const options: SpawnSyncOptions = { cwd: PEERS_FOLDER, stdio: ['ignore', 2, 2] };
  const { status, error } =
    npmProgram === undefined
      ? spawnSync('npm', args, { ...options, shell: process.platform === 'win32' })
      : spawnSync(process.execPath, [npmProgram, ...args], options);
  if (error) throw error;
  const missing = missingPeers();
  if (status !== 0 || missing.length > 0) {
    throw new Error(
      `npm could not install ${missing.length > 0 ? missing.join(', ') : 'the peers'} into .cache/peers (exit code ${status ?? 'none'}): ` +
        'see its messages above, then run "npm run bench -- install-peers" again.',
    );
  }
}
