/** Objects that are called like functions, as in transformers.js (`utils/generic.js`): `await extractor(audio)`. */

/** The runtime part of `Callable`: `new` returns a function that has the methods of the class. */
abstract class CallableObject<A extends readonly unknown[], R> {
  static {
    // Instances are functions, so they keep `call`, `apply` and `bind`.
    Object.setPrototypeOf(this.prototype, Function.prototype);
  }

  constructor() {
    const instance = ((...args: A) => instance._call(...args)) as unknown as this;
    Object.setPrototypeOf(instance, new.target.prototype);
    return instance;
  }

  /** Implements a call of the object. */
  abstract _call(...args: A): R;
}

type CallableConstructor = abstract new <A extends readonly unknown[], R>() => CallableObject<A, R> &
  ((...args: A) => R);

/**
 * Base of classes whose instances are functions: `class Extractor extends Callable<[Audio], Promise<Features>>`
 * implements `_call(audio)` and is used as `extractor(audio)`.
 */
export const Callable: CallableConstructor = CallableObject as CallableConstructor;
