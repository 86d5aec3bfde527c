/** The `tune` option: reads, makes and stores measured choices of matrix product variants for this adapter. */
import type { TuningStore } from '../../base/platform.ts';
import type { GemmTuning } from '../../gpu/capabilities.ts';
import type { GpuContext } from '../../gpu/context.ts';
import { tunableSteps } from '../../graph/tunable-steps.ts';
import type { GemmTrial } from '../../graph/tune-gemms.ts';
import { measureSteps } from './later-measurements.ts';
import type { TuneLoad } from './measure-steps.ts';
import type { TuneMode } from './load-options.ts';
import { adapterIdentity, decodeTuning, encodeTuning, tuningName, type KeptTuning } from './tuning-file.ts';

/** The choices of one loaded model, which never change. */
export interface Tuning extends KeptTuning {
  /** The adapter of the measurements. Another adapter has other choices. */
  readonly adapter: string;
  /** Measured by this load. */
  readonly trials: readonly GemmTrial[];
  /** Where they are stored; undefined if they cannot be. */
  readonly keptAt?: string | undefined;
  /** Keeps further measurements of the adapter beside them; undefined where nothing is to be kept. */
  readonly store?: TuningStore | undefined;
}

/** Clips whose products are measured. */
const CLIP_SECONDS = [1, 5, 15];
/** After this many loads that could measure nothing in time, `'auto'` skips a size class. */
const AUTO_ATTEMPTS = 3;

export interface TuningOptions {
  readonly mode: TuneMode;
  readonly store: TuningStore | undefined;
  /** The choices of this model before its device was lost. */
  readonly before?: Tuning | undefined;
}

/** The stored data of this adapter. */
async function keptTuning(
  context: GpuContext,
  store: TuningStore | undefined,
): Promise<KeptTuning | undefined> {
  const text = await store?.read(tuningName(adapterIdentity(context)));
  return text === undefined ? undefined : decodeTuning(context, text);
}

/** Earlier measurements on this adapter. */
export const storedTuning = async (
  context: GpuContext,
  store: TuningStore | undefined,
): Promise<GemmTuning | undefined> => (await keptTuning(context, store))?.choices;

/** The choices that a load begins with. Never rejects. */
export async function openTuning(
  context: GpuContext,
  { mode, store, before }: TuningOptions,
): Promise<Tuning> {
  const adapter = adapterIdentity(context);
  if (before?.adapter === adapter) return before;
  const kept = mode === 'off' ? undefined : await keptTuning(context, store);
  return { adapter, choices: {}, attempts: {}, ...kept, trials: [], store };
}

/**
 * Compiles and checks variants that were not measured yet while the weights load, then measures them and stores the result.
 * Size classes that it cannot measure get their static choice, with which a model works, too.
 * @returns the choices from now on. With `'auto'` it waits for nothing that takes longer than the budget.
 * @throws the signal's reason, or the errors of `loading`. Nothing is pending then.
 */
export async function tune(
  context: GpuContext,
  current: Tuning,
  { mode, store }: TuningOptions,
  { planClip, loading, signal, onMeasure }: TuneLoad,
): Promise<Tuning> {
  const isFull = mode === 'full';
  // A software adapter compiles for seconds, and its static choices were measured.
  const isWanted =
    isFull || (mode === 'auto' && !context.capabilities.isSoftware && (await store?.isWritable()));
  if (!isWanted) return current;
  const steps = tunableSteps(CLIP_SECONDS, planClip).filter(
    ({ sizeClass }) =>
      isFull || !(sizeClass in current.choices || (current.attempts[sizeClass] ?? 0) >= AUTO_ATTEMPTS),
  );
  if (steps.length === 0) return current;
  const trials = await measureSteps(context, steps, { isFull, loading, signal, onMeasure });
  if (trials === undefined) return current;
  // Read again: other loads may have kept something meanwhile.
  const kept = (await keptTuning(context, store)) ?? current;
  const choices: Record<string, string> = { ...kept.choices };
  const attempts: Record<string, number> = { ...kept.attempts };
  for (const { sizeClass, chosen } of trials) choices[sizeClass] = chosen;
  // If nothing could be measured in time, later loads must not try in vain for ever.
  if (trials.length === 0)
    for (const { sizeClass } of steps) attempts[sizeClass] = (attempts[sizeClass] ?? 0) + 1;
  const tuning = { ...current, choices, attempts, trials };
  const keeping = store?.write(tuningName(current.adapter), encodeTuning(context, tuning));
  return { ...tuning, keptAt: await keeping?.catch(() => undefined) };
}
