/** Finds the weights of a model, in one file or in shards, and opens them with the reader of their format. */
import { UniSpeechError, describeValue } from '../base/errors.ts';
import type { ByteSource, ModelFiles } from '../base/files.ts';
import { OpenCheckpoint, type OpenTensor, closeAll } from './checkpoint.ts';
import { openPytorch } from './later-pytorch.ts';
import type { CheckpointReader } from './reader.ts';
import { quote } from './safetensors.ts';
import { safetensorsReader } from './safetensors-reader.ts';
import { parseShardIndex } from './shard-index.ts';

/** In the order in which transformers looks for their files. */
const READERS: readonly CheckpointReader[] = [
  safetensorsReader,
  {
    fileName: 'pytorch_model.bin',
    indexName: 'pytorch_model.bin.index.json',
    extension: 'bin',
    open: openPytorch,
  },
];

/** What the weights of a model take before any of it is read. */
export interface WeightFiles {
  /** The file, or the shards. */
  readonly fileNames: readonly string[];
  /** Of all together. */
  readonly byteLength: number;
}

/** `_add_variant` of transformers. */
const withVariant = (fileName: string, variant: string | null | undefined): string =>
  variant ? fileName.replace(/\.(?=[^.]*$)/, `.${variant}.`) : fileName;

/**
 * Finds the weights that `openCheckpoint` would open, and their length. Nothing of them is read.
 * @returns undefined if there are none.
 * @throws UniSpeechError `bad-checkpoint` (an index that is none, or names a file that is not there), or what the source throws.
 */
export async function measureWeights(
  files: ModelFiles,
  signal?: AbortSignal,
  variant?: string | null,
): Promise<WeightFiles | undefined> {
  const measure = async (fileName: string): Promise<number | undefined> => {
    const source = await files.open(fileName, signal);
    await source?.close();
    return source?.byteLength;
  };
  for (const reader of READERS) {
    const single = withVariant(reader.fileName, variant);
    const singleByteLength = await measure(single);
    if (singleByteLength !== undefined) return { fileNames: [single], byteLength: singleByteLength };
    const indexFile = withVariant(reader.indexName, variant);
    const indexText = await files.readText(indexFile, signal);
    if (indexText === undefined) continue;
    const indexName = `${files.location}: ${indexFile}`;
    const fileNames = [...parseShardIndex(indexText, indexName).keys()];
    let byteLength = 0;
    for (const fileName of fileNames) {
      const shardByteLength = await measure(fileName);
      if (shardByteLength === undefined) throw missingShard(indexName, fileName);
      byteLength += shardByteLength;
    }
    return { fileNames, byteLength };
  }
  return undefined;
}

const missingShard = (indexName: string, shardName: string): UniSpeechError =>
  new UniSpeechError(
    'bad-checkpoint',
    `${indexName} names the shard ${describeValue(shardName)}, but there is no such file.`,
    'Fetch every shard of the model.',
  );

/**
 * Opens the file or the shards that the first reader finds, and checks their headers in full. On any failure nothing stays open.
 * @param variant what stands in front of the last dot of file names: `fp16` for `model.fp16.safetensors`.
 * @throws UniSpeechError `not-found`, `bad-checkpoint`, `unsupported` (PyTorch files that hold more than weights), or what the source throws.
 */
export async function openCheckpoint(
  files: ModelFiles,
  signal?: AbortSignal,
  variant?: string | null,
): Promise<OpenCheckpoint> {
  const named = (fileName: string): string => withVariant(fileName, variant);
  /** All that was opened so far. */
  const sources: ByteSource[] = [];
  try {
    for (const reader of READERS) {
      const open = (fileName: string) => openFile(reader, files, fileName, sources, signal);
      const single = await open(named(reader.fileName));
      if (single) return new OpenCheckpoint(single.name, single.tensors, [], sources);
      const indexFile = named(reader.indexName);
      const indexText = await files.readText(indexFile, signal);
      if (indexText === undefined) continue;
      const indexName = `${files.location}: ${indexFile}`;
      const { tensors, unlisted } = await openShards(indexText, indexName, open);
      return new OpenCheckpoint(indexName, tensors, unlisted, sources);
    }
    const wanted = READERS.flatMap(({ fileName, indexName }) => [named(fileName), named(indexName)]).join(
      ', ',
    );
    throw new UniSpeechError(
      'not-found',
      `${files.location} holds no weights: looked for ${wanted}.`,
      variant
        ? 'Leave the variant out, or give one that the model has.'
        : (files.missingFix ?? 'Give the folder or base URL of a model in the Hugging Face layout.'),
    );
  } catch (error) {
    await closeAll(sources);
    throw error;
  }
}

/**
 * Opens the weights of a language beside a model: `adapter.fra.safetensors`, or `adapter.fra.bin` without that.
 * @returns undefined if there is neither.
 * @throws UniSpeechError as `openCheckpoint`. On any failure nothing stays open.
 */
export async function openLanguageFile(
  files: ModelFiles,
  language: string,
  signal?: AbortSignal,
): Promise<OpenCheckpoint | undefined> {
  const sources: ByteSource[] = [];
  try {
    for (const reader of READERS) {
      const file = await openFile(reader, files, `adapter.${language}.${reader.extension}`, sources, signal);
      if (file) return new OpenCheckpoint(file.name, file.tensors, [], sources);
    }
    return undefined;
  } catch (error) {
    await closeAll(sources);
    throw error;
  }
}

/** @param sources gets the file's. */
async function openFile(
  reader: CheckpointReader,
  files: ModelFiles,
  fileName: string,
  sources: ByteSource[],
  signal: AbortSignal | undefined,
): Promise<OpenFile | undefined> {
  const source = await files.open(fileName, signal);
  if (source === undefined) return undefined;
  sources.push(source);
  const stored = await reader.open(source, signal);
  const { name } = source;
  return { name, tensors: new Map(Array.from(stored, ([key, each]) => [key, { ...each, file: name }])) };
}

interface OpenFile {
  /** Shown in errors. */
  readonly name: string;
  readonly tensors: ReadonlyMap<string, OpenTensor>;
}

interface OpenShards {
  readonly tensors: ReadonlyMap<string, OpenTensor>;
  /** Tensors that a shard holds and the index does not list. */
  readonly unlisted: readonly string[];
}

/** The tensors of all shards of an index, which are of one format. */
async function openShards(
  indexText: string,
  indexName: string,
  open: (fileName: string) => Promise<OpenFile | undefined>,
): Promise<OpenShards> {
  const tensors = new Map<string, OpenTensor>();
  const unlisted: string[] = [];
  for (const [shardName, listed] of parseShardIndex(indexText, indexName)) {
    const shard = await open(shardName);
    if (!shard) throw missingShard(indexName, shardName);
    for (const [name, tensor] of shard.tensors) {
      if (listed.has(name)) tensors.set(name, tensor);
      else unlisted.push(name);
    }
    const missing = [...listed].find((name) => !shard.tensors.has(name));
    if (missing !== undefined) {
      throw new UniSpeechError(
        'bad-checkpoint',
        `${indexName} places the tensor ${quote(missing)} in ${shard.name}, but that file does not hold it.`,
        'The index and its shards belong to different models: fetch all of them again.',
      );
    }
  }
  return { tensors, unlisted };
}
