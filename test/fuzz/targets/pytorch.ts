/** Weights: PyTorch files of every form, as bytes, as pickles and as zip directories. */
import { readdirSync } from 'node:fs';
import { openPytorch } from '../../../src/checkpoint/pytorch/pytorch-reader.ts';
import { memoryFiles } from '../../helpers/memory-files.ts';
import { describeEdits, mutateBytes } from '../mutate-bytes.ts';
import type { Random } from '../random.ts';
import { expectResult, type FuzzAnswer, type Mutant, type Target } from '../target.ts';
import { readSeed } from './read-seed.ts';

const FOLDER = 'test/reference/goldens/pytorch/';
/** A mutant may say that a tensor repeats its elements without end: of each, so much is read. */
const MOST_BYTES = 2 ** 20;

/** What pickles are made of: opcodes, and names that are allowed, missing or dangerous. */
const TOKENS = [
  '\x80\x02}q\x00.',
  '(K\x02K\x03t',
  '\x85\x86\x87',
  'h\x00h\x01h\x02',
  'ctorch\nFloatStorage\n',
  'ctorch._utils\n_rebuild_tensor_v2\n',
  'cposix\nsystem\n',
  'ccollections\nOrderedDict\n',
  'ctorch._tensor\n_rebuild_from_type_v2\n',
  '](e',
  'h\x00h\x01R',
  'X\xff\xff\xff\x7f',
  'J\xff\xff\xff\x7f',
  '\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x1f',
  'PK\x01\x02',
  'PK\x05\x06',
  'PK\x06\x06',
];

/** Opens the file and reads from everything in it. Each read gives the bytes that it was asked for. */
async function readAll(bytes: Uint8Array): Promise<FuzzAnswer> {
  const source = await memoryFiles({ bin: bytes }).open('bin');
  if (!source) throw new Error('no file');
  for (const [name, tensor] of await openPytorch(source, undefined)) {
    const { byteLength } = tensor;
    for (const start of byteLength > MOST_BYTES ? [0, byteLength - MOST_BYTES] : [0]) {
      const length = Math.min(MOST_BYTES, byteLength);
      const read = await tensor.readBytes(start, length, undefined, new ArrayBuffer(length));
      expectResult(read.length === length, `${name}: ${read.length} bytes of ${length}`);
    }
  }
  return 'result';
}

/** Where something stands that decides what is read: most damage goes there, as damage to values only changes values. */
function regionOf(file: Uint8Array, random: Random): readonly [number, number] {
  const text = Buffer.from(file);
  const pickle = text.indexOf('\x80\x02', 0, 'latin1');
  const directory = text.indexOf('PK\x01\x02', 0, 'latin1');
  const stop = text.indexOf('u.', pickle, 'latin1') + 2;
  const choice = random.below(5);
  if (choice < 3 && pickle >= 0 && stop > pickle) return [pickle, stop];
  if (choice < 4 && directory >= 0) return [directory, file.length];
  return [0, file.length];
}

export const pytorch: Target = {
  name: 'pytorch',
  about: 'PyTorch files of every form: pickles, zip directories, bytes',
  extension: 'bin',
  prepare() {
    const names = readdirSync(FOLDER).filter((name) => name.endsWith('.bin'));
    const seeds = names.map((name) => readSeed(FOLDER + name));
    return Promise.resolve((random): Mutant => {
      const index = random.below(seeds.length);
      const seed = seeds[index] ?? new Uint8Array();
      const { bytes, edits } = mutateBytes(seed, random, {
        tokens: TOKENS,
        region: regionOf(seed, random),
        others: seeds,
      });
      return {
        description: `${names[index] ?? ''}: ${describeEdits(edits)}`,
        content: () => bytes,
        run: () => readAll(bytes),
      };
    });
  },
};
