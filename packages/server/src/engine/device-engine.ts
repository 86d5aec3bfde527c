/** One device: the process that holds it, what runs there, and what happens when the process dies. */
import { SpeedMeter } from './admission.ts';
import { EngineError } from './engine-error.ts';
import type { DeviceStats } from './engine-pool.ts';
import { EngineProcess } from './engine-process.ts';
import type { FromEngine } from './messages.ts';
import { isFailureOfDevice, type PackedFailure, unpackFailure } from './packed-failure.ts';
import type { PoolJob } from './pool-job.ts';
import type { DeviceHooks, DeviceSettings } from './device-parts.ts';
import { REST_MILLISECONDS, RestartDelay } from './restart-delay.ts';
import { silenceLimit, SilenceWatch } from './silence-watch.ts';

/** Clips that a process has at once. Its queue holds two pieces of each in memory. */
const MAX_JOBS = 64;
/** Of these so many may be long. */
const MAX_LONG_JOBS = 32;
const LONG_SECONDS = 120;
/** Until it says its first word, at the least. */
const START_MILLISECONDS = 30_000;

export class DeviceEngine {
  readonly #settings: DeviceSettings;
  readonly #hooks: DeviceHooks;
  readonly #jobs = new Map<string, PoolJob>();
  readonly #delay: RestartDelay;
  readonly meter = new SpeedMeter();
  #process: EngineProcess | undefined;
  #state: DeviceStats['state'] = 'idle';
  #adapter: string | undefined;
  #restarts = 0;
  /** How often a clip is in batches that run now. */
  readonly #running = new Map<string, number>();
  /** A suspect that runs alone. */
  #suspect: PoolJob | undefined;
  #waitingPieces = 0;
  #idleTimer: ReturnType<typeof setTimeout> | undefined;
  #restartTimer: ReturnType<typeof setTimeout> | undefined;
  #onStopped: (() => void) | undefined;
  #isStopping = false;
  readonly #silence = new SilenceWatch((milliseconds) =>
    this.#process?.kill(`it said nothing for ${milliseconds / 1000} s`),
  );
  /** The most pieces of a batch of each model, which a further process need not measure. */
  readonly #batches = new Map<string, number>();
  /** The process has said something: before, a busy machine may be what keeps it. */
  #hasSpoken = false;
  /** Models of which the process has not said yet whether they can be used. */
  readonly #loading = new Set<string>();
  /** The last process ended before it could serve anybody. */
  #isAway = false;

  constructor(settings: DeviceSettings, hooks: DeviceHooks) {
    this.#settings = settings;
    this.#hooks = hooks;
    this.#delay = new RestartDelay(settings.restartMilliseconds);
  }

  /** Pieces of its clips that wait for a batch. */
  get waitingPieces(): number {
    return this.#waitingPieces;
  }

  get stats(): DeviceStats {
    return {
      device: this.#settings.device,
      state: this.#state,
      adapter: this.#adapter,
      processId: this.#process?.processId,
      jobsRunning: this.#jobs.size,
      restarts: this.#restarts,
    };
  }

  /** Whether a job could be given to it, now or when its process has started. */
  get isUsable(): boolean {
    return this.#state !== 'failed' && this.#state !== 'stopped';
  }

  /** Whether its last start failed, and another one follows. */
  get isAway(): boolean {
    return this.#isAway;
  }

  /** Starts the process if it rests: clips wait. */
  wake(): void {
    if (this.#state === 'idle') this.start();
  }

  /** Starts the process, and loads the models. */
  start(): void {
    if (this.#process || this.#isStopping || this.#state === 'stopped') return;
    clearTimeout(this.#restartTimer);
    this.#state = 'starting';
    const { device, childModule, models, limits } = this.#settings;
    const started: EngineProcess = new EngineProcess({
      childModule,
      device: device === 'auto' ? undefined : device,
      onMessage: (message) => this.#take(message),
      onExit: (reason) => this.#died(started, reason),
    });
    this.#process = started;
    this.#hasSpoken = false;
    started.send({ type: 'configure', models, limits });
    this.#loading.clear();
    for (const { id } of models) {
      this.#loading.add(id);
      started.send({ type: 'load', modelId: id, maxBatch: this.#batches.get(id) });
    }
    this.#watch();
  }

  /** Whether this job may be given to it now. */
  hasRoom(job: PoolJob): boolean {
    // One that dies while it starts must not have clips that seem to be to blame.
    if (this.#state !== 'ready' || !this.#process || this.#isStopping || this.#suspect) return false;
    if (job.isSuspect) return this.#jobs.size === 0;
    const longCount = [...this.#jobs.values()].filter(({ seconds }) => seconds > LONG_SECONDS).length;
    return this.#jobs.size < MAX_JOBS && (job.seconds <= LONG_SECONDS || longCount < MAX_LONG_JOBS);
  }

  /** Seconds of sound that it has to do. */
  get loadSeconds(): number {
    let sum = 0;
    for (const { seconds, doneSeconds } of this.#jobs.values()) sum += Math.max(0, seconds - doneSeconds);
    return sum;
  }

  give(job: PoolJob): void {
    if (!job.sound) throw new Error('Only decoded clips run.');
    clearTimeout(this.#idleTimer);
    this.#jobs.set(job.key, job);
    if (job.isSuspect) this.#suspect = job;
    job.enter('running');
    this.#process?.send(job.message(job.sound));
    if (this.#jobs.size === 1) this.#watch();
  }

  /** The job has ended without the engine. */
  withdraw(job: PoolJob): void {
    if (!this.#jobs.has(job.key)) return;
    this.#process?.send({ type: 'abort', id: job.key });
    this.#remove(job);
    this.#hooks.onRoom();
  }

  /** Frees the device. What runs there must have ended. Resolves when the process is gone. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#idleTimer);
    clearTimeout(this.#restartTimer);
    await this.#release();
    this.#state = 'stopped';
  }

  async #release(): Promise<void> {
    const engine = this.#process;
    if (!engine) return;
    const stopped = new Promise<void>((resolve) => (this.#onStopped = resolve));
    engine.send({ type: 'stop' });
    this.#silence.end();
    const timer = setTimeout(() => engine.kill(), this.#settings.stopMilliseconds);
    await stopped;
    clearTimeout(timer);
  }

  #remove(job: PoolJob): void {
    this.#jobs.delete(job.key);
    if (this.#suspect === job) this.#suspect = undefined;
    if (this.#jobs.size === 0) this.#watch();
    this.#rest();
  }

  /** Ends the process if no clip comes for some time. One that loads a model is not idle. */
  #rest(): void {
    const { keepAliveMilliseconds } = this.#settings;
    clearTimeout(this.#idleTimer);
    if (keepAliveMilliseconds < 0 || this.#state !== 'ready') return;
    if (this.#jobs.size > 0 || this.#loading.size > 0) return;
    this.#idleTimer = setTimeout(() => {
      if (this.#jobs.size > 0 || this.#isStopping) return;
      this.#state = 'idle';
      void this.#release().then(() => this.#hooks.onRoom());
    }, keepAliveMilliseconds);
    this.#idleTimer.unref();
  }

  #watch(): void {
    this.#silence.end();
    if (this.#onStopped || (this.#jobs.size === 0 && this.#loading.size === 0)) return;
    const { silenceMilliseconds, limits } = this.#settings;
    const { maxBatchSeconds } = limits;
    const limit = silenceLimit(silenceMilliseconds, { maxBatchSeconds, speed: this.meter.speed });
    this.#silence.expect(this.#hasSpoken ? limit : Math.max(limit, START_MILLISECONDS));
  }

  #take(message: FromEngine): void {
    this.#hasSpoken = true;
    this.#hear(message);
    this.#watch();
  }

  #hear(message: FromEngine): void {
    const { device } = this.#settings;
    switch (message.type) {
      case 'started':
      case 'loading':
        return;
      case 'warning':
        this.#hooks.onLog(`engine ${device}: ${message.message}`);
        return;
      case 'device-lost':
        this.#hooks.onEvent({ type: 'device-lost', device });
        return;
      case 'loaded':
        this.#loading.delete(message.modelId);
        this.#hasStarted();
        this.#adapter = message.adapter;
        this.#batches.set(message.modelId, message.maxBatch);
        this.meter.add(message.speed, 1);
        this.#hooks.onLoaded(message.modelId, message.facts);
        this.#hooks.onRoom();
        this.#rest();
        return;
      case 'load-failed':
        this.#loadFailed(message.modelId, message.failure);
        return;
      case 'batch':
        this.#batch(message);
        return;
      case 'part':
        this.#jobs.get(message.id)?.take(message.part);
        return;
      default: {
        const job = this.#jobs.get(message.id);
        if (!job) return;
        if (message.type !== 'failed') this.#delay.succeeded();
        this.#remove(job);
        this.#hooks.onOutcome(job, message);
        this.#hooks.onRoom();
      }
    }
  }

  #hasStarted(): void {
    // One that was told to stop may still say what it has loaded.
    if (this.#state === 'starting') this.#state = 'ready';
    this.#isAway = false;
  }

  #loadFailed(modelId: string, failure: PackedFailure): void {
    const { device } = this.#settings;
    this.#loading.delete(modelId);
    this.#hooks.onLog(`engine ${device}: ${modelId} cannot be loaded: ${failure.message}`);
    const isOfDevice = isFailureOfDevice(failure);
    this.#hooks.onLoadFailed(modelId, unpackFailure(failure), isOfDevice);
    if (!isOfDevice) {
      // The device may serve others.
      this.#hasStarted();
      this.#hooks.onRoom();
      this.#rest();
      return;
    }
    // It may be back in a moment, so this counts as a death: what waits goes on waiting.
    if (this.#state === 'ready') this.#state = 'starting';
    this.#isAway = true;
    this.#process?.kill();
  }

  #batch(message: Extract<FromEngine, { type: 'batch' }>): void {
    const { status, ids, modelId, pieceCount, audioSeconds, paddedSeconds, milliseconds } = message;
    this.#waitingPieces = message.waitingPieces;
    for (const id of ids) {
      const count = (this.#running.get(id) ?? 0) + (status === 'begin' ? 1 : -1);
      if (count > 0) this.#running.set(id, count);
      else this.#running.delete(id);
    }
    if (status === 'begin') return;
    this.meter.add(audioSeconds, milliseconds / 1000);
    const { device } = this.#settings;
    const paddingRatio = paddedSeconds / audioSeconds;
    this.#hooks.onEvent({
      type: 'batch',
      device,
      modelId,
      pieceCount,
      audioSeconds,
      paddingRatio,
      milliseconds,
    });
  }

  #died(engine: EngineProcess, reason: string): void {
    if (this.#process !== engine) return;
    this.#process = undefined;
    clearTimeout(this.#idleTimer);
    this.#silence.end();
    this.#loading.clear();
    this.#waitingPieces = 0;
    const running = new Set(this.#running.keys());
    this.#running.clear();
    const jobs = [...this.#jobs.values()];
    this.#jobs.clear();
    const suspect = this.#suspect;
    this.#suspect = undefined;
    const wasAsked = this.#onStopped !== undefined;
    this.#onStopped?.();
    this.#onStopped = undefined;
    if (wasAsked) this.#state = 'idle';
    else this.#restartAfter(engine, reason, jobs.length);
    if (jobs.length === 0) return;
    if (suspect && !this.#isAway) {
      const error = new EngineError(
        'engine_crashed',
        `The engine died of this clip, twice and at last alone (${reason}). It would do so again: convert the clip, or report it.`,
      );
      this.#hooks.onCrash(suspect, error);
    }
    // Without a batch under way nobody knows which clip it was.
    const isToBlame = (job: PoolJob): boolean =>
      running.size === 0 || running.has(job.key) || job.request.type === 'align';
    const lost = jobs.filter(({ hasEnded }) => !hasEnded);
    if (!wasAsked && !this.#isAway) for (const job of lost) job.isSuspect ||= isToBlame(job);
    this.#hooks.onLost(lost);
  }

  #restartAfter(engine: EngineProcess, reason: string, jobCount: number): void {
    const { device } = this.#settings;
    this.#restarts += 1;
    this.#hooks.onEvent({ type: 'restart', device, reason });
    const words =
      engine.errorText === '' ? '' : ` Its last words: ${engine.errorText.replaceAll(/\s+/g, ' ')}`;
    this.#hooks.onLog(`engine ${device}: its process has died (${reason}) with ${jobCount} clips.${words}`);
    if (this.#isStopping) return;
    if (this.#state === 'starting') this.#isAway = true;
    const delay = this.#delay.died(performance.now());
    if (delay === 'given-up') this.#giveUp();
    else {
      this.#state = 'starting';
      this.#startAfter(delay);
    }
  }

  /** Serves nobody for a while. */
  #giveUp(): void {
    if (this.#isStopping) return;
    this.#state = 'failed';
    this.#hooks.onLog(`engine ${this.#settings.device}: given up for ${REST_MILLISECONDS / 1000} s`);
    this.#startAfter(REST_MILLISECONDS);
    this.#hooks.onRoom();
  }

  #startAfter(milliseconds: number): void {
    clearTimeout(this.#restartTimer);
    this.#restartTimer = setTimeout(() => {
      this.#restartTimer = undefined;
      this.#state = 'starting';
      this.start();
      this.#hooks.onRoom();
    }, milliseconds);
  }
}
