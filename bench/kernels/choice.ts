/** What of the suite is run, however it was asked for. Pure. */
import type { CheckpointName } from '../../scripts/lib/model-configs.mjs';
import type { Dtype } from '../../src/speech/encoder/weight-dtype.ts';
import type { BenchCase } from './cases.ts';
import type { ClockKind } from './clock.ts';

export interface CaseChoice {
  readonly models: readonly CheckpointName[];
  readonly seconds: readonly number[];
  readonly dtype: Dtype;
  /** Text that cases or kernels must hold in their names; empty for all. */
  readonly kernel: string;
  readonly chosenOnly: boolean;
  readonly rounds: number;
  readonly limitMilliseconds: number;
  readonly clock: ClockKind | 'auto';
}

/** Longest dispatch that is timed, where no other is asked for. */
export const DEFAULT_LIMIT_MILLISECONDS = 2000;
export const DEFAULT_CLOCK = 'auto';

/** What a choice leaves of a case, or undefined. */
export function selected(
  benchCase: BenchCase,
  { kernel, chosenOnly }: Pick<CaseChoice, 'kernel' | 'chosenOnly'>,
): BenchCase | undefined {
  const isNamed = benchCase.name.includes(kernel);
  const variants = benchCase.variants.filter(
    (call) => call === benchCase.chosen || (!chosenOnly && (isNamed || call.kernel.name.includes(kernel))),
  );
  const isWanted = isNamed || variants.some((call) => call.kernel.name.includes(kernel));
  return isWanted ? { ...benchCase, variants } : undefined;
}

/** The command that measures the same again, without what is particular to a machine. */
export function formatCommand(choice: CaseChoice): string {
  const { models, seconds, dtype, kernel, chosenOnly, rounds, limitMilliseconds, clock } = choice;
  return [
    'npm run bench -- kernels',
    `--models ${models.join(',')}`,
    `--seconds ${seconds.join(',')}`,
    ...(dtype === 'fp32' ? [] : [`--dtype ${dtype}`]),
    ...(kernel === '' ? [] : [`--kernel ${kernel}`]),
    ...(chosenOnly ? ['--chosen'] : []),
    `--rounds ${rounds}`,
    ...(limitMilliseconds === DEFAULT_LIMIT_MILLISECONDS ? [] : [`--limit-ms ${limitMilliseconds}`]),
    ...(clock === DEFAULT_CLOCK ? [] : [`--clock ${clock}`]),
  ].join(' ');
}
