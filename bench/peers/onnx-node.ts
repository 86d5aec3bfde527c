/** ONNX Runtime's package for Node, with its WebGPU provider. */
import { counted } from '../../src/base/counted.ts';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { readPlacement } from '../e2e/onnx-runtime-engine.ts';
import { UNKNOWN_ADAPTER } from './adapter.ts';
import { NO_MODEL, SESSION_OPTIONS, type OnnxHost, type Ort } from './onnx-engine.ts';
import { PEERS_FOLDER } from './packages.ts';
import { PEER_PACKAGES } from './versions.ts';

/** Nodes that write more than this outside the WebGPU provider are real work, not arithmetic on shapes. */
const LARGEST_SHAPE_BYTE_LENGTH = 1024;

/** @param modelFile the exported model, where there is one. */
export function onnxNodeHost(modelFile: string | undefined): OnnxHost {
  const name = 'onnxruntime-node';
  const ort = createRequire(path.join(PEERS_FOLDER, 'package.json'))(name) as Ort;
  return {
    name,
    version: PEER_PACKAGES[name],
    ort,
    // Its API has nothing that would tell.
    adapter: () => Promise.resolve(UNKNOWN_ADAPTER),
    model() {
      if (modelFile !== undefined) return Promise.resolve(modelFile);
      throw new Error(NO_MODEL);
    },
    async placement(model, run) {
      const folder = mkdtempSync(path.join(os.tmpdir(), 'unispeech-bench-'));
      try {
        const session = await ort.InferenceSession.create(model, {
          ...SESSION_OPTIONS,
          enableProfiling: true,
          profileFilePrefix: path.join(folder, 'profile'),
        });
        await run(session);
        session.endProfiling();
        await session.release();
        const [profile] = readdirSync(folder);
        if (profile === undefined) throw new Error('ONNX Runtime wrote no profile');
        return describePlacement(readFileSync(path.join(folder, profile), 'utf8'));
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  };
}

/** @throws Error where more than arithmetic on shapes ran elsewhere. */
function describePlacement(profile: string): string {
  const { webgpuNodeCount, otherNodeCount, otherOperators, largestOtherByteLength } = readPlacement(profile);
  if (webgpuNodeCount === 0 || !(largestOtherByteLength <= LARGEST_SHAPE_BYTE_LENGTH)) {
    throw new Error(
      `ONNX Runtime ran ${otherNodeCount} of ${otherNodeCount + webgpuNodeCount} nodes outside WebGPU ` +
        `(${otherOperators.join(', ')}; up to ${largestOtherByteLength} bytes): its times would say nothing.`,
    );
  }
  const shapes = otherNodeCount > 0 ? `, ${otherNodeCount} on shapes elsewhere` : '';
  return `${counted(webgpuNodeCount, 'node')} on WebGPU${shapes}`;
}
