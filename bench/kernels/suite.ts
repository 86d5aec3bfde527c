/** The whole suite on one device: the peak, then case after case. The command line and the page of `bench/web` call it. */
import { VERSION } from '../../src/base/version.ts';
import { UniSpeechError } from '../../src/base/errors.ts';
import type { GpuContext } from '../../src/gpu/context.ts';
import { benchConfig } from '../lib/bench-config.ts';
import { benchCases, type BenchCase } from './cases.ts';
import { formatCommand, selected, type CaseChoice } from './choice.ts';
import { Clock } from './clock.ts';
import { adapterEnvironment, measureCase } from './measure.ts';
import { measurePeak } from './peak.ts';
import type { CaseRows, KernelResults } from './results.ts';
import { loadPieces } from '../../src/speech/encoder/encoder.ts';

export interface SuiteOptions {
  /** Of the program and machine; the adapter's own is added. */
  readonly environment: Readonly<Record<string, unknown>>;
  readonly signal?: AbortSignal;
  /** What is measured next: the peak at first, then each case. */
  readonly onStart?: (next: SuiteStep) => void;
  /** All that is known by now, after the peak and after each case. */
  readonly onResults?: (results: KernelResults) => void;
}

export type SuiteStep =
  | { readonly kind: 'peak'; readonly adapter: string }
  | { readonly kind: 'case'; readonly index: number; readonly count: number; readonly benchCase: BenchCase };

/** The cases of a choice on this adapter, in the order of measuring. */
export async function casesOf(
  choice: CaseChoice,
  { capabilities }: GpuContext,
): Promise<readonly BenchCase[]> {
  const models = await Promise.all(
    choice.models.map(async (size) => {
      const config = benchConfig(size);
      return { size, config, pieces: await loadPieces(config) };
    }),
  );
  return benchCases(models, choice.seconds, choice.dtype, capabilities).flatMap(
    (benchCase) => selected(benchCase, choice) ?? [],
  );
}

/**
 * Measures a choice. A case that does not fit into memory is one that was not timed.
 * @throws UniSpeechError `device-lost`; the signal's reason.
 */
export async function runSuite(
  context: GpuContext,
  choice: CaseChoice,
  { environment, signal, onStart, onResults }: SuiteOptions,
): Promise<KernelResults> {
  const preferred = context.capabilities.timestamps ? 'timestamps' : 'host';
  const clock = new Clock(context, choice.clock === 'auto' ? preferred : choice.clock);
  try {
    onStart?.({ kind: 'peak', adapter: context.capabilities.adapter });
    const peak = await measurePeak(context, clock, signal);
    let results: KernelResults = {
      suite: 'kernels',
      command: formatCommand(choice),
      version: VERSION,
      environment: { ...environment, ...adapterEnvironment(context) },
      clock: clock.kind,
      clockStepNanoseconds: clock.stepNanoseconds,
      peak,
      cases: [],
    };
    onResults?.(results);
    const cases = await casesOf(choice, context);
    for (const [index, benchCase] of cases.entries()) {
      onStart?.({ kind: 'case', index, count: cases.length, benchCase });
      const rows = await measureCase(context, clock, benchCase, {
        rounds: choice.rounds,
        limitMilliseconds: choice.limitMilliseconds,
        ...(signal && { signal }),
      }).catch((error: unknown) => withoutMemory(benchCase, error));
      // Clocks of a device that is gone read nothing, but they do read.
      context.assertAlive();
      results = { ...results, clockStepNanoseconds: clock.stepNanoseconds, cases: [...results.cases, rows] };
      onResults?.(results);
    }
    return results;
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    throw await context.explain(error);
  } finally {
    clock.destroy();
  }
}

/** The rows of a case whose buffers the adapter has no room for. */
function withoutMemory({ name, chosen, variants }: BenchCase, error: unknown): CaseRows {
  if (!(error instanceof UniSpeechError && error.code === 'out-of-memory')) throw error;
  return {
    name,
    flops: chosen.flops,
    byteCount: chosen.byteCount,
    rows: variants.map((call) => ({
      kernel: call.kernel.name,
      isChosen: call === chosen,
      milliseconds: [],
      repeats: 0,
      skipped: 'too little memory here',
    })),
    controlMilliseconds: [],
  };
}
