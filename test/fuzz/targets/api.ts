/** The public API with hostile values: one argument of a right call, or several, is something else. */
import type { Random } from '../random.ts';
import { hostileObject, hostileValue, UserError } from '../hostile-values.ts';
import type { FuzzAnswer, Mutant, Target } from '../target.ts';
import { audioCalls } from './api-audio.ts';
import { loadingCalls } from './api-loading.ts';
import { recognitionCalls } from './api-recognition.ts';

/** A function of the API, called in the right way but for what is replaced. */
export interface ApiCall {
  readonly name: string;
  /** Right arguments, made afresh for every call. */
  readonly right: () => readonly unknown[];
  /** Keys of an argument that is an object: its values are replaced too. By position. */
  readonly keys?: Readonly<Record<number, readonly string[]>>;
  /** Calls with these arguments, and checks what comes back; `never` lets the compiler take any. */
  readonly call: (...args: never[]) => unknown;
}

/** Replaces one argument in most mutants, two in others. */
function hostileArguments(
  call: ApiCall,
  random: Random,
): { readonly args: unknown[]; readonly text: string } {
  const args = [...call.right()];
  const texts: string[] = [];
  for (let count = random.chance(0.8) ? 1 : 2; count > 0 && args.length > 0; count -= 1) {
    const index = random.below(args.length);
    const keys = call.keys?.[index] ?? [];
    const right = args[index];
    const isMixed = keys.length > 0 && random.chance(0.5) && typeof right === 'object' && right !== null;
    // The right object with something wrong in it reaches further than a wrong object.
    const { text, value } = isMixed ? hostileObject(random, keys) : hostileValue(random, keys);
    args[index] = isMixed
      ? Object.defineProperties({ ...right }, Object.getOwnPropertyDescriptors(value))
      : value;
    texts.push(`argument ${index} ${isMixed ? 'with' : 'is'} ${text}`);
  }
  return { args, text: texts.join('; ') };
}

async function run(call: ApiCall, args: readonly unknown[]): Promise<FuzzAnswer> {
  try {
    await call.call(...(args as never[]));
  } catch (error) {
    // What a signal or a callback of the caller gives as its reason is the caller's.
    if (!(error instanceof UserError)) throw error;
  }
  return 'result';
}

export const api: Target = {
  name: 'api',
  about: 'the functions and classes of the package with hostile values',
  extension: 'txt',
  async prepare() {
    const calls = [...audioCalls, ...recognitionCalls(), ...(await loadingCalls())];
    return (random, number): Mutant => {
      const call = calls[number % calls.length] ?? random.pick(calls);
      const { args, text } = hostileArguments(call, random);
      const description = `${call.name}: ${text}`;
      return { description, content: () => description, run: () => run(call, args) };
    };
  },
};
