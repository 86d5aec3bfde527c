/** Weights: safetensors files, and the index of shards. */
import { openCheckpoint } from '../../../src/checkpoint/open-checkpoint.ts';
import { memoryFiles } from '../../helpers/memory-files.ts';
import { describeEdits, joinBytes, mutateBytes } from '../mutate-bytes.ts';
import { mutateJson, utf8 } from '../mutate-json.ts';
import type { Random } from '../random.ts';
import { type FuzzAnswer, expectResult, type Mutant, type Target } from '../target.ts';
import { readJsonSeed, readSeed } from './read-seed.ts';

const SHARDED = 'test/reference/goldens/tiny/group-stable-sharded/';
const INDEX = 'model.safetensors.index.json';
const SHARDS = [1, 2, 3].map((number) => `model-0000${number}-of-00003.safetensors`);
const LENGTH_BYTES = 8;

/** Opens and reads everything. A tensor has as many values as its shape says. */
async function readAll(files: Readonly<Record<string, string | Uint8Array>>): Promise<FuzzAnswer> {
  const checkpoint = await openCheckpoint(memoryFiles(files));
  try {
    for (const [name, { shape }] of checkpoint.tensors) {
      const values = await checkpoint.readWhole(name);
      const expected = shape.reduce((product, dim) => product * dim, 1);
      expectResult(values.length === expected, `${name} has ${values.length} values of ${expected}`);
    }
  } finally {
    await checkpoint.close();
  }
  return 'result';
}

const lengthOf = (file: Uint8Array): number =>
  Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));

/** The header that `text` is, with its true length, in front of the data. */
function withHeader(text: string, data: Uint8Array): Uint8Array {
  const header = utf8(text);
  const length = new Uint8Array(LENGTH_BYTES);
  new DataView(length.buffer).setBigUint64(0, BigInt(header.length), true);
  return joinBytes(length, header, data);
}

function mutateFile(file: Uint8Array, random: Random): { bytes: Uint8Array; description: string } {
  const dataStart = LENGTH_BYTES + lengthOf(file);
  if (random.chance(0.5)) {
    const header: unknown = JSON.parse(new TextDecoder().decode(file.subarray(LENGTH_BYTES, dataStart)));
    const { text, description } = mutateJson(header, random);
    return { bytes: withHeader(text, file.subarray(dataStart)), description: `header: ${description}` };
  }
  // Damage to the data changes values only: most of it goes to the header.
  const region = random.chance(0.8) ? ([0, dataStart] as const) : ([0, file.length] as const);
  const tokens = [
    '"F64"',
    '"BF16"',
    '"data_offsets"',
    '"shape"',
    '-1',
    '9007199254740993',
    '1e9',
    '__metadata__',
  ];
  const { bytes, edits } = mutateBytes(file, random, { tokens, region });
  return { bytes, description: describeEdits(edits) };
}

export const safetensors: Target = {
  name: 'safetensors',
  about: 'bytes, and headers with repaired length',
  extension: 'safetensors',
  prepare() {
    const seeds = SHARDS.map((name) => readSeed(SHARDED + name));
    return Promise.resolve((random): Mutant => {
      const { bytes, description } = mutateFile(random.pick(seeds), random);
      return {
        description,
        content: () => bytes,
        run: () => readAll({ 'model.safetensors': bytes }),
      };
    });
  },
};

export const shardIndex: Target = {
  name: 'index',
  about: 'the index of shards, and what shards there are',
  extension: 'json',
  prepare() {
    const shards = Object.fromEntries(SHARDS.map((name) => [name, readSeed(SHARDED + name)]));
    const seed = readJsonSeed(SHARDED + INDEX);
    return Promise.resolve((random): Mutant => {
      const { text, description } = mutateJson(seed, random);
      const files: Record<string, string | Uint8Array> = { ...shards, [INDEX]: text };
      const lost = random.chance(0.05) ? random.pick(SHARDS) : undefined;
      if (lost !== undefined) Reflect.deleteProperty(files, lost);
      return {
        description: lost === undefined ? description : `${description}; without ${lost}`,
        content: () => text,
        run: () => readAll(files),
      };
    });
  },
};
