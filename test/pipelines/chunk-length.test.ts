/** The length of pieces that fits an adapter and a model. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { benchConfig } from '../../bench/lib/bench-config.ts';
import { UniSpeechError } from '../../src/base/errors.ts';
import { pickLengths } from '../../src/pipelines/chunk-length.ts';
import { planClip } from '../../src/speech/core/model-plans.ts';
import { UniSpeechConfig } from '../../src/speech/families/unispeech.ts';
import { CTC_HEAD } from '../../src/speech/heads/ctc.ts';
import { adapter } from '../helpers/planned.ts';
import { modelFolder } from '../helpers/clips.ts';
import { loadArchitecture } from '../../src/speech/heads/architecture.ts';

const DEMO = UniSpeechConfig.fromJson(JSON.parse(readFileSync(`${modelFolder}/config.json`, 'utf8')));

describe('by memory', () => {
  test.each([
    [1000, 30],
    [300, 30],
    [299, 20],
    [120, 10],
    [1, 5],
  ])('with room for %i bytes: %i', (budget, seconds) => {
    const costOf = (length: number) => ({ activationByteLength: 10 * length, flops: length });
    expect(pickLengths(costOf, budget)).toEqual({ piece: seconds, batch: seconds });
  });

  test('what the adapter cannot run does not fit, and other errors are none of memory', () => {
    const limited = (seconds: number) => {
      if (seconds > 12) throw new UniSpeechError('limit-exceeded', 'Too long.');
      return { activationByteLength: 1, flops: seconds };
    };
    expect(pickLengths(limited, 100)).toEqual({ piece: 10, batch: 10 });
    const broken = (): never => {
      throw new TypeError('broken');
    };
    expect(() => pickLengths(broken, 100)).toThrow('broken');
  });
});

describe('by operations', () => {
  /** One operation a second, and some for each second of the piece. */
  const pick = (share: number, budget = 1000) =>
    pickLengths((length) => ({ activationByteLength: length, flops: length * (1 + share * length) }), budget);

  test.each([
    [0, 30],
    [0.0138, 30],
    [0.0145, 20],
    [0.034, 15],
    [1, 10],
  ])('with a share of %f of the length in each second: %i, and batches as memory allows', (share, piece) => {
    expect(pick(share)).toEqual({ piece, batch: 30 });
  });

  test('only lengths that fit are compared', () => {
    expect(pick(1, 15)).toEqual({ piece: 10, batch: 15 });
    expect(pick(1, 5)).toEqual({ piece: 5, batch: 5 });
  });

  test.each([
    ['the model of the demo', DEMO, 15],
    ['a base model', benchConfig('base'), 30],
    ['a large model', benchConfig('large'), 30],
  ])('of %s: pieces of %s s', async (_, config, seconds) => {
    const architecture = await loadArchitecture(config, CTC_HEAD);
    const costOf = (length: number) => {
      const { steps, memory } = planClip(architecture, adapter(8), length);
      return {
        flops: steps.reduce((sum, { call }) => sum + call.flops, 0),
        activationByteLength: memory.slabByteLengths.reduce((sum, byteLength) => sum + byteLength, 0),
      };
    };
    expect(pickLengths(costOf, 2 ** 28)).toEqual({ piece: seconds, batch: 30 });
  });
});
