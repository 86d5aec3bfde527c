/** The reader of PyTorch's files, loaded with the first of them: pages whose models are safetensors never load it. */
import { loadPart } from '../base/load-part.ts';
import type { CheckpointReader } from './reader.ts';

export const openPytorch: CheckpointReader['open'] = async (...args) =>
  (await loadPart(import('./pytorch/pytorch-reader.ts'), 'reads PyTorch files')).openPytorch(...args);
