/**
 * The globals that pickles of weights name, and what they mean here. Nothing is ever looked up or run: a name that is not in these tables
 * ends the load. (`torch/_weights_only_unpickler.py`, `torch/_utils.py`.)
 */
import { isCount, isList } from '../../base/checks.ts';
import { describeValue } from '../../base/errors.ts';
import type { StoredDtype } from '../dtype.ts';
import { isPickled, type PickledGlobal, type PickledStorage, tensorOf } from './pickled.ts';
import type { Refuse } from './refusal.ts';

/** Classes of storages, and dtypes: those without a class are stored as bytes. */
const DTYPES: Readonly<Record<string, StoredDtype>> = {
  'torch FloatStorage': 'F32',
  'torch DoubleStorage': 'F64',
  'torch HalfStorage': 'F16',
  'torch BFloat16Storage': 'BF16',
  'torch LongStorage': 'I64',
  'torch IntStorage': 'I32',
  'torch ShortStorage': 'I16',
  'torch CharStorage': 'I8',
  'torch ByteStorage': 'U8',
  'torch BoolStorage': 'BOOL',
  'torch ComplexFloatStorage': 'C64',
  'torch.storage UntypedStorage': 'U8',
  'torch float32': 'F32',
  'torch float64': 'F64',
  'torch float16': 'F16',
  'torch bfloat16': 'BF16',
  'torch uint16': 'U16',
  'torch uint32': 'U32',
  'torch uint64': 'U64',
  'torch float8_e4m3fn': 'F8_E4M3',
  'torch float8_e5m2': 'F8_E5M2',
};

type Call = NonNullable<PickledGlobal['call']>;

const first: Call = ([value = null]) => value;
const rebuildTensor: Call = (args, refuse) => tensorOf(args, undefined, refuse);

const CALLS: Readonly<Record<string, Call>> = {
  'collections OrderedDict': ([pairs = []], refuse) => {
    const isPair = (pair: unknown): pair is readonly [unknown, unknown] => isList(pair) && pair.length === 2;
    if (isList(pairs) && pairs.every(isPair)) {
      const dict = new Map(pairs);
      // A name that stands twice would hide a tensor.
      if (dict.size === pairs.length) return dict;
    }
    throw refuse(`makes an OrderedDict of ${describeValue(pairs)}, expected pairs of different keys`);
  },
  'torch._utils _rebuild_tensor': rebuildTensor,
  'torch._utils _rebuild_tensor_v2': rebuildTensor,
  'torch._utils _rebuild_tensor_v3': (args, refuse) => {
    const type = args[6];
    if (isPickled(type, 'global') && type.dtype) return tensorOf(args, type.dtype, refuse);
    throw refuse(`makes a tensor of dtype ${describeValue(type)}`);
  },
  'torch._utils _rebuild_parameter': first,
  'torch._utils _rebuild_parameter_with_state': first,
  'torch.nn.parameter Parameter': first,
  // The type behind the function is `torch.Tensor` or a parameter.
  'torch._tensor _rebuild_from_type_v2': ([callee, , args], refuse) => {
    // Arguments may hold themselves: such calls would never end.
    if (isPickled(callee, 'global') && callee.name === 'torch._tensor._rebuild_from_type_v2')
      throw refuse(`calls ${callee.name} by itself`);
    return call(callee, args, refuse);
  },
  'torch Tensor': first,
  'torch Size': first,
  'torch device': first,
  '_codecs encode': first,
};

/** @returns undefined for a global that no weights need. */
export function findGlobal(module: string, name: string): PickledGlobal | undefined {
  const key = `${module} ${name}`;
  const dtype = Object.hasOwn(DTYPES, key) ? DTYPES[key] : undefined;
  const known = Object.hasOwn(CALLS, key) ? CALLS[key] : undefined;
  return (dtype ?? known) && { kind: 'global', name: `${module}.${name}`, dtype, call: known };
}

/** What calling a value of the pickle with arguments of the pickle gives. */
export function call(callee: unknown, args: unknown, refuse: Refuse): unknown {
  const global = isPickled(callee, 'global') ? callee : undefined;
  if (global?.call && isList(args)) return global.call(args, refuse);
  throw refuse(`calls ${global?.name ?? describeValue(callee)}, which makes no tensor`);
}

/**
 * The storage that a persistent id describes.
 * @param id `('storage', class, key, location, element count)`, in legacy files with `None` or `(view key, offset, element count)`.
 * @param storages by key: all that were described before; takes this one too.
 */
export function storageOf(
  id: unknown,
  storages: Map<string, PickledStorage>,
  refuse: Refuse,
): PickledStorage {
  const [what, type, key, , elementCount, view = null] = isList(id) ? id : [];
  const dtype = isPickled(type, 'global') ? type.dtype : undefined;
  if (what !== 'storage' || !dtype || typeof key !== 'string' || !isCount(elementCount)) {
    throw refuse(`refers to ${describeValue(what)} outside, expected a storage of numbers`);
  }
  const storage: PickledStorage = { kind: 'storage', key, dtype, elementCount, elementOffset: 0 };
  const known = storages.get(key) ?? storage;
  storages.set(key, known);
  const [, viewOffset, viewCount] = view === null ? [key, 0, elementCount] : isList(view) ? view : [];
  const isView = isCount(viewOffset) && isCount(viewCount) && viewOffset + viewCount <= elementCount;
  if (isView && known.dtype === dtype && known.elementCount === elementCount) {
    return { ...known, elementCount: viewCount, elementOffset: viewOffset };
  }
  throw refuse(
    `describes storage ${describeValue(key)} as ${elementCount} ${dtype} in another way than before, or leaves it`,
  );
}
