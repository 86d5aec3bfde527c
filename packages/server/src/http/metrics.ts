/** What `/metrics` shows, in one registry. No label comes from a client. */
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { PoolEvent, PoolStats } from '../engine/engine-pool.ts';

/** From a short clip to an hour of sound, in seconds. */
const SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 600];

export class ServerMetrics {
  readonly registry = new Registry();
  readonly #requests = this.#counter('unispeech_requests_total', 'Requests by route and status.', [
    'route',
    'status',
  ]);
  readonly #requestSeconds = this.#histogram(
    'unispeech_request_seconds',
    'From the headers to the last byte.',
    ['route'],
    SECONDS,
  );
  readonly #audioSeconds = this.#counter('unispeech_audio_seconds_total', 'Seconds of recognised sound.', [
    'model',
  ]);
  readonly #stageSeconds = this.#histogram(
    'unispeech_stage_seconds',
    'How long a clip was in each stage.',
    ['stage'],
    SECONDS,
  );
  readonly #batchSize = this.#histogram(
    'unispeech_batch_size',
    'Pieces that ran together.',
    [],
    [1, 2, 4, 8, 16, 32],
  );
  readonly #paddingRatio = this.#histogram(
    'unispeech_batch_padding_ratio',
    'Seconds of a batch with padding for each second of sound.',
    [],
    [1, 1.02, 1.05, 1.1, 1.25, 1.5, 2, 3],
  );
  readonly #realtimeFactor = this.#gauge(
    'unispeech_realtime_factor',
    'Seconds of sound for each second of work, of the last batch.',
    ['model'],
  );
  readonly #restarts = this.#counter(
    'unispeech_engine_restarts_total',
    'Engine processes that were started again.',
    ['device', 'reason'],
  );
  readonly #deviceLost = this.#counter('unispeech_device_lost_total', 'Devices that were lost.', []);
  readonly #aborted = this.#counter('unispeech_aborted_total', 'Requests whose client left.', []);
  readonly #rejected = this.#counter('unispeech_rejected_total', 'Requests that were refused, by code.', [
    'code',
  ]);

  /** @param stats what the gauges show, asked when they are read. */
  constructor(stats: () => PoolStats, openUploadCount: () => number) {
    collectDefaultMetrics({ register: this.registry });
    const gauge = (name: string, help: string, value: () => number): void => {
      new Gauge({
        name,
        help,
        registers: [this.registry],
        collect() {
          this.set(value());
        },
      });
    };
    gauge('unispeech_queue_pieces', 'Pieces that wait for a batch.', () => stats().piecesWaiting);
    gauge(
      'unispeech_queue_audio_seconds',
      'Accepted sound that is not recognised yet.',
      () => stats().audioSecondsWaiting,
    );
    gauge(
      'unispeech_speed',
      'Seconds of sound for each second of work, of all devices together.',
      () => stats().speed,
    );
    gauge('unispeech_queue_jobs', 'Requests and jobs that wait for a device.', () => stats().jobsWaiting);
    gauge('unispeech_open_uploads', 'Uploads that are under way.', openUploadCount);
    new Gauge({
      name: 'unispeech_engine_up',
      help: 'Whether the engine of a device answers, or would be started by the next request.',
      labelNames: ['device'],
      registers: [this.registry],
      collect() {
        for (const { device, state } of stats().devices)
          this.set({ device }, state === 'ready' || state === 'idle' ? 1 : 0);
      },
    });
  }

  #counter<Label extends string>(name: string, help: string, labelNames: readonly Label[]): Counter<Label> {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  #gauge<Label extends string>(name: string, help: string, labelNames: readonly Label[]): Gauge<Label> {
    return new Gauge({ name, help, labelNames, registers: [this.registry] });
  }

  #histogram<Label extends string>(
    name: string,
    help: string,
    labelNames: readonly Label[],
    buckets: number[],
  ): Histogram<Label> {
    return new Histogram({ name, help, labelNames, buckets, registers: [this.registry] });
  }

  /** @param route the pattern of a route. */
  countRequest(route: string, status: number, seconds: number): void {
    this.#requests.inc({ route, status });
    this.#requestSeconds.observe({ route }, seconds);
    if (status === 499) this.#aborted.inc();
  }

  countRejected(code: string): void {
    this.#rejected.inc({ code });
  }

  observeStage(stage: 'upload' | 'decode' | 'queue' | 'engine' | 'format', seconds: number): void {
    this.#stageSeconds.observe({ stage }, seconds);
  }

  /** What the pool tells. */
  readonly onPoolEvent = (event: PoolEvent): void => {
    switch (event.type) {
      case 'batch':
        this.#batchSize.observe(event.pieceCount);
        this.#paddingRatio.observe(event.paddingRatio);
        this.#realtimeFactor.set({ model: event.modelId }, event.audioSeconds / (event.milliseconds / 1000));
        break;
      case 'restart':
        this.#restarts.inc({ device: event.device, reason: event.reason });
        break;
      case 'device-lost':
        this.#deviceLost.inc();
        break;
      case 'stage':
        this.observeStage(event.stage, event.seconds);
        break;
      case 'done':
        this.#audioSeconds.inc({ model: event.modelId }, event.audioSeconds);
        break;
      // The front counts these itself, with those that never reach the pool.
      case 'aborted':
      case 'rejected':
        break;
    }
  };
}
