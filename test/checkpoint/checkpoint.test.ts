/** Opening checkpoints of one file and of shards, reading in slices, and what happens to open files on every failure. */
import { describe, expect, test } from 'vitest';
import type { ModelFiles } from '../../src/base/files.ts';
import type { Checkpoint, TensorReadOptions } from '../../src/checkpoint/checkpoint.ts';
import { openCheckpoint } from '../../src/checkpoint/open-checkpoint.ts';
import { countedFiles } from '../helpers/counted-files.ts';
import { UniSpeechModel } from '../../src/speech/unispeech-models.ts';
import { goldensFolder } from '../helpers/golden.ts';
import { memoryFiles } from '../helpers/memory-files.ts';
import { writePytorch } from '../../scripts/lib/pytorch-writer.ts';
import { rampTensor, writeSafetensors } from '../helpers/safetensors-writer.ts';

async function readSlices(
  checkpoint: Checkpoint,
  name: string,
  options?: TensorReadOptions,
): Promise<{ elementOffset: number; values: number[] }[]> {
  const slices = [];
  for await (const { elementOffset, values } of checkpoint.read(name, options)) {
    slices.push({ elementOffset, values: [...values] });
  }
  return slices;
}

const SINGLE = writeSafetensors([
  { name: 'half', dtype: 'F16', shape: [3], data: Uint16Array.of(0x3c00, 0x4000, 0xc200) },
  rampTensor('ramp', [3, 4]),
  rampTensor('empty', [0, 4]),
  { name: 'ids', dtype: 'I64', shape: [1], data: BigInt64Array.of(7n) },
]);

const SHARD_1 = 'model-00001-of-00002.safetensors';
const SHARD_2 = 'model-00002-of-00002.safetensors';
const sharded = (weightMap: unknown, more: Record<string, string | Uint8Array> = {}): ModelFiles =>
  memoryFiles({
    'model.safetensors.index.json': JSON.stringify({ metadata: { total_size: 1 }, weight_map: weightMap }),
    [SHARD_1]: writeSafetensors([rampTensor('a', [2])]),
    [SHARD_2]: writeSafetensors([rampTensor('b', [3]), rampTensor('spare', [1])]),
    ...more,
  });

describe('one file', () => {
  test('is read in slices of at most the asked size, in whole rows', async () => {
    const checkpoint = await openCheckpoint(memoryFiles({ 'model.safetensors': SINGLE }));
    expect(checkpoint.name).toBe('memory/model.safetensors');
    expect([...checkpoint.tensors.keys()]).toEqual(['half', 'ramp', 'empty', 'ids']);
    expect(await readSlices(checkpoint, 'half')).toEqual([{ elementOffset: 0, values: [1, 2, -3] }]);
    expect(await readSlices(checkpoint, 'empty')).toEqual([]);

    const byBytes = await readSlices(checkpoint, 'ramp', { sliceByteLength: 22 });
    expect(byBytes.map(({ elementOffset }) => elementOffset)).toEqual([0, 5, 10]);
    expect(byBytes.flatMap(({ values }) => values)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);

    const byRows = await readSlices(checkpoint, 'ramp', { sliceByteLength: 47, alignElements: 4 });
    expect(byRows.map(({ values }) => values.length)).toEqual([8, 4]);
    const longRows = await readSlices(checkpoint, 'ramp', { sliceByteLength: 4, alignElements: 4 });
    expect(longRows.map(({ values }) => values.length)).toEqual([4, 4, 4]);
    await checkpoint.close();
  });

  test('is read whole, and by two readers at once', async () => {
    const checkpoint = await openCheckpoint(memoryFiles({ 'model.safetensors': SINGLE }));
    const [ramp, half] = await Promise.all([checkpoint.readWhole('ramp'), checkpoint.readWhole('half')]);
    expect([...ramp]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect([...half]).toEqual([1, 2, -3]);
    expect(await checkpoint.readWhole('empty')).toHaveLength(0);
    await expect(checkpoint.readWhole('nothing')).rejects.toThrow('holds no tensor "nothing"');
    await checkpoint.close();
  });

  test('gives float16 elements as their bit patterns, in the same slices', async () => {
    const patterns = Uint16Array.of(0x3c00, 0x8000, 0x7e01, 0x0001, 0xfc00);
    // The byte in front brings it out of alignment in the file.
    const bytes = writeSafetensors([
      { name: 'odd', dtype: 'U8', shape: [1], data: Uint8Array.of(1) },
      { name: 'half', dtype: 'F16', shape: [5], data: patterns },
      rampTensor('ramp', [2]),
    ]);
    const checkpoint = await openCheckpoint(memoryFiles({ 'model.safetensors': bytes }));
    const slices = [];
    for await (const { elementOffset, values } of checkpoint.read('half', {
      sliceByteLength: 4,
      keepFloat16: true,
    }))
      slices.push([elementOffset, ...values]);
    expect(slices).toEqual([
      [0, 0x3c00, 0x8000],
      [2, 0x7e01, 0x0001],
      [4, 0xfc00],
    ]);
    for await (const { values } of checkpoint.read('ramp', { keepFloat16: true }))
      expect(values).toEqual(Float32Array.of(0, 1));
    await checkpoint.close();
  });

  test('says what cannot be read', async () => {
    const checkpoint = await openCheckpoint(memoryFiles({ 'model.safetensors': SINGLE }));
    await expect(readSlices(checkpoint, 'nothing')).rejects.toThrow('holds no tensor "nothing"');
    await expect(readSlices(checkpoint, 'ids')).rejects.toThrow(
      'tensor "ids" has dtype I64, expected F32, F16, BF16, F64',
    );
    await expect(readSlices(checkpoint, 'ramp', { slice: 1 } as TensorReadOptions)).rejects.toThrow(
      'Checkpoint.read has no option "slice"',
    );
    await checkpoint.close();
    await checkpoint.close();
    await expect(readSlices(checkpoint, 'ramp')).rejects.toMatchObject({ code: 'disposed' });
  });

  test('is preferred to an index, and safetensors to PyTorch files', async () => {
    const files = sharded({ a: SHARD_1 }, { 'model.safetensors': SINGLE, 'pytorch_model.bin': '' });
    const checkpoint = await openCheckpoint(files);
    expect(checkpoint.tensors.has('ramp')).toBe(true);
    await checkpoint.close();
  });

  test('stops in the middle of a tensor when the signal is aborted', async () => {
    const files = countedFiles(memoryFiles({ 'model.safetensors': SINGLE }));
    const checkpoint = await openCheckpoint(files);
    const controller = new AbortController();
    const read = async (): Promise<void> => {
      for await (const slice of checkpoint.read('ramp', { sliceByteLength: 4, signal: controller.signal })) {
        if (slice.elementOffset === 2) controller.abort(new Error('enough'));
      }
    };
    await expect(read()).rejects.toThrow('enough');
    await checkpoint.close();
    expect(files.counts).toEqual({ opened: 1, open: 0 });
  });
});

describe('shards', () => {
  test('are read as the index says, and keep what it does not list apart', async () => {
    const files = countedFiles(sharded({ a: SHARD_1, b: SHARD_2 }));
    const checkpoint = await openCheckpoint(files);
    expect(Array.from(checkpoint.tensors, ([name, { file }]) => [name, file])).toEqual([
      ['a', `memory/${SHARD_1}`],
      ['b', `memory/${SHARD_2}`],
    ]);
    expect(checkpoint.unlisted).toEqual(['spare']);
    expect(await readSlices(checkpoint, 'b')).toEqual([{ elementOffset: 0, values: [0, 1, 2] }]);
    expect(files.counts).toEqual({ opened: 2, open: 2 });
    await checkpoint.close();
    expect(files.counts.open).toBe(0);
  });
});

describe('the file that is taken', () => {
  const FILES = [
    'model.safetensors',
    'model.safetensors.index.json',
    'pytorch_model.bin',
    'pytorch_model.bin.index.json',
  ];
  const HALF_FILES = [
    'model.fp16.safetensors',
    'model.safetensors.index.fp16.json',
    'pytorch_model.fp16.bin',
    'pytorch_model.bin.index.fp16.json',
  ];
  const contents: Readonly<Record<string, Uint8Array>> = {
    safetensors: SINGLE,
    bin: writePytorch({ a: Float32Array.of(1) }),
  };
  /** An index names the only shard there is. */
  const contentOf = (name: string): Uint8Array | string => {
    const [, extension = ''] = /\.(safetensors|bin)/.exec(name) ?? [];
    const shard = { safetensors: { half: 'shard.safetensors' }, bin: { a: 'shard.bin' } }[extension];
    return name.includes('index') ? JSON.stringify({ weight_map: shard }) : (contents[extension] ?? '');
  };

  test.each<[variant: string | undefined, names: readonly string[], others: readonly string[]]>([
    [undefined, FILES, HALF_FILES],
    ['fp16', HALF_FILES, FILES],
  ])(
    'is the first that is there, in the order of transformers; variant %s',
    async (variant, names, others) => {
      for (const [index, name] of names.entries()) {
        const there = [...names.slice(index), ...others, 'shard.safetensors', 'shard.bin'];
        const files = memoryFiles(Object.fromEntries(there.map((file) => [file, contentOf(file)])));
        const checkpoint = await openCheckpoint(files, undefined, variant);
        expect(checkpoint.name.endsWith(name), `${checkpoint.name}, expected ${name}`).toBe(true);
        expect([...checkpoint.tensors.keys()][0]).toBe(name.startsWith('model') ? 'half' : 'a');
        await checkpoint.close();
      }
      const rest = memoryFiles(Object.fromEntries(others.map((file) => [file, contentOf(file)])));
      await expect(openCheckpoint(rest, undefined, variant)).rejects.toThrow(
        `memory holds no weights: looked for ${names.join(', ')}. ${variant ? 'Leave the variant out' : 'Give the folder'}`,
      );
    },
  );

  test('is chosen by the option of a model, which must be a part of a file name', async () => {
    const folder = `${goldensFolder}tiny/float16`;
    await expect(UniSpeechModel.from_pretrained(folder, { variant: 'v2' })).rejects.toThrow(
      'looked for model.v2.safetensors',
    );
    for (const variant of ['', '../x', 'a/b', 5]) {
      await expect(UniSpeechModel.from_pretrained(folder, { variant } as never)).rejects.toMatchObject({
        code: 'bad-option',
        message: expect.stringContaining('a part of a file name such as "fp16"') as string,
      });
    }
  });
});

const LFS_POINTER =
  'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 1262007044\n';

const caught = (promise: Promise<unknown>): Promise<Error> =>
  promise.then(
    () => new Error('nothing was thrown'),
    (error: unknown) => error as Error,
  );

describe('a failure to open closes every file and says', () => {
  const index = (text: string): ModelFiles =>
    memoryFiles({ 'model.safetensors.index.json': text, [SHARD_1]: SINGLE });

  test.each<[what: string, files: ModelFiles, code: string, message: string]>([
    [
      'no weights',
      memoryFiles({}),
      'not-found',
      'holds no weights: looked for model.safetensors, model.safetensors.index.json, pytorch_model.bin, pytorch_model.bin.index.json. Give',
    ],
    [
      'a cut PyTorch file',
      memoryFiles({ 'pytorch_model.bin': 'PK\x03\x04' }),
      'bad-checkpoint',
      'memory/pytorch_model.bin: it begins like a zip file, but has no end record',
    ],
    [
      'an index of PyTorch shards that are not there',
      memoryFiles({
        'pytorch_model.bin.index.json': '{"weight_map":{"a":"pytorch_model-00001-of-00001.bin"}}',
      }),
      'bad-checkpoint',
      'names the shard "pytorch_model-00001-of-00001.bin", but there is no such file',
    ],
    [
      'a cut file',
      memoryFiles({ 'model.safetensors': SINGLE.subarray(0, -1) }),
      'bad-checkpoint',
      'memory/model.safetensors: expected',
    ],
    ['an empty file', memoryFiles({ 'model.safetensors': '' }), 'bad-checkpoint', 'found a file of 0 bytes'],
    ['an index that is no JSON', index('{'), 'bad-checkpoint', 'index.json: expected JSON'],
    [
      'an index without a map',
      index('{"weight_map":[]}'),
      'bad-checkpoint',
      'expected an object "weight_map"',
    ],
    ['an index that is a list', index('[]'), 'bad-checkpoint', 'expected an object "weight_map"'],
    [
      'a tensor that the index places twice',
      index(`{"weight_map":{"a":"${SHARD_1}","a":"${SHARD_2}"}}`),
      'bad-checkpoint',
      'the key "a" is there twice',
    ],
    ...['../model.safetensors', 'a/b', 'a\\b', '', '..', 'C:x'].map(
      (shard): [string, ModelFiles, string, string] => [
        `the shard name "${shard}"`,
        sharded({ a: shard }),
        'bad-checkpoint',
        `expected a plain file name as the shard of "a", found ${JSON.stringify(shard)}`,
      ],
    ),
    [
      'a shard name that is no string',
      sharded({ a: 7 }),
      'bad-checkpoint',
      'expected a plain file name as the shard of "a", found "7"',
    ],
    [
      'a missing shard',
      sharded({ a: SHARD_1, c: 'model-00003.safetensors' }),
      'bad-checkpoint',
      'names the shard "model-00003.safetensors", but there is no such file',
    ],
    [
      'a tensor in another shard',
      sharded({ a: SHARD_1, b: SHARD_1 }),
      'bad-checkpoint',
      `places the tensor "b" in memory/${SHARD_1}, but that file does not hold it`,
    ],
    [
      'a damaged second shard',
      sharded({ a: SHARD_1, b: SHARD_2 }, { [SHARD_2]: SINGLE.subarray(0, 20) }),
      'bad-checkpoint',
      `memory/${SHARD_2}: expected`,
    ],
    [
      'a Git LFS pointer',
      memoryFiles({ 'model.safetensors': LFS_POINTER }),
      'bad-checkpoint',
      'memory/model.safetensors is a Git LFS pointer and not the file that it stands for. Run "git lfs install" and "git lfs pull"',
    ],
    [
      'a Git LFS pointer as a shard',
      sharded({ a: SHARD_1, b: SHARD_2 }, { [SHARD_2]: new TextEncoder().encode(LFS_POINTER) }),
      'bad-checkpoint',
      `memory/${SHARD_2} is a Git LFS pointer`,
    ],
    [
      'a Git LFS pointer as the index',
      index(LFS_POINTER),
      'bad-checkpoint',
      'index.json: it is a Git LFS pointer',
    ],
    [
      'a Xet pointer',
      memoryFiles({ 'model.safetensors': "# xet version 0\nfilesize = 5\nhash = 'ab'\n" }),
      'bad-checkpoint',
      'is a Xet pointer',
    ],
    [
      'a page',
      memoryFiles({ 'model.safetensors': '\n<!DOCTYPE html><html><title>Sign in</title></html>' }),
      'bad-checkpoint',
      'is a page of HTML or XML and not the file',
    ],
    [
      'the message of a server',
      memoryFiles({ 'model.safetensors': 'Invalid username or password.' }),
      'bad-checkpoint',
      'is text that begins with "Invalid username or password.". Download the file again',
    ],
    [
      'a PyTorch file under another name',
      memoryFiles({ 'model.safetensors': `PK\x03\x04${'\0'.repeat(30)}` }),
      'bad-checkpoint',
      'is a zip archive. PyTorch writes such files, under the name pytorch_model.bin',
    ],
    [
      'an index that nests deep',
      index(`{"weight_map":${'{"a":'.repeat(30_000)}`),
      'bad-checkpoint',
      'nests deeper',
    ],
    [
      'an index that nests within a shard name',
      index(`{"weight_map":{"a":${'['.repeat(50)}${']'.repeat(50)}}}`),
      'bad-checkpoint',
      'as the shard of "a", found "an array of 1"',
    ],
  ])('%s', async (_what, files, code, message) => {
    const counted = countedFiles(files);
    const opening = openCheckpoint(counted);
    await expect(opening).rejects.toMatchObject({ name: 'UniSpeechError', code });
    await expect(opening).rejects.toThrow(message);
    expect((await caught(opening)).message.length).toBeLessThanOrEqual(400);
    expect(counted.counts.open).toBe(0);
  });

  test('the reason of an aborted signal', async () => {
    const files = countedFiles(memoryFiles({ 'model.safetensors': SINGLE }));
    await expect(openCheckpoint(files, AbortSignal.abort(new Error('stop')))).rejects.toThrow('stop');
    expect(files.counts.open).toBe(0);
  });

  test('an error for every length that a file may be cut to', async () => {
    const whole = writeSafetensors([rampTensor('a', [2])]);
    for (let byteLength = 0; byteLength < whole.byteLength; byteLength++) {
      const cut = countedFiles(memoryFiles({ 'model.safetensors': whole.subarray(0, byteLength) }));
      await expect(openCheckpoint(cut), `${byteLength}`).rejects.toMatchObject({ code: 'bad-checkpoint' });
      expect(cut.counts).toEqual({ opened: 1, open: 0 });
    }
  });

  test('one bounded sentence for names and values of any length', async () => {
    const long = 'n'.repeat(3_000_000);
    const header = (json: string): ModelFiles =>
      memoryFiles({ 'model.safetensors': writeSafetensors([], { header: json }) });
    const shape = `[${'1,'.repeat(500_000)}1]`;
    for (const files of [
      header(`{"${long}":5}`),
      header(`{"a":{"dtype":"${long}","shape":[],"data_offsets":[0,4]}}`),
      header(`{"a":{"dtype":"F32","shape":${shape},"data_offsets":[0,5]}}`),
      header(`{"${long}":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"${long}":7}`),
      header(`{"__metadata__":{"${long}":7}}`),
      index(`{"weight_map":{"${long}":"${long}"}}`),
      index(`{"weight_map":{"${long}":"../${long}"}}`),
      index(`{"weight_map":{"a":"${SHARD_1}"},"total_size":"x"${long}`),
    ]) {
      const error = await caught(openCheckpoint(files));
      expect(error).toMatchObject({ name: 'UniSpeechError', code: 'bad-checkpoint' });
      expect(error.message.length).toBeLessThanOrEqual(400);
    }
  });
});
