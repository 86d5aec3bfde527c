import { describe, expect, test, vi } from 'vitest';
import { bestOf } from '../../src/beam/beams.ts';
import { beamDecoder, createBeamDecoder } from '../../src/beam/create-decoder.ts';
import { labelsOfTokenizer, normalizedLabels } from '../../src/beam/labels.ts';
import { LanguageModel } from '../../src/beam/language-model.ts';
import { PrefixIndex } from '../../src/beam/prefix-index.ts';
import { splitLines, splitWords } from '../../src/beam/python-text.ts';
import { SeededRandom } from '../../src/base/seeded-random.ts';
import { Tensor } from '../../src/base/tensor.ts';
import { Wav2Vec2CTCTokenizer } from '../../src/text/ctc-tokenizer.ts';
import { Wav2Vec2PhonemeCTCTokenizer } from '../../src/text/phoneme-tokenizer.ts';
import { arpaOf, vectors } from './vectors.ts';

const LABELS = ['', ' ', 'A', 'B'];
/** Frames in which one label is nearly sure. */
const peaks = (...labels: readonly number[]): Float32Array =>
  Float32Array.from(labels.flatMap((label) => LABELS.map((_, index) => (index === label ? 12 : 0))));
const frames = (...labels: readonly number[]) => ({
  data: peaks(...labels),
  frameCount: labels.length,
  vocabSize: 4,
});

describe('labels', () => {
  test.each([
    [
      ['<pad>', '|', 'A', '<unk>'],
      ['', ' ', 'A', '⁇'],
    ],
    [
      ['[PAD]', '|', ' ', '[unk]'],
      ['', '|', ' ', '⁇'],
    ],
    [
      ['_', 'A', '|'],
      ['', 'A', ' '],
    ],
    [
      ['<PAD>', '_', 'A'],
      ['', '_', 'A'],
    ],
    [
      ['', '_', '<pad>'],
      ['', '_', '<pad>'],
    ],
    [
      ['A', ' '],
      ['A', ' ', ''],
    ],
  ])('of %j are %j', (tokens, labels) => {
    expect(normalizedLabels(tokens)).toEqual(labels);
  });

  test.each([
    [['', 'A', 'A'], 'has "A" twice, in columns 1 and 2'],
    [['', '##A'], 'a piece of a word'],
    [['', 'A B'], 'labels[1] is "A B"'],
    [[''], undefined],
    ['ABC', 'labels is "ABC"'],
  ])('%j: %s', async (labels, message) => {
    const making = createBeamDecoder({ labels: labels as string[] });
    if (message === undefined) await expect(making).resolves.toBeDefined();
    else await expect(making).rejects.toThrow(message);
  });

  test('of a tokenizer are by id, lower-cased with its texts, and have holes', () => {
    const tokenizer = new Wav2Vec2CTCTokenizer(
      { '<pad>': 0, '|': 1, A: 2, '<unk>': 3, '<s>': 4 },
      { pad_token: '<pad>', unk_token: '<unk>', bos_token: '<s>', eos_token: null, do_lower_case: true },
    );
    const { codePoints, ...others } = labelsOfTokenizer(tokenizer, 6);
    expect(others).toEqual({ count: 6, blank: 0, space: 1 });
    expect([2, 3, 4, 5].map((id) => String.fromCodePoint(...(codePoints[id] ?? [])))).toEqual([
      'a',
      '⁇',
      '',
      '',
    ]);
    const phonemes = new Wav2Vec2PhonemeCTCTokenizer({ '<pad>': 0, a: 1 }, { do_phonemize: false });
    expect(() => labelsOfTokenizer(phonemes, 2)).toThrow('is of phonemes');
  });
});

describe('a decoder', () => {
  test('takes tensors and plain logits, and gives texts with frames and a state', async () => {
    const decoder = await createBeamDecoder({ labels: LABELS });
    const clip = frames(2, 2, 0, 3, 1, 0, 2);
    expect(decoder.decode(clip)).toBe('AB A');
    for (const dims of [
      [7, 4],
      [1, 7, 4],
    ])
      expect(decoder.decode(new Tensor('float32', clip.data, dims))).toBe('AB A');
    expect(decoder.decode_beams(clip, { n_best: 1 })).toEqual([
      {
        text: 'AB A',
        logit_score: expect.any(Number) as number,
        score: expect.any(Number) as number,
        words: [
          { word: 'AB', start_offset: 0, end_offset: 4 },
          { word: 'A', start_offset: 6, end_offset: 7 },
        ],
        lm_state: { words: [] },
      },
    ]);
  });

  test('reads probabilities where that is said', async () => {
    const decoder = await createBeamDecoder({ labels: LABELS });
    const data = Float32Array.of(0, 0, 1, 0, 0.1, 0.1, 0.1, 0.7);
    const [best] = decoder.decode_beams({ data, frameCount: 2, vocabSize: 4 }, { input: 'probabilities' });
    expect(best?.text).toBe('AB');
    expect(best?.logit_score).toBeCloseTo(Math.log(0.7), 6);
  });

  test('tries the likeliest label of a frame, however unlikely it is', async () => {
    const decoder = await createBeamDecoder({ labels: LABELS });
    const logits = { data: Float32Array.of(0, 0, 0.1, 0, 0, 0, 0, 0.1), frameCount: 2, vocabSize: 4 };
    const beams = decoder.decode_beams(logits, { token_min_logp: 0 });
    expect(beams.map(({ text }) => text)).toEqual(['AB']);
    expect(decoder.decode_beams(logits).length).toBeGreaterThan(1);
  });

  test('gives as many texts as are asked for, also on the way', async () => {
    const decoder = await createBeamDecoder({ labels: LABELS });
    const session = decoder.start({ n_best: 2 });
    session.push({ data: new Float32Array(8), frameCount: 2, vocabSize: 4 });
    expect(session.beams()).toHaveLength(2);
    expect(session.finish()).toHaveLength(2);
  });

  test('knows hotwords with letters of two UTF-16 units', async () => {
    const labels = [...LABELS, '😀'];
    const data = Float32Array.of(0, 0, 0, 0, 12, 0, 0, 9, 8, 0);
    const logits = { data, frameCount: 2, vocabSize: 5 };
    const decoder = await createBeamDecoder({ labels });
    expect(decoder.decode(logits)).toBe('😀A');
    expect(decoder.decode(logits, { hotwords: ['😀B'] })).toBe('😀B');
  });

  test('counts the end alone behind a space, or an unknown word as pyctcdecode does', async () => {
    const { labels } = vectors.beam;
    const decoder = await createBeamDecoder({ labels, language_model: arpaOf('lm3') });
    const score = (labelIds: readonly number[], compat: boolean): number => {
      const data = Float32Array.from(
        labelIds.flatMap((id) => labels.map((_, index) => (index === id ? 20 : 0))),
      );
      return (
        decoder.decode_beams({ data, frameCount: labelIds.length, vocabSize: 32 }, { compat })[0]?.score ??
        NaN
      );
    };
    const [letter, space] = [7, 4];
    expect(score([letter, 0, space], false)).toBeCloseTo(score([letter, 0], false), 5);
    expect(score([letter, 0], true)).toBe(score([letter, 0], false));
    expect(score([letter, 0, space], true)).toBeLessThan(score([letter, 0], true) - 13);
  });

  test('keeps one of beams with the same last words where a text alone is asked for, as pyctcdecode does', async () => {
    const decoder = await createBeamDecoder({ labels: LABELS, beam_width: 6 });
    let differing = 0;
    for (let seed = 1; seed <= 60; seed += 1) {
      const random = new SeededRandom(seed);
      const logits = { data: random.normals(48, 0, 1.5), frameCount: 12, vocabSize: 4 };
      const textOf = (prune_history: boolean): string | undefined =>
        decoder.decode_beams(logits, { prune_history })[0]?.text;
      expect(decoder.decode(logits)).toBe(textOf(true));
      if (textOf(true) !== textOf(false)) differing += 1;
    }
    expect(differing).toBeGreaterThan(0);
  });

  test('says what is wrong, and works on', async () => {
    const decoder = await createBeamDecoder({ labels: LABELS });
    const options: readonly (readonly [object, string])[] = [
      [{ beam_width: 0 }, 'beam_width is 0, but it must be a whole number from 1 to 100000'],
      [{ beam_width: 1.5 }, 'beam_width is 1.5'],
      [{ beam_prune_logp: 1 }, 'beam_prune_logp is 1, but it must be a number of at most 0'],
      [{ token_min_logp: NaN }, 'token_min_logp is NaN'],
      [{ hotwords: 'A' }, 'hotwords is "A"'],
      [{ hotwords: [1] }, 'hotwords is an array of 1'],
      [{ hotword_weight: Infinity }, 'hotword_weight is Infinity'],
      [{ alpha: '1' }, 'alpha is "1", but it must be a finite number'],
      [{ lm_score_boundary: 1 }, 'lm_score_boundary is 1'],
      [{ n_best: 0 }, 'n_best is 0'],
      [{ lm_start_state: { words: [-1] } }, 'lm_start_state is an object'],
      [{ beam_with: 1 }, 'no option "beam_with"'],
      [{ input: 'auto' }, 'input is "auto"'],
    ];
    for (const [each, message] of options)
      expect(() => decoder.decode_beams(frames(2), each)).toThrow(message);
    const inputs: readonly (readonly [unknown, string])[] = [
      [{ ...frames(2), vocabSize: 3 }, 'logits is an object'],
      [
        { data: new Float32Array(6), frameCount: 2, vocabSize: 3 },
        'have 3 columns, but the decoder has 4 labels',
      ],
      [new Tensor('float32', new Float32Array(8), [2, 1, 4]), 'logits is a Tensor'],
      [{ data: Float32Array.of(0, NaN, 0, 0), frameCount: 1, vocabSize: 4 }, 'frame 0 are not numbers'],
      [{ data: new Float32Array(4).fill(-Infinity), frameCount: 1, vocabSize: 4 }, 'frame 0 have no softmax'],
      [[1], 'logits is an array of 1'],
      [undefined, 'logits is undefined'],
    ];
    for (const [each, message] of inputs) expect(() => decoder.decode(each as never)).toThrow(message);
    const session = decoder.start();
    session.push(frames(2));
    expect(session.finish()[0]?.text).toBe('A');
    expect(() => session.push(frames(2))).toThrow('behind finish()');
    expect(decoder.decode(frames(2, 3))).toBe('AB');
    const withoutLabels = await createBeamDecoder({});
    expect(() => withoutLabels.decode(frames(2))).toThrow('has no labels');
    await expect(createBeamDecoder({ language_model: 7 as never })).rejects.toThrow('language_model is 7');
    const language_model = 'no/such.arpa';
    await expect(createBeamDecoder({ language_model })).rejects.toMatchObject({ code: 'not-found' });
    // Before a file is looked for.
    await expect(createBeamDecoder({ language_model, beam_width: 0 })).rejects.toThrow('beam_width is 0');
  });
});

test('a language model that was opened for a decoder is closed where there will be none, and one of the caller is not', async () => {
  const close = vi.spyOn(LanguageModel.prototype, 'close');
  try {
    const binary = Buffer.from(vectors.kenlm.binaries['lm3.trie']?.base64 ?? '', 'base64');
    const lm_start_state = { words: [2 ** 31] };
    const settings = { labels: LABELS, unigrams: null, lm_start_state };
    await expect(createBeamDecoder({ ...settings, language_model: binary })).rejects.toThrow(
      'lm_start_state',
    );
    expect(close).toHaveBeenCalledTimes(1);
    const onWarning = (): void => {
      throw new Error('not wanted');
    };
    await expect(beamDecoder({ language_model: binary }, { onWarning })).rejects.toThrow('not wanted');
    expect(close).toHaveBeenCalledTimes(2);
    const language_model = await LanguageModel.load(binary);
    await expect(createBeamDecoder({ ...settings, language_model })).rejects.toThrow('lm_start_state');
    expect(close).toHaveBeenCalledTimes(2);
  } finally {
    close.mockRestore();
  }
});

test.each(['lm3.trie', 'lm3.probing'])('a state of another language model is refused: %s', async (name) => {
  const binary = Buffer.from(vectors.kenlm.binaries[name]?.base64 ?? '', 'base64');
  const decoder = await createBeamDecoder({ labels: LABELS, language_model: binary, unigrams: null });
  const { wordCount } = decoder.language_model?.ngrams ?? { wordCount: 0 };
  expect(wordCount).toBeGreaterThan(20);
  const states: readonly (readonly [readonly number[], string])[] = [
    [[wordCount], `lm_start_state.words[0] is ${wordCount}, but it must be below ${wordCount}, the number`],
    [[1, 2 ** 32 - 1], 'lm_start_state.words[1] is 4294967295'],
    [[1, 2, 3], 'lm_start_state.words is an array of 3, but it must be at most 2 words'],
  ];
  for (const [words, message] of states) {
    const options = { lm_start_state: { words } };
    const refused = expect.objectContaining({
      code: 'bad-option',
      message: expect.stringContaining(message) as string,
    }) as Error;
    expect(() => decoder.start(options)).toThrow(refused);
    expect(() => decoder.checkSettings(options)).toThrow(refused);
    await expect(
      createBeamDecoder({ labels: LABELS, language_model: binary, unigrams: null, ...options }),
    ).rejects.toMatchObject(refused);
  }
  const lm_start_state = { words: [wordCount - 1, 1] };
  expect(decoder.decode_beams(frames(2, 0, 3), { lm_start_state })[0]?.text).toBe('AB');
});

test('a prefix index finds what a list of words finds', () => {
  const random = new SeededRandom(3);
  const letters = ['A', 'B', 'é', '言', '🙂'];
  const words = Array.from({ length: 300 }, () =>
    Array.from({ length: random.integer(1, 6) }, () => letters[random.integer(0, 4)]).join(''),
  );
  const index = new PrefixIndex(words);
  expect(index.size).toBe(new Set(words).size);
  for (let tries = 0; tries < 500; tries += 1) {
    let range = index.all;
    let prefix = '';
    for (let length = random.integer(0, 5); length > 0; length -= 1) {
      const letter = letters[random.integer(0, 4)] ?? '';
      range = index.narrow(range, prefix.length, letter);
      prefix += letter;
    }
    const expected = [...new Set(words)].filter((word) => word.startsWith(prefix));
    expect(range.end - range.first).toBe(expected.length);
    expect(index.hasWord(range, prefix.length)).toBe(expected.includes(prefix));
    if (expected.length > 0)
      expect(index.shortestLength(range)).toBe(Math.min(...expected.map((word) => Array.from(word).length)));
  }
});

test('of equal scores the first one comes first, however many there are', () => {
  const scores = Float64Array.of(-1, 0, -Infinity, 0, -1, -Infinity, 0, -1);
  expect(bestOf(scores, 8, -10, 8)).toEqual([1, 3, 6, 0, 4, 7]);
  expect(bestOf(scores, 8, -10, 2)).toEqual([1, 3]);
  expect(bestOf(scores, 8, -0.5, 8)).toEqual([1, 3, 6]);
  expect(bestOf(scores, 8, -Infinity, 8)).toEqual([1, 3, 6, 0, 4, 7, 2, 5]);
});

test('text is split where Python splits it', () => {
  expect(splitWords(' a\u00a0b\u001cc\u0085d\ufeffe ')).toEqual(['a', 'b', 'c', 'd\ufeffe']);
  expect(splitLines('a b\r\nc\u2028d\u000be\n')).toEqual(['a b', 'c', 'd', 'e']);
});

test('a language model without words is warned of, once and only where nobody chose that', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  const binary = Buffer.from(vectors.kenlm.binaries['lm3.trie']?.base64 ?? '', 'base64');
  try {
    const loaded = await LanguageModel.load(binary);
    for (const language_model of [binary, loaded])
      await createBeamDecoder({ labels: LABELS, language_model });
    expect(warn.mock.calls).toEqual(new Array(2).fill([expect.stringContaining('has no list of words')]));
    for (const options of [
      { language_model: binary, unigrams: null },
      { language_model: binary, unigrams: ['CAT'] },
      { language_model: arpaOf('lm3') },
      {},
    ])
      await createBeamDecoder({ labels: LABELS, ...options });
    expect(warn).toHaveBeenCalledTimes(2);
  } finally {
    warn.mockRestore();
  }
});

describe('hostile files', () => {
  const load = async (bytes: Uint8Array): Promise<LanguageModel | undefined> => {
    try {
      return await LanguageModel.load(bytes);
    } catch (error) {
      expect(error).toMatchObject({ name: 'UniSpeechError' });
      return undefined;
    }
  };

  test(
    '1,000 damaged binaries and texts give scores or one sentence, in bounded time',
    { timeout: 60_000 },
    async () => {
      const seeds = [
        ...Object.values(vectors.kenlm.binaries).map(({ base64 }) => Buffer.from(base64, 'base64')),
        arpaOf('lm2'),
        arpaOf('lm3pruned'),
      ];
      let openedCount = 0;
      for (let number = 0; number < 1000; number += 1) {
        const random = new SeededRandom(number);
        const seed = seeds[number % seeds.length] ?? new Uint8Array();
        const bytes = Uint8Array.from(
          seed.subarray(0, random.uniform() < 0.2 ? random.integer(0, seed.length) : seed.length),
        );
        for (let edits = random.integer(1, 4); edits > 0; edits -= 1) {
          // Headers decide most.
          const place = random.integer(
            0,
            random.uniform() < 0.5 ? Math.min(160, bytes.length - 1) : bytes.length - 1,
          );
          if (place < bytes.length) bytes[place] = random.uniform() < 0.3 ? 255 : random.integer(0, 255);
        }
        const model = await load(bytes);
        if (!model) continue;
        openedCount += 1;
        expect(typeof model.score('THE CAT SAT ON ZEBRA')).toBe('number');
        try {
          const decoder = await createBeamDecoder({ labels: LABELS, language_model: model, unigrams: null });
          decoder.decode(frames(2, 0, 1, 3));
        } catch (error) {
          expect(error).toMatchObject({ name: 'UniSpeechError' });
        }
      }
      expect(openedCount).toBeGreaterThan(100);
    },
  );

  test('a claim of billions takes no memory', async () => {
    const before = process.memoryUsage().arrayBuffers;
    const arpa = `\\data\\\nngram 1=999999999999\nngram 2=999999999999\n\n\\1-grams:\n-1\tA\t0\n`;
    expect(await load(Buffer.from(arpa))).toBeUndefined();
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * 2 ** 20);
  });
});
