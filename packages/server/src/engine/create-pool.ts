/** The pool: takes jobs, decodes them, gives them to devices, and gives back what comes of them. */
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { checkAdmission } from './admission.ts';
import { DecodeStage } from './decode-stage.ts';
import { DeviceEngine } from './device-engine.ts';
import { EngineError } from './engine-error.ts';
import type { EnginePool, EnginePoolOptions, PoolEvent, PoolStats, ServedModel } from './engine-pool.ts';
import type { FromEngine } from './messages.ts';
import { MemoryShortages } from './memory-shortages.ts';
import { unpackFailure } from './packed-failure.ts';
import { away, draining, late, noDevice, withoutPath } from './pool-errors.ts';
import { cannotLoad, ServedModels } from './served-models.ts';
import { type JobRequest, type JobResult, PoolJob } from './pool-job.ts';
import type { AlignedClip, AlignmentJob, TranscribedClip, TranscriptionJob } from './transcription-job.ts';

const MAX_DECODES = 4;
const DEFAULT_RATE = 16_000;
const MAX_SPOOL_BYTES = 2 ** 33;
/** A piece of a long clip. */
const SHORTEST_TURN_SECONDS = 30;
/** A device that rests is started when each of the others has more work than this: a start takes about as long. */
const WAKE_SECONDS = 2;

export const createEnginePool = (options: EnginePoolOptions): EnginePool => new LocalPool(options);

/** The script of an engine process lies beside the entries of the package, and this code in one of their chunks. */
export function findChildModule(): string {
  for (const folder of ['./', '../']) {
    const script = fileURLToPath(new URL(`${folder}engine-child.js`, import.meta.url));
    if (existsSync(script)) return script;
  }
  throw new EngineError(
    'no_device',
    'engine-child.js is not beside this program. Install unispeech-webgpu-server again.',
  );
}

class LocalPool implements EnginePool {
  readonly #options: EnginePoolOptions;
  readonly #devices: readonly DeviceEngine[];
  readonly #decoding: DecodeStage;
  readonly #jobs = new Set<PoolJob>();
  /** Decoded, in the order of their turns. */
  #waiting: PoolJob[] = [];
  readonly #models: ServedModels;
  readonly #shortages = new MemoryShortages();
  #hasStarted = false;
  #isDraining = false;
  /** How many loads must be heard of before `start()` is over. */
  #onLoad: (() => void)[] = [];
  #onEmpty: (() => void)[] = [];

  constructor(options: EnginePoolOptions) {
    this.#options = options;
    const { models, devices = ['auto'] } = options;
    const { keepAliveMilliseconds = 300_000, silenceMilliseconds = 300_000 } = options;
    const { restartMilliseconds = 500, stopMilliseconds = 5000 } = options;
    this.#models = new ServedModels(models);
    const settings = {
      childModule: options.childModule ?? findChildModule(),
      models,
      limits: { maxBatch: options.maxBatch, maxBatchSeconds: options.maxBatchSeconds },
      keepAliveMilliseconds,
      silenceMilliseconds,
      restartMilliseconds,
      stopMilliseconds,
    };
    this.#devices = devices.map(
      (device) =>
        new DeviceEngine(
          { device, ...settings },
          {
            onEvent: (event) => this.#tell(event),
            onLog: (line) => options.onLog?.(line),
            onLoaded: (modelId, facts) => this.#models.loaded(modelId, facts),
            onLoadFailed: (modelId, { message }, isOfDevice) =>
              this.#models.failed(modelId, message, isOfDevice ? message : cannotLoad(modelId)),
            onCrash: (job, error) => this.#fail(job, error),
            onLost: (jobs) => this.#takeBack(jobs),
            onOutcome: (job, message) => this.#outcome(job, message),
            onRoom: () => this.#dispatch(),
          },
        ),
    );
    this.#decoding = new DecodeStage({
      folder: options.spoolFolder,
      maxBytes: options.maxSpoolBytes ?? MAX_SPOOL_BYTES,
      atOnce: options.decodesAtOnce ?? Math.min(MAX_DECODES, availableParallelism()),
    });
  }

  async start(): Promise<void> {
    const { spoolFolder } = this.#options;
    // At once: a clip that comes while the pool starts is written into this folder.
    rmSync(spoolFolder, { recursive: true, force: true });
    mkdirSync(spoolFolder, { recursive: true, mode: 0o700 });
    this.#hasStarted = true;
    this.#models.loading();
    for (const device of this.#devices) device.start();
    const isDone = (): boolean =>
      this.#devices.every(({ stats }) => stats.state !== 'starting') &&
      (!this.#models.areLoading || !this.#devices.some(({ isUsable }) => isUsable));
    while (!isDone() && !this.#isDraining) await new Promise<void>((resolve) => this.#onLoad.push(resolve));
    this.#models.abandoned('No engine can be started: the log says why.');
  }

  async stop(graceMilliseconds: number): Promise<void> {
    this.#isDraining = true;
    if (this.#jobs.size > 0) {
      const empty = new Promise<void>((resolve) => this.#onEmpty.push(resolve));
      let timer: ReturnType<typeof setTimeout> | undefined;
      await Promise.race([empty, new Promise((resolve) => (timer = setTimeout(resolve, graceMilliseconds)))]);
      clearTimeout(timer);
      for (const job of this.#jobs) this.#fail(job, draining());
    }
    await Promise.all(this.#devices.map((device) => device.stop()));
    for (const resolve of this.#onLoad.splice(0)) resolve();
    await rm(this.#options.spoolFolder, { recursive: true, force: true });
  }

  get models(): readonly ServedModel[] {
    return this.#models.list(this.#devices.every(({ stats }) => stats.state === 'idle'));
  }

  get notReady(): string | undefined {
    if (this.#isDraining) return 'The server is being stopped.';
    if (!this.#hasStarted) return 'The engine is starting.';
    const states = this.#devices.map(({ stats }) => stats.state);
    const isServed = this.models.some(({ status }) => status === 'loaded' || status === 'idle');
    if (isServed && states.some((state) => state === 'ready' || state === 'idle')) return undefined;
    if (states.includes('starting')) return 'The engine is starting.';
    return this.#models.failures[0] ?? 'No device can be used.';
  }

  transcribe(job: TranscriptionJob): Promise<TranscribedClip> {
    return this.#run({ type: 'transcribe', ...job });
  }

  align(job: AlignmentJob): Promise<AlignedClip> {
    return this.#run({ type: 'align', ...job }) as Promise<AlignedClip>;
  }

  stats(): PoolStats {
    const devices = this.#devices.map(({ stats }) => stats);
    return {
      devices,
      jobsDecoding: [...this.#jobs].filter(({ stage }) => stage === 'decoding').length,
      jobsWaiting: this.#waiting.length,
      jobsRunning: devices.reduce((sum, { jobsRunning }) => sum + jobsRunning, 0),
      piecesWaiting: this.#devices.reduce((sum, { waitingPieces }) => sum + waitingPieces, 0),
      audioSecondsWaiting: this.#audioSeconds(),
      speed: this.#speed(),
      spoolBytes: this.#decoding.spoolBytes,
    };
  }

  #audioSeconds(): number {
    let sum = 0;
    for (const { seconds, doneSeconds } of this.#jobs) sum += Math.max(0, seconds - doneSeconds);
    return sum;
  }

  /** Of the devices that can be used; of one, where none can. */
  #speed(): number {
    const usable = this.#devices.filter(({ isUsable }) => isUsable);
    const devices = usable.length > 0 ? usable : this.#devices.slice(0, 1);
    return devices.reduce((sum, { meter }) => sum + meter.speed, 0);
  }

  async #run(request: JobRequest): Promise<JobResult> {
    const { signal, file } = request;
    signal?.throwIfAborted();
    let job: PoolJob;
    try {
      const { size } = await stat(file);
      signal?.throwIfAborted();
      job = new PoolJob(randomUUID(), request, size);
      this.#check(request, job.seconds);
    } catch (error) {
      if (error instanceof EngineError) this.#tell({ type: 'rejected', code: error.code });
      throw error;
    }
    return this.#follow(job);
  }

  /** @throws EngineError where the job is refused. */
  #check({ modelId, priority }: JobRequest, guessedSeconds: number): void {
    if (this.#isDraining) throw draining();
    if (!this.#models.has(modelId))
      throw new EngineError('model_not_found', `There is no model called ${JSON.stringify(modelId)}.`);
    const usable = this.#devices.filter(({ isUsable }) => isUsable);
    if (usable.length === 0) throw noDevice();
    if (usable.every(({ isAway }) => isAway)) throw away();
    // Those wait elsewhere, and for a place to be decoded in.
    if (this.#jobs.size === 0 || priority === 'low') return;
    const { queueSeconds = 120, maxSpoolBytes = MAX_SPOOL_BYTES } = this.#options;
    // Clips take turns, so a long one holds up a short one by no more than its length.
    const most = Math.max(guessedSeconds, SHORTEST_TURN_SECONDS);
    let audioSeconds = 0;
    for (const { seconds, doneSeconds } of this.#jobs)
      audioSeconds += Math.min(most, Math.max(0, seconds - doneSeconds));
    const waiting = { audioSeconds, spoolBytes: this.#decoding.spoolBytes, speed: this.#speed() };
    checkAdmission(waiting, { queueSeconds, maxSpoolBytes });
  }

  async #follow(job: PoolJob): Promise<JobResult> {
    const { signal, deadlineMilliseconds = this.#options.deadlineMilliseconds ?? 600_000 } = job.request;
    this.#jobs.add(job);
    const onAbort = (): void => {
      this.#tell({ type: 'aborted' });
      this.#fail(job, signal?.reason);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    const timer =
      deadlineMilliseconds > 0
        ? setTimeout(() => {
            // It is for what waits. An alignment has no parts, and half of an answer is no reason to begin anew.
            if (job.stage !== 'running' && job.doneSeconds === 0) this.#fail(job, late(deadlineMilliseconds));
          }, deadlineMilliseconds)
        : undefined;
    void this.#prepare(job);
    try {
      return await job.result;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    }
  }

  async #prepare(job: PoolJob): Promise<void> {
    const { file, name = 'The audio', modelId, options } = job.request;
    try {
      const { sound, warnings } = await this.#decoding.decode({
        file,
        name,
        key: job.key,
        sampleRate: this.#models.facts(modelId)?.samplingRate ?? DEFAULT_RATE,
        maxSeconds: options.maxSeconds,
        isLow: job.isLow,
        signal: job.leaving.signal,
        onProgress: (seconds, declaredSeconds = job.seconds) => {
          job.seconds = Math.max(seconds, declaredSeconds);
          job.tellProgress(this.#waiting.length);
        },
      });
      if (job.hasEnded) {
        await this.#decoding.remove(sound.file);
        return;
      }
      job.sound = sound;
      job.seconds = sound.sampleCount / sound.sampleRate;
      job.warnings = warnings;
      job.enter('waiting');
      this.#wait([job]);
      job.tellProgress(this.#waiting.indexOf(job));
      this.#dispatch();
    } catch (error) {
      this.#fail(job, withoutPath(error, file, name));
    }
  }

  /** Suspects come first, as the device that lost them is free; then others that were given back; then by priority. */
  #wait(jobs: readonly PoolJob[], isAgain = false): void {
    const all = isAgain ? [...jobs, ...this.#waiting] : [...this.#waiting, ...jobs];
    const rankOf = ({ isSuspect, isLow }: PoolJob): number => (isSuspect ? 0 : isLow ? 2 : 1);
    this.#waiting = all.sort((a, b) => rankOf(a) - rankOf(b));
  }

  #takeBack(jobs: readonly PoolJob[]): void {
    for (const job of jobs) job.enter('waiting');
    this.#wait(jobs, true);
    this.#dispatch();
  }

  /** Gives waiting jobs to devices. */
  #dispatch(): void {
    for (const resolve of this.#onLoad.splice(0)) resolve();
    if (!this.#devices.some(({ isUsable }) => isUsable)) {
      for (const job of [...this.#waiting]) this.#fail(job, noDevice());
      return;
    }
    /** Is left alone, until it is free for a suspect. */
    let reserved: DeviceEngine | undefined;
    const byLoad = (devices: readonly DeviceEngine[]): DeviceEngine | undefined =>
      [...devices].sort((a, b) => a.loadSeconds / a.meter.speed - b.loadSeconds / b.meter.speed)[0];
    for (const job of [...this.#waiting]) {
      const device = byLoad(this.#devices.filter((each) => each !== reserved && each.hasRoom(job)));
      if (device) {
        this.#waiting.splice(this.#waiting.indexOf(job), 1);
        device.give(job);
        job.tellProgress(0);
      } else if (job.isSuspect) reserved ??= byLoad(this.#devices.filter(({ isUsable }) => isUsable));
    }
    const working = this.#devices.filter(({ stats }) => stats.state === 'ready');
    const isBusy = working.every(({ loadSeconds, meter }) => loadSeconds / meter.speed > WAKE_SECONDS);
    if (this.#waiting.length > 0 || (isBusy && working.length > 0))
      for (const device of this.#devices) device.wake();
  }

  #outcome(job: PoolJob, message: Extract<FromEngine, { type: 'transcribed' | 'aligned' | 'failed' }>): void {
    if (message.type === 'failed') {
      const { failure } = message;
      const { byteLength, request } = job;
      // The same clip has as many bytes at every try, and others hardly ever.
      const clip = `${request.modelId} ${byteLength}`;
      const isShortage = failure.kind === 'engine' && failure.code === 'out-of-memory';
      this.#fail(
        job,
        isShortage ? this.#shortages.told(clip, performance.now(), failure.message) : unpackFailure(failure),
      );
      return;
    }
    job.enter('running');
    const { stages, seconds, warnings } = job;
    const durationSeconds = seconds;
    const common = { durationSeconds, stages, warnings: [...warnings, ...message.warnings] };
    if (!job.end({ result: { ...message.clip, ...common } })) return;
    this.#tell({ type: 'done', modelId: job.request.modelId, audioSeconds: seconds });
    for (const stage of ['decode', 'queue', 'engine'] as const)
      this.#tell({ type: 'stage', stage, seconds: stages[stage] });
    this.#leave(job);
  }

  #fail(job: PoolJob, error: unknown): void {
    if (!job.end({ error })) return;
    if (error instanceof EngineError) this.#tell({ type: 'rejected', code: error.code });
    this.#leave(job);
  }

  /** Forgets a job that has ended. */
  #leave(job: PoolJob): void {
    this.#jobs.delete(job);
    const place = this.#waiting.indexOf(job);
    if (place >= 0) this.#waiting.splice(place, 1);
    if (job.sound) void this.#decoding.remove(job.sound.file);
    for (const device of this.#devices) device.withdraw(job);
    if (this.#jobs.size === 0) for (const resolve of this.#onEmpty.splice(0)) resolve();
  }

  #tell(event: PoolEvent): void {
    this.#options.onEvent?.(event);
  }
}
