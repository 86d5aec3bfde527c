/** Phonemes that were heard, and pronunciations that are scored, of made-up frames. */
import { describe, expect, test } from 'vitest';
import { insertionsIn } from '../../src/phones/insertions.ts';
import { phones } from '../../src/phones/phones.ts';
import { pronunciation } from '../../src/phones/pronunciation.ts';
import type { EmissionSource } from '../../src/pipelines/emissions.ts';
import { INFO, LABELS, logitsOf, sourceOf } from './made-up-source.ts';

const near = (value: number): unknown => expect.closeTo(value, 9);
/** The probability of the likeliest label of a frame. */
const SURE = Math.exp(6) / (Math.exp(6) + 10);

const delimited = { word_delimiter: 2 };

describe('phones', () => {
  test('are the runs of frames without blanks, delimiters and columns without a name, wherever windows end', async () => {
    const whole = await phones(sourceOf(['_ a a _ a | tʃ  t t t <unk>'], delimited), 'clip.wav');
    expect(whole).toEqual({
      text: 'a a tʃ t <unk>',
      seconds: 0.225,
      phones: [
        { text: 'a', start: near(0.0225), end: near(0.0625), score: near(SURE) },
        { text: 'a', start: near(0.0825), end: near(0.1025), score: near(SURE) },
        { text: 'tʃ', start: near(0.1225), end: near(0.1425), score: near(SURE) },
        { text: 't', start: near(0.1425), end: near(0.2025), score: near(SURE) },
        { text: '<unk>', start: near(0.2025), end: near(0.2225), score: near(SURE) },
      ],
      warnings: ['a hole'],
    });
    expect(await phones(sourceOf(['_ a', 'a _ a |', 'tʃ  t', 't t <unk>'], delimited), 'clip.wav')).toEqual(
      whole,
    );
  });

  test('have the mean, the least or the largest posterior of their frames, of which a temperature takes some', async () => {
    const source = sourceOf(['a a~o']);
    const scoreOf = async (options: object) =>
      (await phones(source, 'clip.wav', options)).phones[0]?.score ?? NaN;
    const [mean, min, max] = await Promise.all(
      ['mean', 'min', 'max'].map((confidence) => scoreOf({ confidence })),
    );
    expect(max).toBeCloseTo(SURE, 9);
    expect(min).toBeLessThan(0.63);
    expect(mean).toBeCloseTo(((max ?? 0) + (min ?? 0)) / 2, 9);
    expect(await scoreOf({ confidence: 'max', temperature: 2 })).toBeCloseTo(
      Math.exp(3) / (Math.exp(3) + 10),
      9,
    );
  });

  test('come with visemes up to the end of the clip', async () => {
    const { visemes, unknown } = await phones(sourceOf(['a _ tʃ <unk>']), 'clip.wav', {
      return_visemes: true,
    });
    expect(visemes?.map(({ viseme }) => viseme)).toEqual(['sil', 'aa', 'CH', 'sil']);
    expect(visemes?.at(-1)?.end).toBe(0.085);
    expect(unknown).toEqual(['<unk>']);
  });

  test('of silence are none', async () => {
    expect(await phones(sourceOf(['_ _ _']), 'clip.wav')).toMatchObject({ text: '', phones: [] });
  });

  test('need a recogniser of phonemes, and known options', async () => {
    const letters = { units: 'characters', labels: ['<pad>', '<unk>', '|', 'A', 'B'] } as const;
    await expect(phones(sourceOf(['a'], { ...letters, word_delimiter: 2 }), '')).rejects.toThrow(
      'phones() needs a model of phonemes, but this one writes letters (A, B, …)',
    );
    const call = phones as (...args: readonly unknown[]) => Promise<unknown>;
    for (const wrong of [undefined, null, 5, {}, { emissions: 1 }])
      await expect(call(wrong, '')).rejects.toThrow('The recognizer is');
    const source = sourceOf(['a']);
    await expect(call(source, '', { return_timestamps: 'word' })).rejects.toThrow(
      'no option "return_timestamps"',
    );
    await expect(call(source, '', { confidence: 'median' })).rejects.toThrow(
      "must be 'mean', 'min' or 'max'",
    );
    await expect(call(source, '', { temperature: 0 })).rejects.toThrow('temperature is 0');
    await expect(call(source, '', { return_visemes: 'yes' })).rejects.toThrow('return_visemes is "yes"');
  });
});

const said = '_ o o _ l _ a a _ _ t _ a _ _ ';

describe('pronunciation', () => {
  test('of what was said is nearly 1, with the times of the best alignment', async () => {
    const result = await pronunciation(
      sourceOf([said.slice(0, 10), said.slice(10)]),
      'clip.wav',
      'o l a | t a',
    );
    expect(result.heard).toBe('o l a t a');
    expect(result.score).toBeGreaterThan(0.95);
    expect(result.insertions).toEqual([]);
    expect(result.warnings).toEqual(['a hole']);
    expect(result.seconds).toBe(15 / 50 + 0.005);
    expect(result.phones.map(({ text, heard, error, log_ratio }) => [text, heard, error, log_ratio])).toEqual(
      ['o', 'l', 'a', 't', 'a'].map((text) => [text, text, null, 0]),
    );
    for (const { score, gop, gop_deletion } of result.phones) {
      expect(score).toBeCloseTo(Math.exp(gop_deletion), 12);
      expect(gop).toBeLessThanOrEqual(0);
      expect(gop_deletion).toBeLessThanOrEqual(gop);
    }
    expect(result.words).toEqual([
      expect.objectContaining({ text: 'o l a', start: near(0.0225), end: near(0.1625), phones: [0, 3] }),
      expect.objectContaining({ text: 't a', start: near(0.2025), end: near(0.2625), phones: [3, 5] }),
    ]);
    const scores = result.phones.map(({ score }) => score);
    expect(result.words[0]?.score).toBeCloseTo(
      ((scores[0] ?? 0) + (scores[1] ?? 0) + (scores[2] ?? 0)) / 3,
      12,
    );
    expect(result.score).toBeCloseTo(scores.reduce((sum, score) => sum + score, 0) / 5, 12);
    expect(result.gop).toBeCloseTo(result.phones.reduce((sum, { gop }) => sum + gop, 0) / 5, 12);
  });

  test('says what was heard instead: another phoneme, none, or one too many', async () => {
    const result = await pronunciation(sourceOf([said]), 'clip.wav', 'o ʃ a ɛ\u0303 | t a');
    const errors = result.phones.map(({ text, heard, error }) => [text, heard, error]);
    expect(errors).toEqual([
      ['o', 'o', null],
      ['ʃ', 'l', 'substitution'],
      ['a', 'a', null],
      ['ɛ\u0303', null, 'deletion'],
      ['t', 't', null],
      ['a', 'a', null],
    ]);
    for (const { error, log_ratio, score } of result.phones) {
      expect(log_ratio > 1).toBe(error !== null);
      expect(score < 0.1).toBe(error !== null);
    }
    const longer = await pronunciation(sourceOf([said]), 'clip.wav', 'o a | t');
    expect(longer.insertions).toEqual([
      { text: 'l', start: near(0.0825), end: near(0.1025), score: near(SURE), before: 1 },
      { text: 'a', start: near(0.2425), end: near(0.2625), score: near(SURE), before: 3 },
    ]);
    // The l is inside the first word, the last a in none.
    const [first, second] = longer.words;
    const [o, a, t] = longer.phones.map(({ score }) => score);
    expect(first?.score).toBeCloseTo(((o ?? 0) + (a ?? 0)) / (2 + SURE), 12);
    expect(second?.score).toBe(t);
    expect(longer.score).toBeCloseTo(((o ?? 0) + (a ?? 0) + (t ?? 0)) / (3 + 2 * SURE), 12);
  });

  test('a model that writes delimiters expects one between words', async () => {
    const frames = '_ o _ | | a _';
    const withDelimiter = await pronunciation(sourceOf([frames], delimited), '', 'o | a');
    expect(withDelimiter.score).toBeGreaterThan(0.95);
    expect(withDelimiter.phones).toHaveLength(2);
    expect(withDelimiter.insertions).toEqual([]);
    const oneWord = await pronunciation(sourceOf([frames], delimited), '', 'o a');
    expect(oneWord.log_prob).toBeLessThan(withDelimiter.log_prob - 5);
  });

  test('takes words with a lexicon, and gives features for regressions', async () => {
    const lexicon = { hola: 'o l a', ta: 't a' };
    const { words, phones: found } = await pronunciation(sourceOf([said]), '', 'Hola, ta!', {
      lexicon,
      return_features: true,
    });
    expect(words.map(({ text }) => text)).toEqual(['Hola,', 'ta!']);
    const { features, gop = NaN } = found[0] ?? {};
    expect(Object.keys(features?.lpr ?? {})).toEqual(['|', 'a', 'o', 't', 'tʃ', 'ɛ\u0303', 'ʃ', 'l']);
    expect(features?.lpr.o).toBeCloseTo(0, 9);
    const sum = Object.values(features?.lpr ?? {}).reduce((total, ratio) => total + Math.exp(-ratio), 0);
    expect(gop).toBeCloseTo(-Math.log(sum), 9);
    expect(features?.lpr_deletion).toBeGreaterThan(1);
    expect(features).toMatchObject({ gop_nn: 0, max_logit: 6, mean_margin: 6, var_logit: 0 });
    expect(features?.lpp).toBeCloseTo(Math.log(SURE), 9);
    expect(features?.gop_sa).toBeCloseTo(Math.log(SURE), 9);
    expect((await pronunciation(sourceOf([said]), '', 'o')).phones[0]).not.toHaveProperty('features');
  });

  test('a temperature makes scores milder', async () => {
    const scoreAt = async (temperature: number) =>
      (await pronunciation(sourceOf([said]), '', 'o ʃ a | t a', { temperature })).phones[1]?.score ?? NaN;
    expect(await scoreAt(3)).toBeGreaterThan(10 * (await scoreAt(1)));
  });

  test('what cannot be scored is an error of one sentence', async () => {
    const of = (frames: string | Float32Array, expected: unknown, options?: object) =>
      pronunciation(sourceOf([frames]), '', expected as string, options);
    await expect(of('a', 'a a')).rejects.toMatchObject({
      code: 'too-short',
      sentence: 'The audio has 1 frames, but 2 expected tokens need at least 3.',
    });
    await expect(of('', 'a')).rejects.toMatchObject({ code: 'too-short' });
    await expect(of('a', 'q')).rejects.toThrow('no phoneme "q"');
    await expect(of('a', ' ')).rejects.toThrow('nothing to say');
    await expect(of('a', 'a', { lexicon: 1 })).rejects.toThrow('lexicon is 1');
    await expect(of('a', 'a', { return_features: 1 })).rejects.toThrow('return_features is 1');
    await expect(of('a', 'a', { cut: 'fixed' })).rejects.toThrow('no option "cut"');
    await expect(of(logitsOf('a t').fill(NaN, 11), 'a')).rejects.toThrow(
      'The logits of frame 1 are not numbers',
    );
    await expect(of(logitsOf('a t').fill(Infinity, 11), 'a')).rejects.toThrow('frame 1 have no softmax');
    const impossible = logitsOf('a').fill(-Infinity, 4, 5);
    await expect(of(impossible, 'a')).rejects.toMatchObject({ code: 'no-path' });
    await expect(of('a '.repeat(3000), 'a t '.repeat(1500))).rejects.toMatchObject({
      code: 'limit-exceeded',
    });
  });
});

describe('a long recording', () => {
  const wide = [...LABELS, ...Array.from({ length: 4096 - LABELS.length }, (_, id) => `q${id}`)];
  test.each([
    ['its sums have room', 'a t '.repeat(20), LABELS, 65_536, 1, '40 tokens with 131072 frames need'],
    ['sums of one phoneme have room', 'a', LABELS, 65_536, 42, '1 tokens with 2818048 frames need'],
    ['its logits have room', 'a', wide, 1024, 8, '9216 frames of 4096 labels or more, but at most 8192'],
  ])('is read no further than %s', async (_name, expected, labels, frameCount, lastPart, message) => {
    const data = new Float32Array(frameCount * labels.length);
    let part = 0;
    let hasEnded = false;
    const source: EmissionSource = {
      emissionInfo: () => Promise.resolve({ ...INFO, labels }),
      async *emissions() {
        try {
          for (; part < 100; part += 1) {
            await Promise.resolve();
            const startSample = part * frameCount * 320;
            const progress = { seconds: startSample / 16_000, rate: 1, chunk_length_s: 0 };
            yield { data, frameCount, vocabSize: labels.length, startSample, progress };
          }
        } finally {
          hasEnded = true;
        }
      },
    };
    const scored = pronunciation(source, 'clip.wav', expected);
    await expect(scored).rejects.toMatchObject({ code: 'limit-exceeded' });
    await expect(scored).rejects.toThrow(message);
    expect(part).toBe(lastPart);
    expect(hasEnded).toBe(true);
  });

  test('is scored in turns with other work, which can end it', async () => {
    const source = sourceOf([said.repeat(100)]);
    const expected = 'o ʃ a | t '.repeat(100);
    const controller = new AbortController();
    const reason = new Error('enough');
    // Without turns it would be called when all is done.
    const timer = setTimeout(() => {
      controller.abort(reason);
    }, 100);
    await expect(pronunciation(source, '', expected, { signal: controller.signal })).rejects.toBe(reason);
    clearTimeout(timer);
    const gone = { signal: AbortSignal.abort(reason) };
    await expect(pronunciation(sourceOf(['a']), '', 'a', gone)).rejects.toBe(reason);
  });

  test('with more errors in a row than rounds says that not all were looked for', async () => {
    // Each place is surer of its error than the one before it, so a round changes one.
    const rising = Array.from({ length: 50 }, (_, place) => logitsOf('_ l _', 1 + place / 5));
    const { phones: scored, warnings } = await pronunciation(sourceOf(rising), '', 't '.repeat(50));
    expect(warnings).toEqual(['a hole', expect.stringContaining('not all of its errors')]);
    const errors = scored.map(({ error }) => error);
    expect(errors).toContain(null);
    expect(errors.slice(-10)).toEqual(new Array(10).fill('substitution'));
  });
});

test('one error does not make its neighbours wrong, and several are found one by one', async () => {
  const heardFor = async (said: string, expected: string) => {
    const result = await pronunciation(
      sourceOf([
        said
          .split('')
          .map((name) => `_ ${name} _`)
          .join(' '),
      ]),
      '',
      expected,
    );
    for (const { score, error, log_ratio } of result.phones) {
      expect(score > 0.9).toBe(error === null);
      expect(log_ratio > 3).toBe(error !== null);
    }
    return result.phones
      .map(({ text, heard }) => (heard === text ? text : `${text}>${heard ?? ''}`))
      .join(' ');
  };
  expect(await heardFor('otal', 'o t l a l')).toBe('o t l> a l');
  expect(await heardFor('otal', 'o t a ʃ l')).toBe('o t a ʃ> l');
  expect(await heardFor('otal', 'ʃ o t a l ʃ')).toBe('ʃ> o t a l ʃ>');
  expect(await heardFor('otalot', 'o l a t a o ʃ')).toBe('o l>t a t> a>l o ʃ>t');
  expect(await heardFor('o', 't a l')).toBe('t> a> l>o');
  expect(await heardFor('ʃ', 't')).toBe('t>ʃ');
  expect(await heardFor('_', 't')).toBe('t>');
  expect(await heardFor('_', 't a')).toBe('t> a>');
});

test('insertions are those of the shortest edit distance', () => {
  const of = (heard: string, expected: string) => insertionsIn(Array.from(heard), Array.from(expected));
  expect(of('', '')).toEqual([]);
  expect(of('abc', 'abc')).toEqual([]);
  expect(of('ab', '')).toEqual([
    { heard: 0, before: 0 },
    { heard: 1, before: 0 },
  ]);
  expect(of('', 'ab')).toEqual([]);
  expect(of('axbc', 'abc')).toEqual([{ heard: 1, before: 1 }]);
  expect(of('abcx', 'abc')).toEqual([{ heard: 3, before: 3 }]);
  expect(of('xbc', 'abc')).toEqual([]);
});
