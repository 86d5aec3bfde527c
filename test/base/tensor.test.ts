/** What a tensor may be made of. */
import { describe, expect, test } from 'vitest';
import { Tensor } from '../../src/base/tensor.ts';

type Arguments = ConstructorParameters<typeof Tensor>;
const six = new Float32Array(6);

describe('new Tensor', () => {
  test.each<readonly [string, readonly unknown[], RegExp]>([
    ['negative dims', ['float32', six, [-2, -3]], /dims of a tensor are \[-2, -3\]/],
    ['dims with a fraction', ['float32', six, [1.5, 4]], /dims of a tensor are \[1.5, 4\]/],
    ['dims that are not numbers', ['float32', six, [NaN]], /dims of a tensor are \[NaN\]/],
    ['dims of texts', ['float32', six, ['2', '3']], /dims of a tensor are \["2", "3"\]/],
    ['dims with holes', ['float32', new Float32Array(0), new Array<number>(2)], /\[undefined, undefined\]/],
    ['no dims', ['float32', six, undefined], /dims of a tensor are undefined/],
    ['a number as dims', ['float32', six, 6], /dims of a tensor are 6/],
    ['huge dims', ['float32', six, [2 ** 40, 2 ** 40]], /needs 1.2\d+e\+24 elements, but its data has 6/],
    ['an unknown type', ['float64', six, [6]], /type is "float64", but it must be one of float32,/],
    ['a type that is no text', [['float32', Symbol('s')], six, [6]], /type is an array of 2/],
    [
      'data of another type',
      ['int32', six, [6]],
      /data of a int32 tensor is a Float32Array, but it must be a Int32Array/,
    ],
    ['a list as data', ['float32', [1, 2], [2]], /data of a float32 tensor is an array of 2/],
    ['no data', ['float32', null, [0]], /data of a float32 tensor is null/],
  ])('refuses %s', (_, args, message) => {
    expect(() => new Tensor(...(args as Arguments))).toThrow(
      expect.objectContaining({ code: 'bad-input', message: expect.stringMatching(message) as string }),
    );
  });

  test.each([[[2, 3]], [[6]], [[1, 6, 1]]])('takes dims %j', (dims) => {
    expect(new Tensor('float32', six, dims).dims).toEqual(dims);
  });
});

describe('methods', () => {
  test.each([[undefined], ['0'], [0.5], [-1], [2], [NaN], [Symbol('s')], [{}]])(
    'at(%o) is refused',
    (index) => {
      expect(() => new Tensor('float32', six, [2, 3]).at(index as number)).toThrow(/outside the first axis/);
    },
  );

  test('a tensor without elements is a list, but not of a million lists', () => {
    const none = new Float32Array(0);
    expect(new Tensor('float32', none, [2, 0, 5]).tolist()).toEqual([[], []]);
    expect(() => new Tensor('float32', none, [2 ** 40, 0]).tolist()).toThrow(
      /would give 1099511627776 empty lists/,
    );
  });
});
