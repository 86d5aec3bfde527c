/**
 * Reads pickles of protocol 2 as `torch.save` writes them: a machine with a stack, marks and a memo (Python's `pickletools` describes every
 * opcode). It knows few opcodes and fewer globals (`torch-globals.ts`); `pickled.ts` says what becomes of values.
 */
import { hexOf, textAt, viewOf } from '../../base/bytes.ts';
import { describeValue } from '../../base/errors.ts';
import type { PickledStorage } from './pickled.ts';
import { badFile, type Refuse } from './refusal.ts';
import { call, findGlobal, storageOf } from './torch-globals.ts';

/**
 * Each opcode adds at most one value to the stack, the marks or the memo, and a dict that is made of a list counts as an opcode for each of
 * its entries. So this bounds all of them, and the tensors. The pickle of a model of 24 layers has 15,000.
 */
const MAX_OPCODES = 500_000;
export const MAX_PICKLE_BYTE_LENGTH = 16 * 2 ** 20;

const ONLY_TENSORS =
  'Only pickles of tensors are read, as anything else may be a program: save model.state_dict() with torch.save.';

/** The opcodes that weights need, by the number of bytes behind them. */
const OPCODES: readonly string[] = [
  // NONE, NEWTRUE, NEWFALSE, EMPTY_TUPLE, EMPTY_LIST, EMPTY_SET, EMPTY_DICT, MARK, TUPLE, TUPLE1, TUPLE2, TUPLE3, APPEND, APPENDS, SETITEM,
  // SETITEMS, REDUCE, NEWOBJ, BUILD, BINPERSID, STOP
  'N\x88\x89)]\x8f}(t\x85\x86\x87aesuR\x81bQ.',
  // PROTO, BININT1, BINPUT, BINGET
  '\x80Kqh',
  // BININT2
  'M',
  '',
  // BININT, LONG_BINPUT, LONG_BINGET
  'Jrj',
  '',
  '',
  '',
  // BINFLOAT
  'G',
];
/** LONG1 and SHORT_BINSTRING: the length of what follows in 8 bits. */
const COUNTED_BY_8 = '\x8aU';
/** BINUNICODE: in 32 bits. */
const COUNTED_BY_32 = 'X';
/** GLOBAL: two lines follow. */
const LINES = 'c';

export interface Unpickled {
  readonly value: unknown;
  /** Of the byte behind the pickle. */
  readonly end: number;
}

/**
 * @param where the file, shown in errors.
 * @param storages by key: takes those that the pickle refers to.
 * @returns undefined where `bytes` end before the pickle does.
 * @throws UniSpeechError `bad-checkpoint` for whatever is no pickle of tensors: one sentence with the offset of the byte.
 */
export function unpickle(
  bytes: Uint8Array,
  start: number,
  where: string,
  storages: Map<string, PickledStorage>,
): Unpickled | undefined {
  const view = viewOf(bytes);
  const stack: unknown[] = [];
  /** Lengths of the stack. */
  const marks: number[] = [];
  const memo = new Map<number, unknown>();
  let offset = start;
  /** Opcodes so far. */
  let count = 0;

  const refuse: Refuse = (message) =>
    badFile(where, `byte ${offset} of its pickle ${message}.`, ONLY_TENSORS);
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const decode = (text: Uint8Array): string => {
    try {
      return decoder.decode(text);
    } catch {
      throw refuse('is text that is not UTF-8');
    }
  };
  const pop = (): unknown => {
    if (stack.length <= (marks.at(-1) ?? 0)) throw refuse('takes a value from an empty stack');
    return stack.pop();
  };
  const popMany = (count: number): unknown[] => Array.from({ length: count }, pop).reverse();
  const popToMark = (): unknown[] => {
    const mark = marks.pop();
    if (mark === undefined) throw refuse('ends a list that has not begun');
    return stack.splice(mark);
  };
  const top = (): unknown => {
    const value = pop();
    stack.push(value);
    return value;
  };
  const recall = (index: number): unknown => {
    if (!memo.has(index)) throw refuse(`takes number ${index} from the memo, where nothing is`);
    return memo.get(index);
  };
  const append = (values: readonly unknown[]): void => {
    const list = top();
    if (!Array.isArray(list)) throw refuse(`adds to ${describeValue(list)}, expected a list`);
    for (const value of values) list.push(value);
  };
  const setItems = (items: readonly unknown[]): void => {
    const dict = top();
    if (!(dict instanceof Map)) throw refuse(`sets items of ${describeValue(dict)}, expected a dict`);
    if (items.length % 2 === 1) throw refuse('sets a key without a value');
    for (let index = 0; index < items.length; index += 2) {
      const key = items[index];
      if (typeof key === 'string' && dict.has(key)) throw refuse(`sets ${describeValue(key)} a second time`);
      dict.set(key, items[index + 1]);
    }
  };

  /** Does what an opcode says; what it returns goes onto the stack, if anything. */
  const run = (opcode: string, from: number, end: number): unknown => {
    const operand = bytes.subarray(from, end);
    switch (opcode) {
      case 'N':
        return null;
      case '\x88':
      case '\x89':
        return opcode === '\x88';
      case 'K':
        return view.getUint8(from);
      case 'M':
        return view.getUint16(from, true);
      case 'J':
        return view.getInt32(from, true);
      case 'G':
        return view.getFloat64(from);
      case '\x8a':
        return longOf(operand);
      case 'U':
        return textAt(bytes, from, end - from);
      case 'X':
        return decode(operand);
      case ')':
      case ']':
      case '\x8f':
        return [];
      case '}':
        return new Map();
      case '(':
        marks.push(stack.length);
        break;
      case 't':
        return popToMark();
      case '\x85':
      case '\x86':
      case '\x87':
        return popMany(opcode.charCodeAt(0) - 0x84);
      case 'a':
        append(popMany(1));
        break;
      case 'e':
        append(popToMark());
        break;
      case 's':
        setItems(popMany(2));
        break;
      case 'u':
        setItems(popToMark());
        break;
      case 'c': {
        const [module = '', name = ''] = decode(operand).split('\n');
        const found = findGlobal(module, name);
        if (found) return found;
        throw refuse(`names the global ${describeValue(`${module}.${name}`)}, which weights do not need`);
      }
      case 'R':
      case '\x81': {
        const [callee, args] = popMany(2);
        const value = call(callee, args, refuse);
        if (value instanceof Map) count += value.size;
        return value;
      }
      case 'b':
        // The state of a dict of weights is the versions of its modules; that of a parameter, attributes of its own.
        pop();
        break;
      case 'Q':
        return storageOf(pop(), storages, refuse);
      case 'q':
        memo.set(view.getUint8(from), top());
        break;
      case 'r':
        memo.set(view.getUint32(from, true), top());
        break;
      case 'h':
        return recall(view.getUint8(from));
      case 'j':
        return recall(view.getUint32(from, true));
    }
    return undefined;
  };

  for (; offset < bytes.length; count++) {
    const opcode = textAt(bytes, offset, 1);
    const operand = operandOf(opcode, bytes, offset + 1);
    if (!operand || count >= MAX_OPCODES) {
      const [code] = hexOf(bytes.subarray(offset, offset + 1));
      throw refuse(
        operand
          ? 'lies behind more opcodes than weights need'
          : `is the opcode 0x${code}, which weights do not need`,
      );
    }
    const [from, end] = operand;
    if (end > bytes.length) break;
    if (opcode === '.') return { value: pop(), end };
    const value = run(opcode, from, end);
    if (value !== undefined) stack.push(value);
    offset = end;
  }
  return undefined;
}

/** Where the operand of an opcode begins and ends, behind all bytes where they are too few; undefined for an unknown opcode. */
function operandOf(
  opcode: string,
  bytes: Uint8Array,
  at: number,
): readonly [from: number, end: number] | undefined {
  const byteLength = OPCODES.findIndex((opcodes) => opcodes.includes(opcode));
  if (byteLength >= 0) return [at, at + byteLength];
  if (opcode === LINES) {
    const middle = bytes.indexOf(0x0a, at) + 1;
    const end = middle && bytes.indexOf(0x0a, middle) + 1;
    return [at, end || Infinity];
  }
  const bits = COUNTED_BY_8.includes(opcode) ? 8 : opcode === COUNTED_BY_32 ? 32 : undefined;
  if (bits === undefined) return undefined;
  const from = at + bits / 8;
  if (from > bytes.length) return [from, Infinity];
  return [from, from + (bits === 8 ? viewOf(bytes).getUint8(at) : viewOf(bytes).getUint32(at, true))];
}

/** Little-endian, two's complement, of any length; a bigint where it is no safe integer. */
function longOf(bytes: Uint8Array): number | bigint {
  const digits = hexOf(bytes).reverse().join('');
  const value = BigInt.asIntN(8 * bytes.length, BigInt(`0x${digits || 0}`));
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
