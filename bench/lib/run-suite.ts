/** What suites have in common on the command line: messages, help, errors, exit codes. */
import { BenchUsageError } from './usage-error.ts';

/** A line for the person who waits; the results go to standard output. */
export const log = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

/**
 * Prints the help, or runs the suite. The exit code is that of `bench`, 1 for an error, 2 for options that are not understood.
 * @param parseOptions undefined where help is asked for. @throws BenchUsageError.
 */
export async function runSuite<Options>(
  help: string,
  parseOptions: (argv: readonly string[]) => Options | undefined,
  bench: (options: Options) => Promise<number>,
): Promise<void> {
  try {
    const options = parseOptions(process.argv.slice(2));
    if (options !== undefined) process.exitCode = await bench(options);
    else process.stdout.write(help);
  } catch (error) {
    log(error instanceof BenchUsageError ? `${error.message}\n\n${help}` : String(error));
    process.exitCode = error instanceof BenchUsageError ? 2 : 1;
  }
}
