/** The peers and their exact versions: a peer's number means nothing without one. */
export const PEER_PACKAGES = {
  'onnxruntime-node': '1.30.0',
  'onnxruntime-web': '1.30.0',
  '@tensorflow/tfjs-core': '4.22.0',
  '@tensorflow/tfjs-backend-webgpu': '4.22.0',
  '@jax-js/jax': '0.1.25',
} as const;
