/** Faults on purpose: the harness must report every one of them. Only run when asked for by name. */
import { UniSpeechError } from '../../../src/base/errors.ts';
import { type FuzzAnswer, expectResult, type Mutant, type Target } from '../target.ts';

const kept: Uint8Array[] = [];
const takeMemory = (byteLength: number): void => {
  kept.push(new Uint8Array(byteLength).fill(1));
};
const sleep = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

type PlantedRun = () => FuzzAnswer | Promise<FuzzAnswer>;

/** What each mutant does, by name; `planted` runs them in this order, one each. */
export const PLANTED: Readonly<Record<string, PlantedRun>> = {
  'a right result': () => 'result',
  'an error on purpose': () => {
    throw new UniSpeechError('bad-audio', 'This is refused.');
  },
  'an error of JavaScript': () => {
    throw new TypeError('x is undefined');
  },
  'something thrown that is no error': () => {
    AbortSignal.abort('text').throwIfAborted();
    return 'result';
  },
  'a long message': () => {
    // The class itself keeps its messages short.
    throw new (class extends UniSpeechError {
      override message = Array<string>(60).fill('too long').join(' ');
    })('bad-input', 'a');
  },
  'control characters': () => {
    throw new (class extends UniSpeechError {
      override message = 'a\u001b[2Jb';
    })('bad-input', 'a');
  },
  'speech lost in silence': () => {
    expectResult(false, 'planted: a wrong result');
    return 'result';
  },
  'a rejection that nobody handles': () => {
    void Promise.reject(new Error('nobody looks'));
    return sleep(20).then(() => 'result');
  },
  'a slow answer': () => sleep(2100).then(() => 'result'),
  'much memory': () => {
    takeMemory(400e6);
    kept.length = 0;
    return 'result';
  },
  'a promise that never settles': () => new Promise(() => undefined),
  'a loop without end': () => {
    while (performance.now() >= 0);
    return 'result';
  },
  'a crash': () => process.abort(),
  'a right result after all that': () => 'result',
};

/** Mutant by mutant. */
export const planted: Target = {
  name: 'planted',
  about: 'faults on purpose',
  extension: 'txt',
  prepare: () =>
    Promise.resolve((_random, number): Mutant => {
      const [description = '', run = () => 'result' as const] = Object.entries(PLANTED)[number] ?? [];
      return { description, content: () => description, run };
    }),
};
