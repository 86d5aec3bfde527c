/** `unispeech tune`: measures the variants of a model's matrix products on this adapter, and stores which is the fastest. */
import type { GemmTrial } from '../graph/tune-gemms.ts';
import { loadAnyModel } from './load-any-model.ts';
import { printable } from './printable.ts';
import { formatTable } from './table.ts';
import { terminalProgress } from './terminal-progress.ts';
import type { TuneCommand } from './usage.ts';

/**
 * Prints the measurements and where they are stored. Returns the exit code, which is 1 if they cannot be stored.
 * @throws UniSpeechError that says what is wrong; the signal's reason, in which case nothing is stored.
 */
export async function tune({ model: location, dtype }: TuneCommand, signal: AbortSignal): Promise<number> {
  const progress = terminalProgress();
  const loading = loadAnyModel(location, {
    signal,
    dtype: dtype ?? null,
    tune: 'full',
    ...(progress.callback && { progress_callback: progress.callback }),
  }).finally(() => progress.clear());
  await using model = await loading;
  const { trials, keptAt } = model.runner.tuning;
  process.stdout.write(`${formatTrials(trials)}\n\n`);
  const changed = trials.filter(({ call, chosen }) => chosen !== call.recipe.variant.name).length;
  process.stdout.write(
    `On ${printable(model.runner.context.capabilities.adapter)}: ${changed} of ${trials.length} size classes get another variant than the static choice.\n`,
  );
  if (keptAt === undefined) {
    process.stderr.write(
      'unispeech: The measurements cannot be stored. Set UNISPEECH_CACHE to a writable folder.\n',
    );
    return 1;
  }
  process.stdout.write(`Stored for later loads: ${printable(keptAt)}\n`);
  return 0;
}

/** One row per variant, the fastest first. The chosen one is marked. */
export function formatTrials(trials: readonly GemmTrial[]): string {
  const rows = trials.flatMap(({ sizeClass, call, milliseconds, chosen }) => {
    const { rows, columns, inner } = call.spec;
    const usual = call.recipe.variant.name;
    return Object.entries(milliseconds)
      .sort(([, a], [, b]) => a - b)
      .map(([variant, median], index) => [
        index === 0 ? sizeClass : '',
        index === 0 ? `${rows} x ${columns} x ${inner}` : '',
        variant,
        median.toPrecision(3),
        [variant === chosen && 'chosen', variant === usual && 'static choice'].filter(Boolean).join(', '),
      ]);
  });
  return formatTable([['size class', 'measured product', 'variant', 'ms', ''], ...rows], [3]);
}
