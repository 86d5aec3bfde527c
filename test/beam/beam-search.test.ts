import { describe, expect, test } from 'vitest';
import { BeamSearchDecoder } from '../../src/beam/beam-decoder.ts';
import { BeamSearch } from '../../src/beam/beam-search.ts';
import type { Hypothesis } from '../../src/beam/hypothesis.ts';
import { createBeamDecoder } from '../../src/beam/create-decoder.ts';
import { labelSet, normalizedLabels } from '../../src/beam/labels.ts';
import { LanguageModel } from '../../src/beam/language-model.ts';
import { PrefixIndex } from '../../src/beam/prefix-index.ts';
import { Scorer } from '../../src/beam/scorer.ts';
import { SeededRandom } from '../../src/base/seeded-random.ts';
import { arpaOf, type BeamCase, framesOf, vectors } from './vectors.ts';

const { labels, cases } = vectors.beam;

async function decoderOf({ lm, lm_options, unigrams }: BeamCase): Promise<BeamSearchDecoder> {
  const languageModel =
    lm === null
      ? undefined
      : await LanguageModel.load(arpaOf(lm), { unigrams: unigrams === 'arpa' ? null : (unigrams ?? []) });
  // An empty list is not the same as none.
  const model =
    languageModel && unigrams === null ? new LanguageModel(languageModel.ngrams, undefined) : languageModel;
  return createBeamDecoder({ labels, language_model: model, unigrams: null, compat: true, ...lm_options });
}

describe('beams of pyctcdecode', () => {
  test.each(cases)('$name', async (each) => {
    const decoder = await decoderOf(each);
    const { options, input, values, beams, n_beams, next } = each;
    const got = decoder.decode_beams(framesOf(values, 32), { ...options, input });
    expect(got).toHaveLength(n_beams);
    for (const [index, { text, logit_score, score, words = [] }] of beams.entries()) {
      expect(got[index]?.text).toBe(text);
      expect(got[index]?.logit_score).toBeCloseTo(logit_score, 4);
      expect(got[index]?.score).toBeCloseTo(score, 4);
      expect(got[index]?.words).toEqual(
        words.map(([word, start_offset, end_offset]) => ({ word, start_offset, end_offset })),
      );
    }
    if (!next) return;
    const then = decoder.decode_beams(framesOf(next.values, 32), {
      ...options,
      lm_start_state: got[0]?.lm_state,
    });
    for (const [index, { text, score }] of next.beams.entries()) {
      expect(then[index]?.text).toBe(text);
      expect(then[index]?.score).toBeCloseTo(score, 4);
    }
  });

  test('all 26 are there, and one of them goes on', () => {
    expect(cases).toHaveLength(26);
    expect(cases.filter(({ next }) => next)).toHaveLength(1);
  });
});

/** Numbers from 0 to 1. */
function randomOf(seed: number): () => number {
  const random = new SeededRandom(seed);
  return () => random.uniform();
}

/** Frames in which some letters are likely and the others nearly are. */
function noisyFrames(seed: number, frameCount: number, vocabSize: number): number[][] {
  const random = randomOf(seed);
  return Array.from({ length: frameCount }, () => {
    const row = Array.from({ length: vocabSize }, () => 3 * random() - 1.5);
    row[Math.floor(random() * vocabSize)] = 5;
    if (random() < 0.3) row[0] = 6;
    if (random() < 0.2) row[4] = 6;
    return row;
  });
}

/** As float32, since that is what decoders get. */
const flat = (rows: readonly (readonly number[])[]): Float32Array => Float32Array.from(rows.flat());

describe('frames that come bit by bit', () => {
  test.each([
    ['without a language model', {}, false],
    ['with one', {}, true],
    ['with twins pruned', { prune_history: true }, true],
    ['with hotwords', { hotwords: ['EA', 'TON'], hotword_weight: 3 }, true],
  ])('give what they give at once, %s', async (_, options, hasModel) => {
    const language_model = hasModel ? await LanguageModel.load(arpaOf('lm3')) : undefined;
    const decoder = await createBeamDecoder({ labels, language_model, beam_width: 20, ...options });
    for (let seed = 1; seed <= 20; seed += 1) {
      const rows = noisyFrames(seed, 60, 32);
      const whole = decoder.decode_beams(framesOf(rows, 32));
      const session = decoder.start();
      const random = randomOf(1000 + seed);
      for (let start = 0; start < rows.length;) {
        const count = Math.floor(random() * 9);
        session.push(framesOf(rows.slice(start, start + count), 32));
        // Interim results change nothing.
        if (random() < 0.3) session.beams();
        start += count;
      }
      expect(session.finish()).toEqual(whole);
    }
  });

  test('nodes that are let go of change nothing, whatever words were taken before', async () => {
    const { ngrams, unigrams } = await LanguageModel.load(arpaOf('lm3'));
    const set = labelSet(normalizedLabels(labels), 'labels');
    for (const prunesHistory of [false, true]) {
      const search = (spareNodes: number): BeamSearch =>
        new BeamSearch(
          set,
          new Scorer({
            model: ngrams,
            unigrams,
            hotwords: new PrefixIndex(['AT']),
            weights: { alpha: 0.5, beta: 1.5, unknownOffset: -10, hasBoundary: true, hotwordWeight: 4 },
            isCompatible: false,
          }),
          {
            beamWidth: 12,
            beamMargin: -10,
            leastLogProbability: -5,
            prunesHistory,
            readsProbabilities: false,
            spareNodes,
          },
        );
      const [plain, forgetful, taking] = [search(2 ** 16), search(1), search(1)];
      const taken: string[] = [];
      const timed: string[] = [];
      const rows = noisyFrames(7, 600, 32);
      for (const [frame, row] of rows.entries()) {
        for (const each of [plain, forgetful, taking]) each.push(flat([row]), 1, frame, 1);
        if (frame % 50 === 49) {
          taken.push(...taking.take(false, false).map(({ text }) => text));
          timed.push(...plain.take(true, true).map((word) => JSON.stringify(word)));
        }
      }
      const expected = plain.hypotheses();
      expect(forgetful.hypotheses()).toEqual(expected);
      const rest = taking.hypotheses(taking.takenCount);
      expect(taken.length).toBeGreaterThan(20);
      const textOf = ({ words }: Hypothesis): string[] => words.map(({ text }) => text);
      for (const [index, hypothesis] of expected.entries()) {
        expect([...taken, ...textOf(rest[index] ?? hypothesis)]).toEqual(textOf(hypothesis));
        expect(rest[index]?.score).toBe(hypothesis.score);
        expect(rest[index]?.words).toEqual(hypothesis.words.slice(taken.length));
        expect(hypothesis.words.slice(0, timed.length).map((word) => JSON.stringify(word))).toEqual(timed);
      }
    }
  });

  test('what is kept does not grow with the clip', async () => {
    const decoder = await createBeamDecoder({ labels, beam_width: 10 });
    const kind = decoder.create({
      tokenizer: undefined as never,
      sampleRate: 16000,
      samplesPerFrame: 320,
      timestamps: undefined,
    });
    let givenCount = 0;
    for (let window = 0; window < 200; window += 1) {
      const frames = framesOf(noisyFrames(window % 5, 100, 32), 32);
      kind.push({ ...frames, startSample: window * 100 * 320 });
      givenCount += kind.take().text.split(' ').length;
    }
    // 20,000 frames: nearly all words came before the end.
    expect(givenCount).toBeGreaterThan(1000);
    expect(kind.finish().text.split(' ').length).toBeLessThan(70);
  });
});

/** A language model of two letters, in which AB is likelier behind A. */
const TINY_ARPA = [
  '\\data\\',
  'ngram 1=6',
  'ngram 2=3',
  '',
  '\\1-grams:',
  '-99\t<s>\t-0.3',
  '-0.7\t</s>',
  '-2\t<unk>',
  '-0.6\tA\t-0.2',
  '-0.9\tB\t-0.1',
  '-1.1\tAB\t0',
  '',
  '\\2-grams:',
  '-0.3\t<s> A',
  '-0.2\tA AB',
  '-0.4\tAB </s>',
  '',
  '\\end\\',
].join('\n');

const LETTERS = ['', ' ', 'A', 'B'];

/** The text of a path of labels: equal neighbours are one, blanks fall out, spaces separate words. */
const spelled = (path: readonly number[]): string =>
  path
    .filter((label, index) => label !== path[index - 1])
    .map((label) => LETTERS[label] ?? '')
    .join('')
    .split(' ')
    .filter((word) => word !== '')
    .join(' ');

function* allPaths(frameCount: number): Generator<readonly number[]> {
  for (let number = 0; number < 4 ** frameCount; number += 1)
    yield Array.from({ length: frameCount }, (_, frame) => Math.floor(number / 4 ** frame) % 4);
}

describe('brute force', () => {
  test('without pruning the score of each text is the sum over all of its paths, in 1,000 cases', async () => {
    const model = await LanguageModel.load(Buffer.from(TINY_ARPA));
    const all = {
      labels: LETTERS,
      beam_width: 10_000,
      beam_prune_logp: -Infinity,
      token_min_logp: -Infinity,
    };
    const decoder = await createBeamDecoder({ ...all, language_model: model, alpha: 0.8, beta: 0.4 });
    const natural = Math.log(10);
    for (let seed = 1; seed <= 1000; seed += 1) {
      const random = randomOf(seed);
      const frameCount = 1 + (seed % 4);
      const rows = Array.from({ length: frameCount }, () => Array.from(LETTERS, () => 4 * random() - 2));
      const data = flat(rows);
      const logs = rows.map((_, frame) => {
        const row = data.subarray(4 * frame, 4 * frame + 4);
        const sum = Math.log(row.reduce((total, value) => total + Math.exp(value), 0));
        return Array.from(row, (value) => value - sum);
      });
      const sums = new Map<string, number>();
      for (const path of allPaths(frameCount)) {
        const probability = Math.exp(
          path.reduce((sum, label, frame) => sum + (logs[frame]?.[label] ?? 0), 0),
        );
        const text = spelled(path);
        sums.set(text, (sums.get(text) ?? 0) + probability);
      }
      const expected = Array.from(sums, ([text, probability]) => {
        const words = text === '' ? [] : text.split(' ');
        const unknownCount = words.filter((word) => !model.has(word)).length;
        const log10 = model.score(text) - 10 * unknownCount;
        return {
          text,
          sound: Math.log(probability),
          score: Math.log(probability) + 0.8 * natural * log10 + 0.4 * words.length,
        };
      }).sort((a, b) => b.score - a.score);
      const got = decoder.decode_beams({ data, frameCount, vocabSize: 4 });
      expect(got).toHaveLength(expected.length);
      for (const { text, sound, score } of expected) {
        const found = got.find((hypothesis) => hypothesis.text === text);
        expect(found?.logit_score).toBeCloseTo(sound, 9);
        expect(found?.score).toBeCloseTo(score, 4);
      }
      expect(got[0]?.score).toBeCloseTo(expected[0]?.score ?? NaN, 4);
    }
  });
});
