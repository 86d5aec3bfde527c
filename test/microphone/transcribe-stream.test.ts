/** Streaming transcription with a scripted recogniser: nothing is lost, nothing twice, nothing changes once committed. */
import { describe, expect, test } from 'vitest';
import { UniSpeechError } from '../../src/base/errors.ts';
import type { Recognize } from '../../src/microphone/hypothesis.ts';
import { transcribeStream } from '../../src/microphone/transcribe-stream.ts';
import type { TranscriptUpdate } from '../../src/microphone/transcript.ts';
import type { AutomaticSpeechRecognitionPipeline } from '../../src/pipelines/automatic-speech-recognition.ts';
import type { WorkerPipeline } from '../../src/worker/index.ts';
import { chunksOf, RATE, scriptedRecognizer, speak, type SpokenWord } from './scripted-speech.ts';

/** As a microphone gives them: the loop runs in between. */
async function* paced(chunks: Iterable<Float32Array>): AsyncGenerator<Float32Array> {
  for (const chunk of chunks) {
    await new Promise((resolve) => setImmediate(resolve));
    yield chunk;
  }
}

/** Enough turns of the loop for all that can happen without the time of day. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 200; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** Slower than any source. */
const slow =
  (recognize: Recognize): Recognize =>
  async (...args) => {
    await new Promise((resolve) => setImmediate(resolve));
    return recognize(...args);
  };

/** Checks what holds for every stream on the way. */
async function collect(updates: AsyncIterable<TranscriptUpdate>): Promise<TranscriptUpdate[]> {
  const all: TranscriptUpdate[] = [];
  for await (const update of updates) {
    const before = all.at(-1);
    if (before) {
      expect(update.committed.startsWith(before.committed)).toBe(true);
      expect(update.audioSeconds).toBeGreaterThanOrEqual(before.audioSeconds);
      expect(before.isFinal).toBe(false);
    }
    expect(update.text.startsWith(update.committed)).toBe(true);
    all.push(update);
  }
  expect(all.at(-1)).toMatchObject({ isFinal: true, tentative: '', behindSeconds: 0 });
  return all;
}
const textOf = (words: Iterable<SpokenWord>) => Array.from(words, ({ text }) => text).join(' ');

describe.each([1, 2, 3, 4, 5, 6, 7, 8])('speech %d', (seed) => {
  const seconds = 90;
  const words = [...speak(seconds - 1, seed)];

  test('as it comes in: every word once, soon', async () => {
    const updates = await collect(
      transcribeStream(scriptedRecognizer({ words }), paced(chunksOf(words, seconds))),
    );
    expect(updates.at(-1)?.committed).toBe(textOf(words));
    for (const { committedChunks, audioSeconds } of updates.slice(0, -1)) {
      // Guard, two looks, and what is unstable.
      for (const { timestamp } of committedChunks) expect(audioSeconds - timestamp[1]).toBeLessThan(2.5);
    }
    const chunks = updates.flatMap(({ committedChunks }) => committedChunks);
    chunks.forEach(({ text, timestamp: [start, end] }, index) => {
      expect(text).toBe(words[index]?.text);
      expect(Math.abs(start - (words[index]?.start ?? NaN))).toBeLessThan(0.05);
      expect(Math.abs(end - (words[index]?.end ?? NaN))).toBeLessThan(0.05);
    });
  });

  test('all at once: windows at their limit lose nothing at their cuts', async () => {
    const updates = await collect(
      transcribeStream(slow(scriptedRecognizer({ words })), chunksOf(words, seconds)),
    );
    expect(updates.at(-1)?.committed).toBe(textOf(words));
    expect(updates.length).toBeLessThan(seconds / 2);
  });
});

describe('the core', () => {
  const none = () => Promise.resolve({ text: '', chunks: [] });
  const tone = (seconds: number) => new Float32Array(seconds * RATE).fill(0.1);
  const heard = (...texts: readonly string[]) => ({
    text: texts.join(' '),
    chunks: texts.map((text, index) => ({ text, timestamp: [index * 0.5, index * 0.5 + 0.3] as const })),
  });

  test('commits what two looks agree on, and nothing near the edge', async () => {
    const looks = [heard('A', 'B', 'C'), heard('A', 'X', 'C'), heard('A', 'X', 'C'), heard('A', 'X', 'Y')];
    let look = 0;
    const recognize = () => Promise.resolve(looks[Math.min(look++, 3)] ?? heard());
    const updates = await collect(
      transcribeStream(recognize, paced(Array.from({ length: 4 }, () => tone(0.5))), { guard_length_s: 0.6 }),
    );
    // At 1.5 s, X ends 0.7 s before the edge and C 0.2 s.
    expect(updates.map(({ committed, tentative }) => [committed, tentative])).toEqual([
      ['', 'A B C'],
      ['A', 'X C'],
      ['A X', 'C'],
      ['A X', 'Y'],
      ['A X Y', ''],
    ]);
  });

  test('a word that is heard together with a settled one is neither lost nor doubled', async () => {
    const merged = {
      text: 'A BC',
      chunks: [
        { text: 'A', timestamp: [0, 0.3] as const },
        { text: 'BC', timestamp: [0.5, 1.6] as const },
      ],
    };
    const looks = [...Array.from({ length: 4 }, () => heard('A', 'B')), merged, merged];
    let look = 0;
    const recognize = () => Promise.resolve(looks[Math.min(look++, 5)] ?? heard());
    const updates = await collect(
      transcribeStream(recognize, paced(Array.from({ length: 6 }, () => tone(0.5)))),
    );
    expect(updates.map(({ committed }) => committed)).toEqual(['', '', 'A', 'A B', 'A B', 'A B C', 'A B C']);
  });

  test('silence is not recognised, and moves on', async () => {
    let looks = 0;
    const recognize: Recognize = () => {
      looks += 1;
      return none();
    };
    const chunks = Array.from({ length: 100 }, () => new Float32Array(RATE).fill(0.0005));
    const updates = await collect(transcribeStream(recognize, paced(chunks)));
    expect(looks).toBe(0);
    expect(updates.at(-1)).toMatchObject({ committed: '', audioSeconds: 100 });
  });

  test('noise without words is looked at in short windows', async () => {
    let longest = 0;
    const recognize: Recognize = ({ raw }) => {
      longest = Math.max(longest, raw.length / RATE);
      return none();
    };
    await collect(transcribeStream(recognize, paced(Array.from({ length: 100 }, () => tone(0.5)))));
    // Context, guard, and two looks.
    expect(longest).toBeLessThan(4.5);
  });

  test('one endless word does not fill the window for good', async () => {
    const recognize: Recognize = ({ raw }) =>
      Promise.resolve({ text: 'A', chunks: [{ text: 'A', timestamp: [0, raw.length / RATE] }] });
    const updates = await collect(
      transcribeStream(recognize, paced(Array.from({ length: 100 }, () => tone(0.5)))),
    );
    expect(updates.at(-1)).toMatchObject({ audioSeconds: 50 });
    expect(updates.at(-1)?.committed.length).toBeGreaterThan(1);
  });

  test('while it is busy, looks are skipped, and says how far it is behind', async () => {
    let release: () => void = () => undefined;
    let looks = 0;
    let given = 0;
    const recognize: Recognize = async () => {
      looks += 1;
      if (looks === 1) await new Promise<void>((resolve) => (release = resolve));
      return none();
    };
    async function* source() {
      for (; given < 100; given += 1) {
        yield tone(0.5);
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
    const updates = transcribeStream(recognize, source());
    const first = updates.next();
    // One turn per chunk, which is long enough for every chunk of the source if they were requested.
    await settle();
    expect(looks).toBe(1);
    // Twelve seconds are in the window, one chunk waits, the rest was never asked for.
    expect(given).toBeLessThanOrEqual(25);
    release();
    expect((await first).value).toMatchObject({ audioSeconds: 0.5, behindSeconds: 11.5 });
    expect((await updates.next()).value).toMatchObject({ audioSeconds: 12 });
    expect(looks).toBe(2);
    await updates.return();
  });

  test('phonemes where the model knows no words', async () => {
    const asked: string[] = [];
    const recognize: Recognize = (_, { return_timestamps }) => {
      asked.push(return_timestamps);
      if (return_timestamps === 'word') return Promise.reject(new UniSpeechError('unsupported', 'No words.'));
      return Promise.resolve(heard('h', 'ə', 'l'));
    };
    const updates = await collect(transcribeStream(recognize, [tone(2)]));
    expect(updates.at(-1)?.committed).toBe('h ə l');
    expect(asked).toEqual(['word', 'char']);
    await expect(
      collect(transcribeStream(recognize, [tone(2)], { return_timestamps: 'word' })),
    ).rejects.toThrow('No words');
  });

  test('characters are joined as the model joins them', async () => {
    const chunks = Array.from('HI YOU', (text, index) => ({
      text,
      timestamp: [index / 10, index / 10 + 0.05] as const,
    }));
    const recognize = () => Promise.resolve({ text: 'HI YOU', chunks });
    const updates = await collect(
      transcribeStream(recognize, [tone(0.5), tone(0.5)], { return_timestamps: 'char' }),
    );
    expect(updates.at(-1)?.committed).toBe('HI YOU');
  });

  test('takes the pipelines of the page and of the worker as they are', () => {
    // The types say it.
    const take = (recognize: AutomaticSpeechRecognitionPipeline | WorkerPipeline) =>
      transcribeStream(recognize, []);
    expect(take).toBeTypeOf('function');
  });

  test('chunks of any rate', async () => {
    const lengths: number[] = [];
    const recognize: Recognize = ({ raw, sampling_rate }) => {
      expect(sampling_rate).toBe(RATE);
      lengths.push(raw.length);
      return none();
    };
    const chunks = Array.from({ length: 20 }, () => new Float32Array(4800).fill(0.1));
    const updates = await collect(transcribeStream(recognize, chunks, { sampling_rate: 48_000 }));
    expect(updates.at(-1)?.audioSeconds).toBe(2);
    expect(lengths.length).toBeGreaterThan(1);
  });

  test('an empty stream, and one that is shorter than a frame', async () => {
    const lengths: number[] = [];
    const recognize: Recognize = ({ raw }) => {
      lengths.push(raw.length);
      return none();
    };
    expect(await collect(transcribeStream(recognize, []))).toHaveLength(1);
    expect(lengths).toEqual([]);
    await collect(transcribeStream(recognize, [tone(0.001)]));
    expect(lengths).toEqual([1600]);
  });

  test('leaving the loop, the signal and errors end the source', async () => {
    let ended = 0;
    async function* source() {
      try {
        for (;;) {
          yield tone(0.5);
          await new Promise((resolve) => setImmediate(resolve));
        }
      } finally {
        ended += 1;
      }
    }
    for await (const update of transcribeStream(none, source())) {
      expect(update.isFinal).toBe(false);
      break;
    }
    await settle();
    expect(ended).toBe(1);

    const reason = new Error('enough');
    const stop = new AbortController();
    const never: Recognize = () => new Promise(() => setTimeout(() => stop.abort(reason), 1));
    await expect(transcribeStream(never, source(), { signal: stop.signal }).next()).rejects.toBe(reason);
    await settle();
    expect(ended).toBe(2);

    const broken: Recognize = () => Promise.reject(new Error('broken'));
    await expect(transcribeStream(broken, source()).next()).rejects.toThrow('broken');
    await settle();
    expect(ended).toBe(3);
  });

  test('errors of the source, of chunks and of options', async () => {
    async function* failing() {
      yield tone(0.2);
      await Promise.resolve();
      throw new Error('unplugged');
    }
    await expect(transcribeStream(none, failing()).next()).rejects.toThrow('unplugged');
    const numbers = [[1, 2]] as unknown as Float32Array[];
    await expect(transcribeStream(none, numbers).next()).rejects.toThrow(
      'A chunk of the stream is an array of 2, expected a Float32Array of mono samples.',
    );
    const withoutChunks = () => Promise.resolve({ text: 'A' });
    await expect(transcribeStream(withoutChunks, [tone(1)]).next()).rejects.toThrow('gave no chunks');
    for (const [options, message] of [
      [{ window_length_s: 3 }, 'window_length_s is 3, but it must be a number of at least 5.3'],
      [{ step_length_s: 0 }, 'step_length_s is 0'],
      [{ silence_level: NaN }, 'silence_level is NaN'],
      [{ return_timestamps: true }, 'return_timestamps is true'],
      [{ chunk_length_s: 3 }, 'transcribeStream has no option "chunk_length_s"'],
      [{ sampling_rate: 44_100.5 }, 'sample rate'],
    ] as const)
      await expect(transcribeStream(none, [tone(1)], options as object).next()).rejects.toThrow(message);
    await expect(
      transcribeStream(none, [], { signal: AbortSignal.abort(new Error('before')) }).next(),
    ).rejects.toThrow('before');
  });
});
