/** Text and times of the most likely tokens, over windows of a clip. */
import { describe, expect, test } from 'vitest';
import type { FrameLogits } from '../../src/decode/decoder.ts';
import { GreedyDecoder } from '../../src/decode/greedy-decoder.ts';
import { Wav2Vec2CTCTokenizer } from '../../src/text/ctc-tokenizer.ts';
import { Wav2Vec2PhonemeCTCTokenizer } from '../../src/text/phoneme-tokenizer.ts';

const VOCABULARY = ['<pad>', '|', 'A', 'B', '<unk>'];
const idByToken = Object.fromEntries(VOCABULARY.map((token, id) => [token, id]));
const letters = new Wav2Vec2CTCTokenizer(idByToken, { bos_token: null, eos_token: null });
const SAMPLES_PER_FRAME = 320;

/** Logits that say one token per frame: `_` is the blank. */
function saying(text: string, startSample = 0): FrameLogits {
  const ids = Array.from(text, (character) => (character === '_' ? 0 : (idByToken[character] ?? 4)));
  const data = new Float32Array(ids.length * VOCABULARY.length).fill(-1);
  ids.forEach((id, frame) => (data[frame * VOCABULARY.length + id] = 2));
  return { data, frameCount: ids.length, vocabSize: VOCABULARY.length, startSample };
}

function decode(windows: readonly FrameLogits[], timestamps?: 'char' | 'word', tokenizer: unknown = letters) {
  const decoder = new GreedyDecoder({
    tokenizer: tokenizer as Wav2Vec2CTCTokenizer,
    sampleRate: 16_000,
    samplesPerFrame: SAMPLES_PER_FRAME,
    timestamps,
  });
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
      decode(...args: Parameters<typeof letters.decode>) {
        decodeCount += 1;
        return letters.decode(...args);
      },
    };
    decode([saying('AB')], undefined, counting);
    decode([saying('AB')], 'word', counting);
    expect(decodeCount).toBe(2);
  });

  test('refuses a frame that has no number to choose by', () => {
    const window = saying('AB');
    window.data.fill(NaN, VOCABULARY.length);
    expect(() => decode([window])).toThrow('The logits of frame 1 are not numbers');
  });
});
