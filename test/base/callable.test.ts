import { describe, expect, expectTypeOf, test } from 'vitest';
import { Callable } from '../../src/base/callable.ts';

class Adder extends Callable<[left: number, right?: number], number> {
  readonly #start: number;
  /** Functions have a `name` of their own: a field must win over it. */
  override readonly name = 'adder';

  constructor(start: number) {
    super();
    this.#start = start;
  }

  override _call(left: number, right = 0): number {
    return this.#start + left + right;
  }

  twice(value: number): number {
    return this(value, value);
  }
}

class NamedAdder extends Adder {
  override _call(left: number, right?: number): number {
    return 10 * super._call(left, right);
  }
}

describe('Callable', () => {
  const adder = new Adder(100);

  test('an instance is called like a function and has its methods, fields and private fields', () => {
    expect(adder(1)).toBe(101);
    expect(adder(1, 2)).toBe(103);
    expect(adder.twice(5)).toBe(110);
    expect(adder.name).toBe('adder');
  });

  test('instances are of their class, and subclasses override the call', () => {
    const named = new NamedAdder(1);
    expect(adder).toBeInstanceOf(Adder);
    expect(adder).not.toBeInstanceOf(NamedAdder);
    expect(named).toBeInstanceOf(NamedAdder);
    expect(named(1, 1)).toBe(30);
  });

  test('instances keep the methods of functions', () => {
    expect(adder.bind(undefined, 1)(2)).toBe(103);
    expect([1, 2].map((value) => adder(value))).toEqual([101, 102]);
  });

  test('the type of an instance is that of its call', () => {
    expectTypeOf(adder).parameters.toEqualTypeOf<[left: number, right?: number]>();
    expectTypeOf(adder).returns.toEqualTypeOf<number>();
  });
});
