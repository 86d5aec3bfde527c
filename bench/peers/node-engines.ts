/** Engines by name, as they are opened in Node. */
import type { PeerEngine } from './engine.ts';
import { JaxEngine } from './jax-engine.ts';
import { OnnxEngine } from './onnx-engine.ts';
import { onnxNodeHost } from './onnx-node.ts';
import type { ComparedEngine } from './results.ts';
import { importJax, importTfjs } from './node-imports.ts';
import { TfjsEngine } from './tfjs-engine.ts';
import { UniSpeechEngine } from './unispeech-engine.ts';
import { PEER_PACKAGES } from './versions.ts';
import type { PeerModelFiles } from './venue.ts';

export async function openNodeEngine(name: ComparedEngine, model: PeerModelFiles): Promise<PeerEngine> {
  switch (name) {
    case 'unispeech-webgpu':
      return UniSpeechEngine.open(model.checkpointFolder);
    case 'onnxruntime':
      return OnnxEngine.open(onnxNodeHost(model.onnxFile));
    case 'tfjs':
      return new TfjsEngine(await importTfjs());
    case 'jax-js':
      return new JaxEngine(await importJax(), PEER_PACKAGES['@jax-js/jax']);
  }
}
