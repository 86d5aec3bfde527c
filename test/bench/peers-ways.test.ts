/** How the engines of the peers suite choose among several ways to do one operation, with libraries that only pretend. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { OnnxEngine, type OnnxHost, type OrtSession, type OrtTensor } from '../../bench/peers/onnx-engine.ts';
import type { TfTensor } from '../../bench/peers/tfjs-api.ts';
import { fastest, type Trial } from '../../bench/peers/tfjs-ways.ts';
import { workloadData } from '../../bench/peers/workloads.ts';

class FakeTensor implements OrtTensor {
  constructor(
    readonly type: 'float32',
    readonly data: Float32Array,
    readonly dims: readonly number[],
  ) {}
}

interface Pretence {
  readonly placement?: string;
  readonly run?: string;
  readonly output?: readonly number[];
}

/** ONNX Runtime with attention in plain operators (whose graph has a Softmax) and fused. */
function onnxHost(plain: Pretence, fused: Pretence): OnnxHost {
  const pretenceOf = (model: unknown): Pretence =>
    new TextDecoder().decode(model as Uint8Array).includes('Softmax') ? plain : fused;
  const fail = (message: string | undefined): void => {
    if (message !== undefined) throw new Error(message);
  };
  return {
    name: 'pretended',
    version: '1',
    ort: {
      Tensor: FakeTensor,
      InferenceSession: {
        create: (model) =>
          Promise.resolve<OrtSession>({
            run(feeds) {
              // The trivial model has one input, and no part in this.
              const { run, output = [1, 2] } = 'x' in feeds ? {} : pretenceOf(model);
              return Promise.resolve().then(() => {
                fail(run);
                return { out: new FakeTensor('float32', Float32Array.from(output), [2]) };
              });
            },
            release: () => Promise.resolve(),
            endProfiling: () => undefined,
          }),
      },
    },
    adapter: () => Promise.resolve(''),
    model: () => Promise.reject(new Error('no model')),
    placement: (model) =>
      Promise.resolve().then(() => {
        fail(pretenceOf(model).placement);
        return '1 node on WebGPU';
      }),
  };
}

describe('ways of ONNX Runtime', () => {
  const workload = { kind: 'attention', name: 'a', frames: 1, heads: 1, headSize: 2 } as const;
  const prepare = async (plain: Pretence, fused: Pretence) =>
    (await OnnxEngine.open(onnxHost(plain, fused))).prepare(workload, workloadData(workload));

  test('one that cannot be prepared or run leaves the other', async () => {
    const broken = { placement: 'no such operator\n    here' };
    const withoutFused = await prepare({}, broken);
    expect(withoutFused.remark).toBe(
      'MatMul, Mul, Softmax, MatMul: 1 node on WebGPU; MultiHeadAttention cannot run here: no such operator',
    );
    expect([...(await withoutFused.run())]).toEqual([1, 2]);
    const withoutPlain = await prepare({ run: 'lost' }, { output: [3, 4] });
    expect(withoutPlain.remark).toBe(
      'MultiHeadAttention: 1 node on WebGPU; MatMul, Mul, Softmax, MatMul cannot run here: lost',
    );
    expect([...(await withoutPlain.run())]).toEqual([3, 4]);
    await expect(prepare({ run: 'lost' }, broken)).rejects.toThrow(
      'MatMul, Mul, Softmax, MatMul cannot run here: lost; MultiHeadAttention cannot run here: no such operator',
    );
  });

  test('one that differs from the first is dropped', async () => {
    const work = await prepare({}, { output: [1, 2.01] });
    expect(work.remark).toMatch(/MultiHeadAttention differs from it by 5\.0e-3 of the largest here$/);
    expect([...(await work.run())]).toEqual([1, 2]);
  });
});

describe('ways of TensorFlow.js', () => {
  // A clock that only the runs move.
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['performance'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const tf = { tidy: <T>(work: () => T): T => work() };
  /** Ways with the time and the output of a run, and how many of their tensors are left. */
  function pretend(ways: Readonly<Record<string, readonly [milliseconds: number, ...output: number[]]>>) {
    let tensorCount = 0;
    const tensor = (data: () => Promise<Float32Array>): TfTensor => {
      tensorCount++;
      return { shape: [], data, dispose: () => tensorCount-- };
    };
    const trialOf = (way: string): Trial => {
      const [milliseconds = 0, ...output] = ways[way] ?? [];
      const run = (): TfTensor =>
        tensor(() => {
          vi.advanceTimersByTime(milliseconds);
          return Promise.resolve(Float32Array.from(output));
        });
      const weight = tensor(() => Promise.resolve(new Float32Array()));
      return { ops: { dispose: () => undefined }, tensors: [weight], run };
    };
    return { ways: Object.keys(ways), trialOf, tensorCount: () => tensorCount };
  }

  test('the fastest is taken', async () => {
    const { ways, trialOf, tensorCount } = pretend({ slow: [40, 1, 2], fast: [1, 1, 2.0001] });
    expect(await fastest(tf, ways, trialOf)).toEqual({ way: 'fast', remark: 'fast' });
    expect(tensorCount()).toBe(0);
  });

  test('one that differs from the first is dropped, however fast', async () => {
    const { ways, trialOf } = pretend({ slow: [20, 1, 2], wrong: [1, 1, 2.01], worse: [1, NaN, 2] });
    expect(await fastest(tf, ways, trialOf)).toEqual({
      way: 'slow',
      remark:
        'slow (wrong differs from slow by 5.0e-3 of the largest here; worse differs from slow by NaN of the largest here)',
    });
  });
});
