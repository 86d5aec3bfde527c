/** `npm run bench -- kernels`: parses the command line, measures every case, reports. */
import { readFileSync, writeFileSync } from 'node:fs';
import { platform } from '#platform';
import { ensureVulkan } from '../../scripts/software-vulkan.mjs';
import { openContext } from '../../src/gpu/context.ts';
import { readEnvironment } from '../lib/environment.ts';
import { faultsOf } from './figures.ts';
import { HELP, parseOptions, type KernelsOptions } from './options.ts';
import { BenchUsageError } from '../lib/usage-error.ts';
import { complaints, formatComparison, formatReport } from './report.ts';
import type { KernelResults } from './results.ts';
import { casesOf, runSuite } from './suite.ts';

const log = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

/** Returns the exit code: 1 where a kernel is wrong. */
async function bench(options: KernelsOptions): Promise<number> {
  // Read first: a file that is not there should not cost a measurement.
  const earlier =
    options.compareFile === undefined
      ? undefined
      : (JSON.parse(readFileSync(options.compareFile, 'utf8')) as KernelResults);
  const environment = readEnvironment();
  ensureVulkan();
  const context = (await openContext(platform)).retain();
  try {
    if ((await casesOf(options, context)).length === 0)
      throw new Error(
        `No case and no kernel here has "${options.kernel}" in its name. Run without --kernel to see all names.`,
      );
    const results = await runSuite(context, options, {
      environment: { ...environment },
      onStart(next) {
        log(
          next.kind === 'peak'
            ? `Measuring the peak of ${next.adapter}`
            : `${next.index + 1} of ${next.count}: ${next.benchCase.name}, ${next.benchCase.variants.length} kernels`,
        );
      },
      onResults(known) {
        // Written after every case: a long measurement that is interrupted is not lost.
        if (options.jsonFile !== undefined)
          writeFileSync(options.jsonFile, `${JSON.stringify(known, undefined, 2)}\n`);
      },
    });
    process.stdout.write(formatReport(results, options.markdown));
    if (earlier) process.stdout.write(`\n${formatComparison(results, earlier)}`);
    for (const complaint of complaints(results)) log(complaint);
    return faultsOf(results).length > 0 ? 1 : 0;
  } finally {
    context.release();
  }
}

try {
  const options = parseOptions(process.argv.slice(2));
  if (options === undefined) process.stdout.write(HELP);
  else process.exitCode = await bench(options);
} catch (error) {
  log(
    error instanceof BenchUsageError
      ? `${error.message}\n\n${HELP}`
      : error instanceof Error
        ? error.message
        : String(error),
  );
  process.exitCode = error instanceof BenchUsageError ? 2 : 1;
}
