/** What a target of the harness is: a parser, its seeds, and what counts as a right result. */
import { type Random, randomOf } from './random.ts';

/** What comes of a mutant that is no error: all is well, or the result comes with a warning. */
export type FuzzAnswer = 'result' | 'warning';

/** One input that was made from a seed. */
export interface Mutant {
  /** What was done to which seed: one line for a report. */
  readonly description: string;
  /** The input as a file, for a reproducer. */
  content(): Uint8Array | string;
  /**
   * Feeds the input to the code under test.
   * @throws UniSpeechError where the input is refused; `WrongResult` where the result is wrong.
   */
  run(): FuzzAnswer | Promise<FuzzAnswer>;
}

export interface Target {
  readonly name: string;
  /** What is fed, for tables. */
  readonly about: string;
  /** Of reproducers. */
  readonly extension: string;
  /** Reads the seeds; returns what makes a mutant. */
  prepare(): Promise<MakeMutant>;
}

/** @param number of the mutant, for targets that go through a list. */
export type MakeMutant = (random: Random, number: number) => Mutant;

/** One input, made again from what names it. */
export const remake = (make: MakeMutant, seed: number, target: string, number: number): Mutant =>
  make(randomOf(seed, target, number), number);

/** The code under test gave a result, and it is wrong. */
export class WrongResult extends Error {
  override readonly name = 'WrongResult';
}

/** @throws WrongResult unless `holds`. */
export function expectResult(holds: boolean, what: string): void {
  if (!holds) throw new WrongResult(what);
}
