/** Text and times of the most likely tokens, over windows of a clip. */
import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../src/base/seeded-random.ts';
import type { FrameLogits, WindowFrames } from '../../src/decode/decoder.ts';
import { tokensOf } from '../../src/decode/window-frames.ts';
import { GreedyDecoder } from '../../src/decode/greedy-decoder.ts';
import { Wav2Vec2CTCTokenizer } from '../../src/text/ctc-tokenizer.ts';
import type { Tokenizer } from '../../src/text/load-tokenizer.ts';
import { Wav2Vec2PhonemeCTCTokenizer } from '../../src/text/phoneme-tokenizer.ts';

const VOCABULARY = ['<pad>', '|', 'A', 'B', '<unk>'];
const idByToken = Object.fromEntries(VOCABULARY.map((token, id) => [token, id]));
const letters = new Wav2Vec2CTCTokenizer(idByToken, { bos_token: null, eos_token: null });
const SAMPLES_PER_FRAME = 320;

/** Logits that say one token per frame: `_` is the blank. */
function saying(text: string, startSample = 0): FrameLogits {
  const ids = Array.from(text, (character) => (character === '_' ? 0 : (idByToken[character] ?? 4)));
  return sayingIds(ids, VOCABULARY.length, startSample);
}

function sayingIds(ids: readonly number[], vocabSize: number, startSample: number): FrameLogits {
  const data = new Float32Array(ids.length * vocabSize).fill(-1);
  ids.forEach((id, frame) => (data[frame * vocabSize + id] = 2));
  return { data, frameCount: ids.length, vocabSize, startSample };
}

const decoderOf = (tokenizer: Tokenizer, timestamps: 'char' | 'word' | undefined): GreedyDecoder =>
  new GreedyDecoder({ tokenizer, sampleRate: 16_000, samplesPerFrame: SAMPLES_PER_FRAME, timestamps });

function decode(
  windows: readonly WindowFrames[],
  timestamps?: 'char' | 'word',
  tokenizer: unknown = letters,
) {
  const decoder = decoderOf(tokenizer as Tokenizer, timestamps);
  for (const window of windows) decoder.push(window);
  return decoder.finish();
}

describe('GreedyDecoder', () => {
  test('merges equal neighbours and drops blanks, also over the edge of a window', () => {
    expect(decode([saying('_AA_'), saying('A_|B', 1280), saying('BB', 2560)])).toEqual({ text: 'AA B' });
    expect(decode([saying('A'), saying('A', 320)])).toEqual({ text: 'A' });
  });

  test('times of characters and words are those of their frames', () => {
    const windows = [saying('_AB_'), saying('|_BB', 1280)];
    expect(decode(windows, 'char')).toEqual({
      text: 'AB B',
      chunks: [
        { text: 'A', timestamp: [0.02, 0.04] },
        { text: 'B', timestamp: [0.04, 0.06] },
        { text: ' ', timestamp: [0.08, 0.1] },
        { text: 'B', timestamp: [0.12, 0.16] },
      ],
    });
    expect(decode(windows, 'word')).toEqual({
      text: 'AB B',
      chunks: [
        { text: 'AB', timestamp: [0.02, 0.06] },
        { text: 'B', timestamp: [0.12, 0.16] },
      ],
    });
  });

  test('times go by where windows lie, and count from the first frame', () => {
    // Between both lie 320 samples that no window has.
    const windows = [saying('', 100), saying('A_', 3200), saying('B', 4160)];
    expect(decode(windows, 'char').chunks).toEqual([
      { text: 'A', timestamp: [0, 0.02] },
      { text: 'B', timestamp: [0.06, 0.08] },
    ]);
  });

  test('phonemes have times one by one', () => {
    const phonemes = new Wav2Vec2PhonemeCTCTokenizer(idByToken);
    expect(decode([saying('A_BB')], 'char', phonemes)).toEqual({
      text: 'A B',
      chunks: [
        { text: 'A', timestamp: [0, 0.02] },
        { text: 'B', timestamp: [0.04, 0.08] },
      ],
    });
  });

  test('no windows, and windows without frames, give no text', () => {
    expect(decode([])).toEqual({ text: '' });
    expect(decode([saying('')], 'word')).toEqual({ text: '', chunks: [] });
  });

  test('decodes the ids once, with times or without', () => {
    let decodeCount = 0;
    const counting = {
      pad_token_id: letters.pad_token_id,
      word_delimiter_token_id: letters.word_delimiter_token_id,
      text_separator: letters.text_separator,
      polish: (text: string) => letters.polish(text),
      decode(...args: Parameters<typeof letters.decode>) {
        decodeCount += 1;
        return letters.decode(...args);
      },
    };
    decode([saying('AB')], undefined, counting);
    decode([saying('AB')], 'word', counting);
    expect(decodeCount).toBe(2);
  });

  test('tokens that were chosen before give what their logits give', () => {
    const windows = [saying('_AB_A'), saying('A_|_B', 1600)];
    const chosen = windows.map((window) => ({
      ids: Float32Array.from(tokensOf(window)),
      frameCount: window.frameCount,
      startSample: window.startSample,
    }));
    for (const timestamps of [undefined, 'char', 'word'] as const)
      expect(decode(chosen, timestamps)).toEqual(decode(windows, timestamps));
  });

  test('refuses a frame that has no number to choose by', () => {
    const window = saying('AB');
    window.data.fill(NaN, VOCABULARY.length);
    const message = 'The logits of frame 1 are not numbers';
    expect(() => decode([window])).toThrow(message);
    expect(() => decode([{ ids: Float32Array.of(3, -1), frameCount: 2, startSample: 0 }])).toThrow(message);
  });
});

describe('parts', () => {
  test('a word is given once the delimiter behind it is there, and spaces with the word behind them', () => {
    const decoder = decoderOf(letters, 'word');
    decoder.push(saying('_AB_A'));
    expect(decoder.take()).toEqual({ text: '', chunks: [] });
    decoder.push(saying('A_|_B', 1600));
    expect(decoder.take()).toEqual({ text: 'ABA', chunks: [{ text: 'ABA', timestamp: [0.02, 0.12] }] });
    expect(decoder.take()).toEqual({ text: '', chunks: [] });
    decoder.push(saying('B|_|', 3200));
    expect(decoder.take()).toEqual({ text: ' B', chunks: [{ text: 'B', timestamp: [0.18, 0.22] }] });
    expect(decoder.finish()).toEqual({ text: '', chunks: [] });
  });

  test('a phoneme is given once a blank is behind it', () => {
    const decoder = decoderOf(new Wav2Vec2PhonemeCTCTokenizer(idByToken), undefined);
    decoder.push(saying('_A_BB'));
    expect(decoder.take()).toEqual({ text: 'A' });
    decoder.push(saying('B_B', 1600));
    expect(decoder.take()).toEqual({ text: ' B' });
    expect(decoder.finish()).toEqual({ text: ' B' });
  });

  test('text without spaces does not wait for one, unless words are asked for', () => {
    const long = saying('A_B_'.repeat(200));
    const [text, words] = ([undefined, 'word'] as const).map((timestamps) => {
      const decoder = decoderOf(letters, timestamps);
      decoder.push(long);
      return [decoder.take().text.length, decoder.finish().text.length];
    });
    expect(text).toEqual([400, 0]);
    expect(words).toEqual([0, 400]);
  });

  const hostile = ['<pad>', '|', 'A', "'", '.', "n't", '\u03a3', '<unk>', ' '];
  const vocabulary = Object.fromEntries(hostile.map((token, id) => [token, id]));
  const polished = { clean_up_tokenization_spaces: true, bos_token: null, eos_token: null };
  test.each([
    ['letters', new Wav2Vec2CTCTokenizer(vocabulary), ['char', 'word', undefined]],
    [
      'letters, polished',
      new Wav2Vec2CTCTokenizer(vocabulary, { ...polished, do_lower_case: true }),
      ['char', 'word'],
    ],
    ['phonemes', new Wav2Vec2PhonemeCTCTokenizer(vocabulary, { word_delimiter_token: '|' }), ['char']],
    ['phonemes, polished', new Wav2Vec2PhonemeCTCTokenizer(vocabulary, polished), ['char', undefined]],
  ] as const)('of %s are the whole, wherever windows end', (_, tokenizer, units) => {
    const seeded = new SeededRandom(7);
    const random = () => seeded.uniform();
    for (let round = 0; round < 200; round += 1) {
      // 99 is in no vocabulary: an unknown token, as <unk> itself is one.
      const ids = Array.from({ length: random() * 60 }, () =>
        random() < 0.3 ? 0 : random() < 0.05 ? 99 : Math.floor(random() * hostile.length),
      ).flatMap((id) => new Array<number>(1 + Math.floor(random() * 2)).fill(id));
      for (const timestamps of units) {
        const decoder = decoderOf(tokenizer, timestamps);
        const parts = [];
        for (let start = 0; start < ids.length;) {
          const end = start + 1 + Math.floor(random() * 12);
          decoder.push(sayingIds(ids.slice(start, end), 100, start * SAMPLES_PER_FRAME));
          if (random() < 0.7) parts.push(decoder.take());
          start = end;
        }
        parts.push(decoder.finish());
        const whole = (tokenizer as Wav2Vec2CTCTokenizer).decode(ids, {
          output_char_offsets: true,
          ...(timestamps === 'word' && { output_word_offsets: true }),
        });
        expect(parts.map(({ text }) => text).join('')).toBe(whole.text);
        const offsets = whole.word_offsets ?? whole.char_offsets ?? [];
        const expected = offsets.map((unit) => ({
          text: 'word' in unit ? unit.word : unit.char,
          timestamp: [unit.start_offset / 50, unit.end_offset / 50],
        }));
        expect(parts.flatMap(({ chunks = [] }) => chunks)).toEqual(timestamps ? expected : []);
      }
    }
  });
});
