/** The error of a benchmark's command line that is not understood. */
export class BenchUsageError extends Error {
  override readonly name = 'UsageError';
}
