/** Hostile and broken pickles of tensors: each is refused in one sentence, and nothing that it asks for is done. */
import { describe, expect, test } from 'vitest';
import { FILE, refusalOf } from '../helpers/pytorch-refusal.ts';
import { latin1, p, pickleOf, writeZip } from '../../scripts/lib/pytorch-writer.ts';

const STORAGE = ['x/data/0', new Uint8Array(16)] as const;
/** A zip file with this pickle and a storage of 4 float32. */
const zipOf = (pickle: Uint8Array): Uint8Array => writeZip([['x/data.pkl', pickle], STORAGE]);
const fileOf = (value: string): Uint8Array => zipOf(pickleOf(value));
/** The one tensor of a file whose value is this. */
const tensorOf = (value: string): Uint8Array => fileOf(p.dict({ a: value }));

/** Two bytes, little-endian. */
const latin1Number = (value: number): string => String.fromCharCode(value & 0xff, value >> 8);
const SCALAR = p.tensor(p.storage('0', 4), [], []);
const rebuild = (...args: string[]): string => p.call('torch._utils', '_rebuild_tensor_v2', ...args);
describe('a pickle is refused that', () => {
  test.each<[what: string, file: Uint8Array, message: string]>([
    [
      'runs a shell',
      fileOf(p.call('posix', 'system', p.text('echo no'))),
      'data.pkl: byte 2 of its pickle names the global "posix.system", which weights do not need. Only pickles of tensors are read',
    ],
    ['evaluates', fileOf(p.call('builtins', 'eval', p.text('1'))), 'names the global "builtins.eval"'],
    [
      'gets attributes',
      fileOf(p.call('builtins', 'getattr', p.none, p.text('a'))),
      'names the global "builtins.getattr"',
    ],
    [
      'names a part of the language it is read in',
      fileOf(p.call('constructor', 'constructor')),
      'names the global "constructor.constructor"',
    ],
    [
      'names the prototype of all objects',
      fileOf(`c__proto__\n__proto__\n.`),
      'names the global "__proto__.__proto__"',
    ],
    [
      'names a quantized storage',
      tensorOf(p.tensor(p.storage('0', 4, 'QInt8Storage'), [], [])),
      'names the global "torch.QInt8Storage"',
    ],
    ['imports by two lines of one', fileOf('cos\n'), 'the 7 bytes end within the pickle'],
    [
      'calls a class of storages',
      fileOf(p.call('torch', 'FloatStorage', p.int(4))),
      'calls torch.FloatStorage, which makes no tensor',
    ],
    ['calls a text', fileOf(`${p.text('print')})R`), 'calls "print", which makes no tensor'],
    [
      'calls with what is no tuple',
      fileOf(`${p.global('collections', 'OrderedDict')}NR`),
      'calls collections.OrderedDict, which makes no tensor',
    ],
    [
      'rebuilds by a text',
      fileOf(p.call('torch._tensor', '_rebuild_from_type_v2', p.text('f'), p.none, ')', p.none)),
      'calls "f", which makes no tensor',
    ],
    [
      'is of protocol 4',
      zipOf(latin1('\x80\x04\x95\x0a\0\0\0\0\0\0\0}.')),
      'byte 2 of its pickle is the opcode 0x95, which weights do not need',
    ],
    ['is of protocol 0', zipOf(latin1('(dp0\n.')), 'byte 1 of its pickle is the opcode 0x64'],
    ['builds an instance by name', fileOf('(ios\nsystem\n'), 'is the opcode 0x69'],
    ['loads by extension code', fileOf('\x82\x01'), 'is the opcode 0x82'],
    ['takes from an empty stack', fileOf('R'), 'byte 2 of its pickle takes a value from an empty stack'],
    ['takes from below a mark', fileOf('N(\x85'), 'takes a value from an empty stack'],
    ['ends a list that has not begun', fileOf('t'), 'ends a list that has not begun'],
    ['takes from an empty memo', fileOf('h\x05'), 'takes number 5 from the memo, where nothing is'],
    ['adds to a number', fileOf('K\x01Na'), 'adds to 1, expected a list'],
    ['sets items of a list', fileOf(']NNs'), 'sets items of an array of 0, expected a dict'],
    [
      'ends within a text',
      zipOf(latin1('\x80\x02X\xff\xff\xff\xffab')),
      'data.pkl: the 9 bytes end within the pickle',
    ],
    ['ends within a length', zipOf(latin1('\x80\x02X\x01')), 'end within the pickle'],
    ['does not stop', zipOf(latin1('\x80\x02}')), 'end within the pickle'],
    ['holds text that is not UTF-8', zipOf(latin1('\x80\x02X\x01\0\0\0\xff.')), 'is text that is not UTF-8'],
    [
      'never ends to push',
      zipOf(new Uint8Array(600_000).fill(0x7d)),
      'byte 500000 of its pickle lies behind more opcodes than weights need',
    ],
    ['never ends to mark', zipOf(new Uint8Array(600_000).fill(0x28)), 'lies behind more opcodes'],
    [
      'is too long',
      zipOf(new Uint8Array(17 * 2 ** 20)),
      'expected a data.pkl of at most 16777216 bytes in the zip file, found 17825792 bytes',
    ],
    [
      'sets a name twice',
      fileOf(`}${p.text('a')}${SCALAR}s${p.text('a')}${SCALAR}s`),
      'sets "a" a second time',
    ],
    [
      'makes a dict of what are no pairs',
      fileOf(p.call('collections', 'OrderedDict', p.list(p.none))),
      'makes an OrderedDict of an array of 1, expected pairs of different keys',
    ],
    [
      'names a tensor twice in a list of pairs',
      fileOf(
        p.call(
          'collections',
          'OrderedDict',
          p.list(p.text('a') + SCALAR + '\x86', p.text('a') + SCALAR + '\x86'),
        ),
      ),
      'makes an OrderedDict of an array of 2, expected pairs of different keys',
    ],
    ['sets a key without a value', fileOf('}(Nu'), 'sets a key without a value'],
    [
      'copies a list of pairs again and again',
      zipOf(
        latin1(
          `\x80\x02${p.global('collections', 'OrderedDict')}q\x01](${Array.from({ length: 1000 }, (_, i) => `M${latin1Number(i)}N\x86`).join('')}e\x85q\x02${'h\x01h\x02R'.repeat(2000)}.`,
        ),
      ),
      'lies behind more opcodes',
    ],
    [
      'calls a function with itself for ever',
      fileOf(`${p.global('torch._tensor', '_rebuild_from_type_v2')}q\x01]q\x00(h\x01Nh\x00eR`),
      'calls torch._tensor._rebuild_from_type_v2 by itself',
    ],
  ])('%s', async (_, file, message) => {
    const error = await refusalOf(file);
    expect(error).toMatchObject({ name: 'UniSpeechError', code: 'bad-checkpoint' });
    expect(error.message).toContain(message);
    expect(error.message.length).toBeLessThanOrEqual(400);
    expect(error.message).toContain(`memory/${FILE}`);
  });
});

describe('tensors are refused', () => {
  const storage = p.storage('0', 4);
  const huge = p.long(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f);
  test.each<[what: string, file: Uint8Array, message: string]>([
    [
      'that leave their storage',
      tensorOf(p.tensor(storage, [5], [1])),
      'makes a tensor of shape (5), strides (1) and offset 0 of a storage of 4 elements',
    ],
    [
      'that leave it by their offset',
      tensorOf(p.tensor(storage, [4], [1], 1)),
      'offset 1 of a storage of 4 elements',
    ],
    [
      'that repeat few elements into petabytes',
      tensorOf(p.tensor(storage, [2 ** 30, 2 ** 19], [0, 0])),
      'makes a tensor of shape (1073741824, 524288), strides (0, 0)',
    ],
    ['that leave it by their strides', tensorOf(p.tensor(storage, [2, 2], [3, 1])), 'strides (3, 1)'],
    ['of negative strides', tensorOf(p.tensor(storage, [2], [-1], 1)), 'strides an array of 1'],
    ['of negative dims', tensorOf(p.tensor(storage, [-2], [1])), 'shape an array of 1'],
    ['of a negative offset', tensorOf(p.tensor(storage, [1], [1], -1)), 'offset -1'],
    ['of fewer strides than dims', tensorOf(p.tensor(storage, [1, 1], [1])), 'shape (1, 1), strides (1)'],
    [
      'of nine dims',
      tensorOf(p.tensor(storage, Array<number>(9).fill(1), Array<number>(9).fill(0))),
      'shape (1, 1, 1, 1, 1, 1, 1, 1, 1)',
    ],
    [
      'of more elements than can be counted',
      tensorOf(rebuild(storage, 'K\0', p.tuple(huge, huge), p.ints(0, 0), '\x89', p.none)),
      'makes a tensor of shape',
    ],
    [
      'of no elements, with dims beyond counting',
      tensorOf(rebuild(storage, 'K\0', p.tuple(huge, huge, 'K\0'), p.ints(0, 0, 0), '\x89', p.none)),
      'makes a tensor of shape',
    ],
    [
      'of a text in place of a storage',
      tensorOf(rebuild(p.text('0'), 'K\0', ')', ')', '\x89', p.none)),
      'of a storage of another kind',
    ],
    ['without arguments', tensorOf(rebuild()), 'of a storage of another kind'],
    [
      'of an unknown dtype',
      tensorOf(
        p.call('torch._utils', '_rebuild_tensor_v3', storage, 'K\0', ')', ')', '\x89', p.none, p.text('f')),
      ),
      'makes a tensor of dtype "f"',
    ],
    [
      'of something outside',
      tensorOf(`${p.tuple(p.text('module'), p.none)}Q`),
      'refers to "module" outside, expected a storage of numbers',
    ],
    ['of a persistent text', tensorOf(`${p.text('0')}Q`), 'refers to undefined outside'],
    [
      'of a storage of negative length',
      tensorOf(p.tensor(p.storage('0', -1), [], [])),
      'refers to "storage" outside',
    ],
    [
      'of a storage of two lengths',
      fileOf(p.dict({ a: SCALAR, b: p.tensor(p.storage('0', 3), [], []) })),
      'describes storage "0" as 3 F32 in another way than before',
    ],
    [
      'of a storage of two types',
      fileOf(p.dict({ a: SCALAR, b: p.tensor(p.storage('0', 4, 'IntStorage'), [], []) })),
      'describes storage "0" as 4 I32',
    ],
    [
      'of a view that leaves its storage',
      tensorOf(p.tensor(p.storage('0', 4, 'FloatStorage', p.tuple(p.text('v'), p.int(3), p.int(2))), [], [])),
      'or leaves it',
    ],
    [
      'whose storage is not there',
      tensorOf(p.tensor(p.storage('1', 4), [], [])),
      'expected 16 bytes as storage "1", found no such storage',
    ],
    [
      'whose storage leads elsewhere',
      tensorOf(p.tensor(p.storage('../data.pkl', 4), [], [])),
      'found no such storage',
    ],
    [
      'whose storage has another length',
      tensorOf(p.tensor(p.storage('0', 5), [], [])),
      'expected 20 bytes as storage "0", found 16',
    ],
    [
      'whose storage is petabytes',
      tensorOf(p.tensor(p.storage('0', 2 ** 31 - 1, 'DoubleStorage'), [], [])),
      'expected 17179869176 bytes as storage "0", found 16',
    ],
    ['of a long name', fileOf(p.dict({ ['n'.repeat(1001)]: SCALAR })), 'is too long'],
    [
      'beside other things',
      fileOf(p.dict({ a: SCALAR, step: p.int(1) })),
      'expected tensors by name, found a dict of "a", "step". Load it in PyTorch',
    ],
    ['without names', fileOf(SCALAR), 'expected tensors by name, found an object'],
    [
      'two levels down',
      fileOf(p.dict({ state_dict: p.dict({ model: p.dict({ a: SCALAR }) }) })),
      'found a dict of "state_dict"',
    ],
    ['that are a list', fileOf(p.list(SCALAR)), 'found an array of 1'],
  ])('%s', async (_, file, message) => {
    const error = await refusalOf(file);
    expect(error).toMatchObject({ name: 'UniSpeechError', code: 'bad-checkpoint' });
    expect(error.message).toContain(message);
    expect(error.message.length).toBeLessThanOrEqual(400);
  });
});
