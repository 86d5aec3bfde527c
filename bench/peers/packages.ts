/** Other engines, installed apart from the project: never its dependencies. */
import { existsSync } from 'node:fs';
import path from 'node:path';

/** Exact versions: a peer's number means nothing without one. */
export const PEER_PACKAGES = { 'onnxruntime-node': '1.30.0' } as const;
export type PeerPackage = keyof typeof PEER_PACKAGES;

export const PEERS_FOLDER = path.resolve('.cache/peers');

/** The folder of an installed peer, or undefined. */
export function peerFolder(name: PeerPackage): string | undefined {
  const folder = path.join(PEERS_FOLDER, 'node_modules', name);
  return existsSync(path.join(folder, 'package.json')) ? folder : undefined;
}
