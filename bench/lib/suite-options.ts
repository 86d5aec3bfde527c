/** The options on the command line of a suite, as Node's `parseArgs` reads them. */
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { messageOf } from '../../src/base/checks.ts';
import { BenchUsageError } from './usage-error.ts';

/** @throws BenchUsageError for options that the suite does not have. */
export function suiteOptions<T extends NonNullable<ParseArgsConfig['options']>>(
  argv: readonly string[],
  options: T,
) {
  try {
    return parseArgs({ args: [...argv], options }).values;
  } catch (error) {
    throw new BenchUsageError(messageOf(error), { cause: error });
  }
}
