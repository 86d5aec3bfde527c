/** The weights layer: files of a model, safetensors checkpoints, and the names of tensors. */
export { BufferPool } from './buffer-pool.ts';
export {
  type Checkpoint,
  type CheckpointTensor,
  type TensorReadOptions,
  type TensorSlice,
  openCheckpoint,
} from './checkpoint.ts';
export { type Dtype, WEIGHT_DTYPES, type WeightDtype, elementByteLength, toFloat32 } from './dtype.ts';
export { folderAddress, unsigned } from './file-address.ts';
export { FileCache, type FileRecord, listFiles, removeFolder, splitFileUrl } from './file-cache.ts';
export { checkPlainFileName } from './file-name.ts';
export { type HttpFilesOptions, httpFiles } from './http-files.ts';
export { HttpError, type RequestOptions } from './http-request.ts';
export { downloadWhole } from './http-whole.ts';
export { huggingFaceUrl } from './location.ts';
export { type ExpectedTensor, listNames, type ResolvedNames, resolveNames } from './names.ts';
export { LoadedBytes, type ProgressFiles, withProgress } from './progress.ts';
export { Sha256 } from './sha256.ts';
export { type TensorEntry, parseHeader } from './safetensors.ts';
