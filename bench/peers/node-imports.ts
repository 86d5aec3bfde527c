/** Libraries that were written for pages, imported in Node from the folder of the peers. */
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { defineWebGpuGlobals } from './node-webgpu-globals.ts';
import { PEERS_FOLDER, peerFolder, type PeerPackage } from './packages.ts';
import type { Jax } from './jax-api.ts';
import type { Tf } from './tfjs-api.ts';

/** @throws Error that says how to install it. */
export async function importTfjs(): Promise<Tf> {
  const core = await importPeer('@tensorflow/tfjs-core');
  // It registers itself with the core.
  await importPeer('@tensorflow/tfjs-backend-webgpu');
  // CommonJS in Node: what it exports is the default.
  return (core as { readonly default: Tf }).default;
}

/** @throws Error that says how to install it. */
export async function importJax(): Promise<Jax> {
  const jax = await importPeer('@jax-js/jax');
  return ('default' in jax ? jax.default : jax) as Jax;
}

async function importPeer(name: PeerPackage): Promise<object> {
  if (peerFolder(name) === undefined) {
    throw new Error(`${name} is not installed in its version: run "npm run bench -- install-peers".`);
  }
  await defineWebGpuGlobals();
  const file = createRequire(path.join(PEERS_FOLDER, 'package.json')).resolve(name);
  return (await import(pathToFileURL(file).href)) as object;
}
