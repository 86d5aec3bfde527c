/** Engines by name, as they are opened in a page. */
import type { PeerEngine } from './engine.ts';
import type { Jax } from './jax-api.ts';
import { JaxEngine } from './jax-engine.ts';
import { OnnxEngine } from './onnx-engine.ts';
import { onnxWebHost } from './onnx-web.ts';
import type { PageQuery } from './page.ts';
import type { Tf } from './tfjs-api.ts';
import { TfjsEngine } from './tfjs-engine.ts';
import { UniSpeechEngine } from './unispeech-engine.ts';
import { PEER_PACKAGES } from './versions.ts';

/** Where the site has the installed peers. */
export const PEERS_PATH = '/peers/';
/** And TensorFlow.js as one script. */
export const TFJS_PATH = '/tfjs.js';
/** Not literal in `import`, or the bundler would look for it. */
const imported = (urlPath: string): Promise<unknown> => import(urlPath);

export async function openPageEngine({ engine, checkpoint, onnx }: PageQuery): Promise<PeerEngine> {
  switch (engine) {
    case 'unispeech-webgpu':
      return UniSpeechEngine.open(checkpoint);
    case 'onnxruntime':
      return OnnxEngine.open(
        await onnxWebHost(`${PEERS_PATH}onnxruntime-web/dist/ort.webgpu.bundle.min.mjs`, onnx),
      );
    case 'tfjs':
      return new TfjsEngine((await imported(TFJS_PATH)) as Tf);
    case 'jax-js':
      return new JaxEngine(
        (await imported(`${PEERS_PATH}@jax-js/jax/dist/index.js`)) as Jax,
        PEER_PACKAGES['@jax-js/jax'],
      );
  }
}
