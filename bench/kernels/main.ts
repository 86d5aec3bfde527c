/** `npm run bench -- kernels`: parses the command line, measures every case, reports. */
import { readFileSync, writeFileSync } from 'node:fs';
import { platform } from '#platform';
import { CONFIGS } from '../../scripts/lib/random-checkpoint.mjs';
import { ensureVulkan } from '../../scripts/software-vulkan.mjs';
import { VERSION } from '../../src/base/version.ts';
import { openContext } from '../../src/gpu/context.ts';
import { UniSpeechConfig } from '../../src/model/config.ts';
import { readEnvironment } from '../lib/environment.ts';
import { benchCases, type BenchCase } from './cases.ts';
import { Clock } from './clock.ts';
import { adapterEnvironment, measureCase } from './measure.ts';
import { formatCommand, HELP, parseOptions, UsageError, type Options } from './options.ts';
import { measurePeak } from './peak.ts';
import { complaints, formatComparison, formatReport } from './report.ts';
import type { CaseRows, KernelResults } from './results.ts';

const log = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

/** What the options leave of a case, or undefined. */
function selected(benchCase: BenchCase, { kernel, chosenOnly }: Options): BenchCase | undefined {
  const isNamed = benchCase.name.includes(kernel);
  const variants = benchCase.variants.filter(
    (call) => call === benchCase.chosen || (!chosenOnly && (isNamed || call.kernel.name.includes(kernel))),
  );
  const isWanted = isNamed || variants.some((call) => call.kernel.name.includes(kernel));
  return isWanted ? { ...benchCase, variants } : undefined;
}

/** Returns the exit code: 1 where a kernel is wrong. */
async function bench(options: Options): Promise<number> {
  // Read first: a file that is not there should not cost a measurement.
  const earlier =
    options.compareFile === undefined
      ? undefined
      : (JSON.parse(readFileSync(options.compareFile, 'utf8')) as KernelResults);
  const environment = readEnvironment();
  ensureVulkan();
  const context = (await openContext(platform)).retain();
  const hasTimestamps = context.capabilities.timestamps;
  const clock = new Clock(
    context,
    options.clock === 'auto' ? (hasTimestamps ? 'timestamps' : 'host') : options.clock,
  );
  try {
    log(`Measuring the peak of ${context.capabilities.adapter}`);
    const peak = await measurePeak(context, clock);
    const models = options.models.map((size) => ({
      size,
      config: UniSpeechConfig.fromJson(CONFIGS[size], size),
    }));
    const cases = benchCases(models, options.seconds, options.dtype, context.capabilities)
      .map((benchCase) => selected(benchCase, options))
      .filter((benchCase) => benchCase !== undefined);
    const done: CaseRows[] = [];
    const results: KernelResults = {
      suite: 'kernels',
      command: formatCommand(options),
      version: VERSION,
      environment: { ...environment, ...adapterEnvironment(context) },
      clock: clock.kind,
      peak,
      cases: done,
    };
    for (const [index, benchCase] of cases.entries()) {
      log(`${index + 1} of ${cases.length}: ${benchCase.name}, ${benchCase.variants.length} kernels`);
      done.push(await measureCase(context, clock, benchCase, options));
      // Written after every case: a long measurement that is interrupted is not lost.
      if (options.jsonFile !== undefined)
        writeFileSync(options.jsonFile, `${JSON.stringify(results, undefined, 2)}\n`);
    }
    process.stdout.write(formatReport(results, options.markdown));
    if (earlier) process.stdout.write(`\n${formatComparison(results, earlier)}`);
    for (const complaint of complaints(results)) log(complaint);
    return done.some(({ rows }) => rows.some(({ fault }) => fault !== undefined)) ? 1 : 0;
  } finally {
    clock.destroy();
    context.release();
  }
}

try {
  const options = parseOptions(process.argv.slice(2));
  if (options === undefined) process.stdout.write(HELP);
  else process.exitCode = await bench(options);
} catch (error) {
  log(
    error instanceof UsageError
      ? `${error.message}\n\n${HELP}`
      : error instanceof Error
        ? error.message
        : String(error),
  );
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
