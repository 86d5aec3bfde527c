/** The order of measuring in the peers suite, with engines that only pretend. */
import { describe, expect, test, vi } from 'vitest';
import type { Workload } from '../../bench/peers/engine.ts';
import { measureWorkload } from '../../bench/peers/measure.ts';
import type { PeerProtocol } from '../../bench/peers/protocol.ts';
import type { ComparedEngine, WorkloadResult } from '../../bench/peers/results.ts';
import type { EngineHandle, Venue } from '../../bench/peers/venue.ts';

const MODEL: Workload = { kind: 'model', name: 'model', sampleCount: 400 };
const GEMM: Workload = { kind: 'gemm', name: 'gemm', rows: 2, columns: 2, inner: 2 };

interface Pretence {
  readonly adapter?: string;
  readonly output?: readonly number[];
  readonly runMilliseconds?: number;
  /** Turns that go well before one fails. */
  readonly turns?: number;
  readonly failsToPrepare?: string;
  /** What is never answered. */
  readonly hangs?: 'start' | keyof PeerProtocol;
}

/** A venue of pretending engines; `calls` is what was asked of whom, in order. */
function pretend(engines: Readonly<Partial<Record<ComparedEngine, Pretence>>>) {
  const calls: string[] = [];
  /** Engines that there were whenever one was timed. */
  const companies = new Set<number>();
  let started = 0;
  let running = 0;
  const handleOf = (engine: ComparedEngine): EngineHandle => {
    const id = started++;
    running++;
    const {
      adapter = 'some adapter',
      output = [1, 2, 3],
      runMilliseconds = 1,
      turns = Infinity,
      failsToPrepare,
      hangs,
    } = engines[engine] ?? {};
    let turnCount = 0;
    const answers: { readonly [K in keyof PeerProtocol]: () => PeerProtocol[K]['answer'] } = {
      open: () => ({ name: engine, version: '1.0.0', adapter }),
      prepare() {
        if (failsToPrepare !== undefined)
          throw new Error(`${engine}: Error: ${failsToPrepare}\n    at x (y.js:1:1)`);
        return { flops: 10 };
      },
      output: () => ({ milliseconds: runMilliseconds, output: Float32Array.from(output) }),
      time() {
        if (turnCount++ >= turns) throw new Error('it went away');
        return { milliseconds: 1 + id };
      },
    };
    return {
      request(kind) {
        if (kind === 'time') {
          calls.push(`${engine} ${id}`);
          companies.add(running);
        }
        if (kind === hangs) return new Promise(() => undefined);
        return Promise.resolve().then(() => answers[kind]());
      },
      stop() {
        running--;
        return Promise.resolve();
      },
    };
  };
  const venue: Venue = {
    facts: { venue: 'node', runtime: 'pretended' },
    start: (engine) =>
      engines[engine]?.hangs === 'start' ? new Promise(() => undefined) : Promise.resolve(handleOf(engine)),
    close: () => Promise.resolve(),
  };
  return { venue, calls, companies, runningCount: () => running };
}

const measure = (venue: Venue, workload: Workload = MODEL): Promise<WorkloadResult> =>
  measureWorkload(venue, workload, {
    peers: ['onnxruntime', 'tfjs', 'jax-js'],
    rounds: 2,
    limitSeconds: 5,
    log: () => undefined,
  });

describe('measuring', () => {
  test('takes turns within rounds, the control first, and ends every engine', async () => {
    const { venue, calls, runningCount } = pretend({});
    const result = await measure(venue);
    const round = ['unispeech-webgpu 1', 'unispeech-webgpu 0', 'onnxruntime 2', 'tfjs 3', 'jax-js 4'];
    expect(calls).toEqual([...round, ...round]);
    expect(result.rows.map(({ milliseconds }) => milliseconds)).toEqual([
      [1, 1],
      [3, 3],
      [4, 4],
      [5, 5],
    ]);
    expect(result.controlMilliseconds).toEqual([2, 2]);
    expect(result.flops).toBe(10);
    expect(runningCount()).toBe(0);
  });

  test('names a peer that is wrong, elsewhere, slow or unable, and times the others', async () => {
    const { venue, calls } = pretend({
      onnxruntime: { output: [1, 2, 3.01] },
      tfjs: { adapter: 'another card' },
      'jax-js': { runMilliseconds: 6000 },
    });
    const result = await measure(venue);
    expect(result.rows.map(({ problem }) => problem?.kind)).toEqual([
      undefined,
      'wrong',
      'other-adapter',
      'slow',
    ]);
    expect(result.rows[1]?.problem?.message).toMatch(/differs from this engine's by 3\.3e-3 of the largest/);
    expect(result.rows[3]?.problem?.message).toBe('One run takes 6 s here, and --limit-s is 5.');
    expect(calls.every((call) => call.startsWith('unispeech-webgpu'))).toBe(true);
    const unable = await measure(pretend({ tfjs: { failsToPrepare: 'it has no erf' } }).venue);
    expect(unable.rows[2]?.problem).toEqual({ kind: 'cannot', message: 'It has no erf' });
    expect(unable.rows[3]?.milliseconds).toHaveLength(2);
  });

  test('what is not timed does not run while others are', async () => {
    const { venue, companies, runningCount } = pretend({
      onnxruntime: { output: [1, 2, 3.01] },
      tfjs: { failsToPrepare: 'it has no erf' },
      'jax-js': { adapter: 'another card' },
    });
    await measure(venue);
    expect([...companies]).toEqual([2]);
    expect(runningCount()).toBe(0);
  });

  test('an engine that hangs is ended, wherever it does', async () => {
    vi.useFakeTimers();
    try {
      const { venue, calls, companies, runningCount } = pretend({
        onnxruntime: { hangs: 'start' },
        tfjs: { hangs: 'output' },
        'jax-js': { hangs: 'time' },
      });
      const measuring = measure(venue);
      await vi.advanceTimersByTimeAsync(3 * 600_000);
      const { rows } = await measuring;
      const problem = { kind: 'cannot', message: 'It gave no answer within 600 s.' };
      expect(rows.map((row) => row.problem)).toEqual([undefined, problem, problem, problem]);
      expect(calls.filter((call) => call.startsWith('jax-js'))).toHaveLength(1);
      expect([...companies]).toEqual([3, 2]);
      expect(rows[0]?.milliseconds).toHaveLength(2);
      expect(runningCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  test('an engine that starts after it was given up is ended then', async () => {
    vi.useFakeTimers();
    try {
      const { venue, runningCount } = pretend({});
      let arrive = (): void => undefined;
      const start = (engine: ComparedEngine): Promise<EngineHandle> =>
        engine === 'tfjs'
          ? new Promise((resolve) => (arrive = () => void venue.start(engine).then(resolve)))
          : venue.start(engine);
      const measuring = measure({ ...venue, start });
      await vi.advanceTimersByTimeAsync(600_000);
      expect((await measuring).rows[2]?.problem?.kind).toBe('cannot');
      arrive();
      await vi.advanceTimersByTimeAsync(1);
      expect(runningCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  test('NaN is wrong', async () => {
    const result = await measure(pretend({ tfjs: { output: [1, 2, NaN] } }).venue);
    expect(result.rows[2]?.problem?.kind).toBe('wrong');
  });

  test('a peer that fails in a round keeps no timings', async () => {
    const result = await measure(pretend({ tfjs: { turns: 1 } }).venue);
    expect(result.rows[2]).toMatchObject({
      milliseconds: [],
      problem: { kind: 'cannot', message: 'It went away' },
    });
    expect(result.rows[3]?.milliseconds).toHaveLength(2);
  });

  test('where this engine is wrong nothing is timed', async () => {
    const { venue, calls, runningCount } = pretend({ 'unispeech-webgpu': { output: [0, 0, 0, 0] } });
    const result = await measure(venue, GEMM);
    expect(result.rows).toHaveLength(1);
    expect(result.rows[0]?.problem?.kind).toBe('wrong');
    expect(calls).toEqual([]);
    expect(runningCount()).toBe(0);
  });
});
