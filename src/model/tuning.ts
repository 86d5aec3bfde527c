/** The `tune` option: choices of matrix products that were measured on this adapter are read, made and kept. */
import { abortable } from '../base/abortable.ts';
import type { WarningCallback } from '../base/files.ts';
import type { TuningStore } from '../base/platform.ts';
import { isSoftwareAdapter, type GemmTuning, type GpuCapabilities } from '../gpu/capabilities.ts';
import type { GpuContext } from '../gpu/context.ts';
import type { Plan } from '../graph/plan.ts';
import {
  measureStep,
  prepareVariants,
  tunableSteps,
  type GemmTrial,
  type TunableStep,
} from '../graph/tune-gemms.ts';
import type { TuneMode } from './load-options.ts';
import { adapterIdentity, decodeTuning, encodeTuning, tuningName } from './tuning-file.ts';

/** The choices that one loaded model keeps to. */
export interface Tuning {
  /** What was measured on: another adapter has other choices. */
  readonly adapter: string;
  readonly choices: GemmTuning;
  /** Measured by this load. */
  readonly trials: readonly GemmTrial[];
  /** Where that is kept. */
  readonly keptAt?: string | undefined;
}

/** Clips whose products are measured. */
const CLIP_SECONDS = [1, 5, 15];
/** What `'auto'` adds to a load at most, less what ends late: it shall stay below a second. */
const AUTO_BUDGET_MS = 800;
/** `'auto'` waits so long for variants that still compile; it measures those that are ready. */
const AUTO_COMPILE_MS = 400;
/** `'auto'` leaves longer dispatches alone: what is submitted cannot be cancelled. */
const AUTO_DISPATCH_MS = 30;

export interface TunerOptions {
  readonly mode: TuneMode;
  readonly store: TuningStore | undefined;
  /** The choices of this model before its device was lost. */
  readonly before?: Tuning | undefined;
}

const sleep = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

/** What is kept for this adapter. */
export async function storedTuning(
  context: GpuContext,
  store: TuningStore | undefined,
): Promise<GemmTuning | undefined> {
  const text = await store?.read(tuningName(adapterIdentity(context)));
  return text === undefined ? undefined : decodeTuning(context, text);
}

/** The tuning of one load. Apart from the signal's reason nothing here rejects: without tuning a model works as well. */
export class Tuner {
  readonly #ready = new Set<string>();
  #steps: readonly TunableStep[] = [];
  #compiling: Promise<void> = Promise.resolve();
  #work: Promise<void> = Promise.resolve();

  private constructor(
    private readonly context: GpuContext,
    private readonly options: TunerOptions,
    private tuning: Tuning,
  ) {}

  /** Reads what is kept. */
  static async open(context: GpuContext, options: TunerOptions): Promise<Tuner> {
    const adapter = adapterIdentity(context);
    const { before, mode, store } = options;
    const choices =
      before?.adapter === adapter
        ? before.choices
        : mode === 'off'
          ? undefined
          : await storedTuning(context, store);
    return new Tuner(context, options, { adapter, choices: choices ?? {}, trials: [] });
  }

  get result(): Tuning {
    return this.tuning;
  }

  /** What to plan with. */
  get capabilities(): GpuCapabilities {
    return { ...this.context.capabilities, tuned: this.tuning.choices };
  }

  /** Starts to compile and check what shall be measured, if anything; does not wait for it. */
  async prepare(planClip: (seconds: number) => Plan): Promise<void> {
    const { context } = this;
    const { mode, store } = this.options;
    const isFull = mode === 'full';
    if (mode === 'off') return;
    // A software adapter compiles for seconds, and its static choices were measured.
    if (!isFull && (isSoftwareAdapter(context.device.adapterInfo) || !(await store?.isWritable()))) return;
    const plans = CLIP_SECONDS.flatMap((seconds) => {
      try {
        return [planClip(seconds)];
      } catch {
        return []; // Too long for this adapter.
      }
    });
    this.#steps = tunableSteps(plans).filter(
      ({ sizeClass }) => isFull || !(sizeClass in this.tuning.choices),
    );
    this.#compiling = this.#hold(prepareVariants(context, this.#steps, this.#ready));
  }

  /** Measures what was prepared, and keeps it. @throws the signal's reason. */
  async run(
    weights: ReadonlyMap<string, GPUBuffer>,
    warn: WarningCallback,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { context } = this;
    const { mode, store } = this.options;
    const isAuto = mode === 'auto';
    const stop = new AbortController();
    const timeout = isAuto ? setTimeout(() => stop.abort(), AUTO_BUDGET_MS) : undefined;
    const either = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
    const trials: GemmTrial[] = [];
    this.#work = this.#hold(
      (async () => {
        await (isAuto ? Promise.race([this.#compiling, sleep(AUTO_COMPILE_MS)]) : this.#compiling);
        for (const step of this.#steps) {
          const trial = await measureStep(context, step, {
            ready: this.#ready,
            weights,
            signal: either,
            limitMilliseconds: isAuto ? AUTO_DISPATCH_MS : Infinity,
          }).catch(() => undefined);
          if (either.aborted || context.isLost) return;
          if (trial) trials.push(trial);
        }
      })(),
    );
    await abortable(this.#work, either).catch(() => undefined);
    clearTimeout(timeout);
    signal?.throwIfAborted();
    if (context.isLost) return;
    const chosen = trials.map(({ sizeClass, chosen }) => [sizeClass, chosen] as const);
    // Where nothing could be measured in time, the next loads shall not try in vain.
    const given =
      trials.length > 0 || !isAuto
        ? chosen
        : this.#steps.map(({ sizeClass, usual }) => [sizeClass, usual] as const);
    const choices = { ...this.tuning.choices, ...Object.fromEntries(given) };
    let keptAt: string | undefined;
    try {
      keptAt = await store?.write(tuningName(this.tuning.adapter), encodeTuning(context, choices));
    } catch (error) {
      warn(
        'tuning-not-kept',
        `What was measured on this adapter cannot be kept: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
    this.tuning = { ...this.tuning, choices, trials, keptAt };
  }

  /** Whether there is anything to measure. */
  get isNeeded(): boolean {
    return this.#steps.length > 0;
  }

  /** Waits until nothing is compiled or measured any more. */
  async settle(): Promise<void> {
    await Promise.all([this.#compiling, this.#work]);
  }

  /** The device must stay while work is under way that nobody waits for. */
  async #hold(work: Promise<void>): Promise<void> {
    this.context.retain();
    try {
      await work;
    } catch {
      // Without it a static choice stays.
    } finally {
      this.context.release();
    }
  }
}
