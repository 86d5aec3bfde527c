/**
 * Times of dispatches: by timestamps where the adapter has them, else by the host's clock. Both may be coarse (browsers
 * round timestamps to 0.1 ms), so a dispatch is repeated until the span is long.
 */
import type { GpuContext } from '../../src/gpu/context.ts';
import { encodePass, type Dispatch } from '../../src/gpu/dispatch.ts';
import { GPUBufferUsage, GPUMapMode } from '../../src/gpu/flags.ts';

export type ClockKind = 'timestamps' | 'host';

/** The span that a measurement lasts at least: many steps of the clock's own, and much more than a submit costs. */
const SPAN_MILLISECONDS: Readonly<Record<ClockKind, number>> = { timestamps: 4, host: 20 };
/** And at least this many steps of a clock of the GPU: one step then is no more than a third of what a control may differ. */
const MIN_STEPS = 100;
const MAX_REPEATS = 4096;

export class Clock {
  readonly #device: GPUDevice;
  readonly #querySet: GPUQuerySet | undefined;
  readonly #resolved: GPUBuffer | undefined;
  readonly #staging: GPUBuffer | undefined;
  /** Milliseconds of a submit that does nothing. */
  #idleMilliseconds = 0;
  /** The largest number of nanoseconds that every timestamp so far is a multiple of. */
  #stepNanoseconds = 0n;

  constructor(
    context: GpuContext,
    readonly kind: ClockKind,
  ) {
    this.#device = context.device;
    if (kind === 'host') return;
    this.#querySet = this.#device.createQuerySet({ type: 'timestamp', count: 2 });
    this.#resolved = this.#device.createBuffer({
      size: 16,
      usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC,
    });
    this.#staging = this.#device.createBuffer({
      size: 16,
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    });
  }

  /** How many dispatches make one measurement long enough, and how long one takes; the pipeline is warm afterwards. */
  async calibrate(dispatch: Dispatch): Promise<{ readonly repeats: number; readonly milliseconds: number }> {
    await this.#span(dispatch, 1);
    if (this.kind === 'host') {
      const idle: number[] = [];
      for (let i = 0; i < 5; i++) idle.push(await this.#hostSpan(dispatch, 0));
      this.#idleMilliseconds = Math.min(...idle);
    }
    let repeats = 1;
    for (;;) {
      const milliseconds = await this.#span(dispatch, repeats);
      const wanted = Math.max(SPAN_MILLISECONDS[this.kind], (MIN_STEPS * this.stepNanoseconds) / 1e6);
      if (milliseconds >= wanted || repeats >= MAX_REPEATS)
        return { repeats, milliseconds: milliseconds / repeats };
      const factor = milliseconds > 0 ? (1.2 * wanted) / milliseconds : 8;
      repeats = Math.min(MAX_REPEATS, Math.ceil(repeats * Math.min(8, Math.max(2, factor))));
    }
  }

  /** Milliseconds of one dispatch, averaged over `repeats`. */
  async measure(dispatch: Dispatch, repeats: number): Promise<number> {
    return (await this.#span(dispatch, repeats)) / repeats;
  }

  /** What the GPU's clock counts in, as far as it was seen; 0 where nothing is known of it. */
  get stepNanoseconds(): number {
    return Number(this.#stepNanoseconds);
  }

  destroy(): void {
    this.#querySet?.destroy();
    this.#resolved?.destroy();
    this.#staging?.destroy();
  }

  async #span(dispatch: Dispatch, repeats: number): Promise<number> {
    if (this.kind === 'timestamps') return this.#timestampSpan(dispatch, repeats);
    return Math.max(0, (await this.#hostSpan(dispatch, repeats)) - this.#idleMilliseconds);
  }

  async #hostSpan(dispatch: Dispatch, repeats: number): Promise<number> {
    const encoder = this.#device.createCommandEncoder();
    encodePass(encoder, repeated(dispatch, repeats));
    const commands = encoder.finish();
    const start = performance.now();
    this.#device.queue.submit([commands]);
    await this.#device.queue.onSubmittedWorkDone();
    return performance.now() - start;
  }

  async #timestampSpan(dispatch: Dispatch, repeats: number): Promise<number> {
    if (!this.#querySet || !this.#resolved || !this.#staging) throw new Error('no timestamps');
    const encoder = this.#device.createCommandEncoder();
    const timestampWrites = {
      querySet: this.#querySet,
      beginningOfPassWriteIndex: 0,
      endOfPassWriteIndex: 1,
    };
    encodePass(encoder, repeated(dispatch, repeats), { timestampWrites });
    encoder.resolveQuerySet(this.#querySet, 0, 2, this.#resolved, 0);
    encoder.copyBufferToBuffer(this.#resolved, 0, this.#staging, 0, 16);
    this.#device.queue.submit([encoder.finish()]);
    await this.#staging.mapAsync(GPUMapMode.READ);
    const [begin = 0n, end = 0n] = new BigUint64Array(this.#staging.getMappedRange().slice(0));
    this.#staging.unmap();
    for (const time of [begin, end]) this.#stepNanoseconds = commonDivisor(this.#stepNanoseconds, time);
    return Number(end - begin) / 1e6;
  }
}

function commonDivisor(a: bigint, b: bigint): bigint {
  return b === 0n ? a : commonDivisor(b, a % b);
}

const repeated = (dispatch: Dispatch, count: number): readonly Dispatch[] =>
  Array.from({ length: count }, () => dispatch);
