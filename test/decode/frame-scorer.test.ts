/** Confidences and log probabilities that come with decoded text, over windows of a clip. */
import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../src/base/seeded-random.ts';
import type { DecodedText, FrameLogits } from '../../src/decode/decoder.ts';
import { type ConfidenceSettings, FrameScorer } from '../../src/decode/frame-scorer.ts';
import { GreedyDecoder } from '../../src/decode/greedy-decoder.ts';
import { joinParts, shownText } from '../../src/pipelines/recognition-output.ts';
import { Wav2Vec2CTCTokenizer } from '../../src/text/ctc-tokenizer.ts';
import type { Tokenizer } from '../../src/text/load-tokenizer.ts';
import { Wav2Vec2PhonemeCTCTokenizer } from '../../src/text/phoneme-tokenizer.ts';

const VOCABULARY = ['<pad>', '|', 'A', 'É', '<unk>'];
const idByToken = Object.fromEntries(VOCABULARY.map((token, id) => [token, id]));
const letters = new Wav2Vec2CTCTokenizer(idByToken, { bos_token: null, eos_token: null });
const MEAN: ConfidenceSettings = {
  rule: 'mean',
  measure: 'posterior',
  temperature: 1,
  returnsLogprobs: false,
};

/** Frames such as `A.7`: the probability of the token, the others share the rest. */
function saying(text: string, startSample = 0): FrameLogits {
  const frames = text.split(' ').map((frame) => [frame.slice(0, 1), Number(frame.slice(1))] as const);
  const rows = frames.map(([character, probability]) => {
    const id = character === '_' ? 0 : VOCABULARY.indexOf(character);
    return VOCABULARY.map((_, column) => Math.log(column === id ? probability : (1 - probability) / 4));
  });
  return {
    data: Float32Array.from(rows.flat()),
    frameCount: frames.length,
    vocabSize: VOCABULARY.length,
    startSample,
  };
}

const decoderOf = (
  settings: ConfidenceSettings | undefined,
  timestamps: 'char' | 'word' | undefined,
  tokenizer: Tokenizer = letters,
) =>
  new GreedyDecoder({
    tokenizer,
    sampleRate: 16_000,
    samplesPerFrame: 320,
    timestamps,
    scorer: settings && new FrameScorer(settings),
  });

function decode(
  text: string,
  settings: ConfidenceSettings | undefined,
  timestamps?: 'char' | 'word',
  tokenizer?: Tokenizer,
) {
  const decoder = decoderOf(settings, timestamps, tokenizer);
  decoder.push(saying(text));
  return shownText(decoder.finish());
}

const near = (value: number): unknown => expect.closeTo(value, 6);
const confidences = ({ chunks }: Pick<DecodedText, 'chunks'>) => chunks?.map(({ confidence }) => confidence);

describe('of text', () => {
  const text = '_.9 A.6 A.8 _.9 É.5 |.4 A.9 _.9';

  test('characters have the mean of their frames, words and the whole weigh them by frames, without blanks and spaces', () => {
    const byWord = decode(text, MEAN, 'word');
    expect(byWord.text).toBe('AÉ A');
    expect(confidences(byWord)).toEqual([near(1.9 / 3), near(0.9)]);
    expect(byWord.confidence).toEqual(near(2.8 / 4));
    const byChar = decode(text, MEAN, 'char');
    expect(confidences(byChar)).toEqual([near(0.7), near(0.5), near(0.4), near(0.9)]);
    expect(byChar.confidence).toEqual(near(2.8 / 4));
    expect(decode(text, MEAN)).toEqual({ text: 'AÉ A', confidence: near(2.8 / 4) });
  });

  test('the least and the largest: frames of a character, means of characters in a word', () => {
    const min = { ...MEAN, rule: 'min' } as const;
    expect(confidences(decode(text, min, 'char'))?.[0]).toEqual(near(0.6));
    expect(confidences(decode(text, min, 'word'))).toEqual([near(0.5), near(0.9)]);
    // A word of one letter is a word.
    expect(confidences(decode('A.6 A.8', min, 'word'))).toEqual([near(0.7)]);
    const max = { ...MEAN, rule: 'max' } as const;
    expect(confidences(decode(text, max, 'char'))?.[0]).toEqual(near(0.8));
    expect(confidences(decode(text, max, 'word'))).toEqual([near(0.7), near(0.9)]);
    expect(decode(text, max).confidence).toEqual(near(0.9));
  });

  test('entropy and temperature', () => {
    const entropyOf = (p: number): number =>
      1 + (p * Math.log(p) + (1 - p) * Math.log((1 - p) / 4)) / Math.log(5);
    const entropy = decode('A.6', { ...MEAN, measure: 'entropy' }, 'char');
    expect(confidences(entropy)).toEqual([near(entropyOf(0.6))]);
    const root = Math.sqrt(0.6) / (Math.sqrt(0.6) + 4 * Math.sqrt(0.1));
    expect(confidences(decode('A.6', { ...MEAN, temperature: 2 }, 'char'))).toEqual([near(root)]);
  });

  test('log probabilities are one a token, of its surest frame, with the bytes of the token', () => {
    const onlyLogprobs = { ...MEAN, rule: undefined, returnsLogprobs: true };
    expect(decode(text, onlyLogprobs)).toEqual({
      text: 'AÉ A',
      logprobs: [
        { token: 'A', logprob: near(Math.log(0.8)), bytes: [65] },
        { token: 'É', logprob: near(Math.log(0.5)), bytes: [0xc3, 0x89] },
        { token: ' ', logprob: near(Math.log(0.4)), bytes: [32] },
        { token: 'A', logprob: near(Math.log(0.9)), bytes: [65] },
      ],
    });
    expect(decode(text, onlyLogprobs, 'char').chunks?.[0]).not.toHaveProperty('confidence');
  });

  test('silence has no confidence, neither 0 nor 1', () => {
    const both = { ...MEAN, returnsLogprobs: true };
    expect(decode('_.9 _.9', both, 'word')).toEqual({ text: '', chunks: [], confidence: null, logprobs: [] });
    // A delimiter alone says nothing, but is a token.
    expect(decode('|.9', both)).toEqual({
      text: '',
      confidence: null,
      logprobs: [expect.objectContaining({ token: ' ' })],
    });
  });

  test('of phonemes one by one', () => {
    const phonemes = new Wav2Vec2PhonemeCTCTokenizer(idByToken, { word_delimiter_token: '|' });
    const found = decode(text, MEAN, 'char', phonemes);
    expect(confidences(found)).toEqual([near(0.7), near(0.5), near(0.9)]);
    expect(found.confidence).toEqual(near(2.8 / 4));
  });

  test('tokens of several ids that are one character count together', () => {
    // 5 and 6 are in no vocabulary: both are the unknown token.
    const scorer = new FrameScorer(MEAN);
    const decoder = new GreedyDecoder({
      tokenizer: letters,
      sampleRate: 16_000,
      samplesPerFrame: 320,
      timestamps: 'char',
      scorer,
    });
    const data = new Float32Array(14).fill(-Infinity);
    [data[5], data[4], data[13]] = [Math.log(0.8), Math.log(0.2), 0];
    decoder.push({ data, frameCount: 2, vocabSize: 7, startSample: 0 });
    expect(confidences(decoder.finish())).toEqual([near(0.9)]);
  });

  test('without a scorer nothing changes', () => {
    expect(decode(text, undefined, 'word').chunks?.[0]).not.toHaveProperty('confidence');
    expect(decode(text, undefined)).toEqual({ text: 'AÉ A' });
  });
});

test.each([
  ['letters', letters, ['char', 'word', undefined]],
  [
    'phonemes',
    new Wav2Vec2PhonemeCTCTokenizer(idByToken, { word_delimiter_token: '|' }),
    ['char', undefined],
  ],
] as const)('of %s in parts are those of the whole, wherever windows end', (_, tokenizer, units) => {
  const random = new SeededRandom(11);
  const settings = { ...MEAN, returnsLogprobs: true };
  for (let round = 0; round < 100; round += 1) {
    const count = random.integer(0, 60);
    const names = Array.from({ length: count }, () =>
      random.uniform() < 0.4 ? '_' : '|AÉ'[random.integer(0, 2)],
    );
    const frames = names.map((name) => `${name}${(0.3 + 0.6 * random.uniform()).toFixed(3)}`);
    for (const timestamps of units) {
      const decoder = decoderOf(settings, timestamps, tokenizer);
      const parts: DecodedText[] = [];
      for (let start = 0; start < count;) {
        const end = start + random.integer(1, 12);
        decoder.push(saying(frames.slice(start, end).join(' '), 320 * start));
        if (random.uniform() < 0.7) parts.push(decoder.take());
        start = end;
      }
      parts.push(decoder.finish());
      const whole = decoderOf(settings, timestamps, tokenizer);
      if (count > 0) whole.push(saying(frames.join(' ')));
      const expected = shownText(whole.finish());
      const found = shownText(joinParts(parts));
      expect({ ...found, confidence: 0 }).toEqual({ ...expected, confidence: 0 });
      if (expected.confidence === null) expect(found.confidence).toBe(null);
      else expect(found.confidence).toBeCloseTo(expected.confidence ?? NaN, 12);
    }
  }
});
