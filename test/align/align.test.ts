import { describe, expect, test } from 'vitest';
import { align } from '../../src/align/align.ts';
import type { AlignOptions, AlignProgress } from '../../src/align/align-options.ts';
import { UniSpeechError } from '../../src/base/errors.ts';
import { SeededRandom } from '../../src/base/seeded-random.ts';
import type { EmissionInfo, EmissionPart, EmissionSource } from '../../src/pipelines/emissions.ts';
import { madeUpInfo } from './helpers.ts';

const LETTERS = ['<pad>', '|', ...Array.from('abcdefghijklmnopqrstuvwxyz')];
const info = madeUpInfo(LETTERS, { word_delimiter: 1 });

/** Logits of a text that is read clearly: a letter every third frame, with a delimiter between words. */
function spoken(text: string, from: EmissionInfo = info): Float32Array[] {
  const random = new SeededRandom(text.length + 1);
  const labels = Array.from(text).flatMap((character) => [
    0,
    0,
    from.labels.indexOf(character === ' ' ? '|' : character),
  ]);
  return [...labels, 0, 0].map((label) =>
    Float32Array.from(from.labels, (_, column) => (column === label ? 9 : 3 * random.uniform())),
  );
}

/** Gives rows in parts of `partLength` frames, as a pipeline does. */
function sourceOf(rows: readonly Float32Array[], partLength = 50, from: EmissionInfo = info) {
  let closedCount = 0;
  const calls: unknown[] = [];
  async function* emissions(
    _audio: unknown,
    options: unknown,
  ): AsyncGenerator<EmissionPart, void, undefined> {
    calls.push(options);
    try {
      for (let first = 0; first < rows.length; first += partLength) {
        const part = rows.slice(first, first + partLength);
        const isLast = first + partLength >= rows.length;
        await Promise.resolve();
        const seconds = ((first + part.length) * 320 + (isLast ? 80 : 0)) / 16000;
        yield {
          data: Float32Array.from(part.flatMap((row) => [...row])),
          frameCount: part.length,
          vocabSize: from.labels.length,
          startSample: first * 320,
          samples: new Float32Array(part.length * 320 + (isLast ? 80 : 0)).fill(0.1),
          progress: { seconds, total_seconds: (rows.length * 320 + 80) / 16000, rate: 1, chunk_length_s: 30 },
        };
      }
    } finally {
      closedCount += 1;
    }
  }
  const source: EmissionSource = { emissionInfo: () => Promise.resolve(from), emissions };
  return { source, calls, closedCount: () => closedCount };
}

const aligned = (heard: string, text: string, options: AlignOptions = {}) =>
  align(sourceOf(spoken(heard)).source, 'audio', text, options);

describe('align', () => {
  test('gives each word as the text has it, with its time, and each character its token', async () => {
    const text = 'Hello, World!';
    const {
      words,
      tokens,
      duration,
      score,
      frames: frameCount,
      text: given,
    } = await aligned('hello world', text);
    expect(given).toBe(text);
    expect(words.map((word) => text.slice(word.char_start, word.char_end))).toEqual(['Hello,', 'World!']);
    expect(words.map((word) => word.text)).toEqual(['Hello,', 'World!']);
    expect(tokens.map((token) => token.text).join('')).toBe('hello|world');
    expect(tokens[1]).toMatchObject({ char_start: 1, char_end: 2, word: 0, start_frame: 5, end_frame: 6 });
    expect(tokens[5]).toMatchObject({ text: '|', word: null });
    // Frame 5 is heard from 5 · 20 ms + 2.5 ms on.
    expect(tokens[1]?.start).toBeCloseTo(0.1025, 9);
    expect(words[0]?.start).toBeCloseTo(0.0025, 9);
    expect(words[1]?.first_token).toBe(6);
    expect(frameCount).toBe(35);
    expect(duration).toBeCloseTo((35 * 320 + 80) / 16000, 9);
    expect(score).toBeGreaterThan(0.9);
    expect(words.every(({ score: ofWord }) => ofWord !== null && ofWord > 0.9 && ofWord < 1)).toBe(true);
  });

  test('the three rules of edges', async () => {
    const edgesOf = async (boundaries: AlignOptions['boundaries']) =>
      (await aligned('ab cd', 'ab cd', { boundaries })).words.map(({ start, end }) => [start, end]);
    const at = (frame: number): number => (frame * 320 + 40) / 16000;
    expect(await edgesOf('frames')).toEqual([
      [at(2), at(6)],
      [at(11), at(15)],
    ]);
    // Five frames between the words: each takes half of them; the first frames and the last two are free.
    expect(await edgesOf('extended')).toEqual([
      [at(0), at(8.5)],
      [at(8.5), Math.min(at(17), (17 * 320 + 80) / 16000)],
    ]);
    expect(await edgesOf(undefined)).toEqual(await edgesOf('extended'));
    const byEar = await edgesOf('audio');
    expect(byEar[0]?.[1]).toBe(byEar[1]?.[0]);
  });

  test('a star between two words takes no part in their edges', async () => {
    const edgesOf = async (boundaries: AlignOptions['boundaries']) =>
      (await aligned('ab xyzxyz cd', 'ab. cd', { boundaries, star: 'utterances' })).words.map(
        ({ start, end }) => [start, end],
      );
    const [first, second] = await edgesOf('audio');
    const [left, right] = await edgesOf('extended');
    // The sound is as loud everywhere, so the words would meet in its middle.
    expect([first?.[1], second?.[0]]).toEqual([left?.[1], right?.[0]]);
    expect(right?.[0]).toBeGreaterThan((left?.[1] ?? NaN) + 0.1);
  });

  test('words without tokens stand between their neighbours, and are listed', async () => {
    const { words, unaligned } = await aligned('ab cd', '“ ab — … cd !', { boundaries: 'frames' });
    expect(words.map(({ text, inferred }) => [text, inferred])).toEqual([
      ['“', true],
      ['ab', undefined],
      ['—', true],
      ['…', true],
      ['cd', undefined],
      ['!', true],
    ]);
    const [first, ab, dash, dots, cd, last] = words;
    expect([first?.start, first?.end]).toEqual([ab?.start, ab?.start]);
    expect([dash?.start, dots?.end]).toEqual([ab?.end, cd?.start]);
    expect(dash?.end).toBeCloseTo(((ab?.end ?? 0) + (cd?.start ?? 0)) / 2, 12);
    expect(dots?.start).toBe(dash?.end);
    expect([last?.start, last?.end]).toEqual([cd?.end, cd?.end]);
    expect(dash?.score).toBeNull();
    expect(unaligned.map(({ text }) => text)).toEqual(['“', '—', '…', '!']);
  });

  test('text of nothing but punctuation, and no text, are blanks', async () => {
    const { words, tokens, score, utterances } = await aligned('ab', '… !');
    expect(words.map(({ start, end }) => [start, end])).toEqual([
      [0, expect.closeTo(0.0825, 9)],
      [expect.closeTo(0.0825, 9), expect.closeTo(0.165, 9)],
    ]);
    expect([tokens, score, utterances.map(({ confidence }) => confidence)]).toEqual([[], null, [null, null]]);
    expect((await aligned('ab', '')).words).toEqual([]);
  });

  test('a star takes what the model cannot read, and its word has a time but no score', async () => {
    const { words, tokens, unaligned, untranscribed } = await aligned('ab xyz cd', 'ab 42 cd');
    expect(tokens.map(({ text }) => text).join('')).toBe('ab|*|cd');
    expect(words[1]).toMatchObject({ text: '42', score: null, token_count: 1 });
    expect(words[1]?.inferred).toBeUndefined();
    expect(tokens[3]).toMatchObject({ id: LETTERS.length, score: null, log_prob: null });
    expect(words[1]?.start).toBeGreaterThan(words[0]?.start ?? Infinity);
    expect(unaligned).toMatchObject([{ text: '42', reason: 'unknown' }]);
    expect(untranscribed).toEqual([]);
  });

  test('tells how far it is, and passes options on', async () => {
    const progress: AlignProgress[] = [];
    const { source, calls } = sourceOf(spoken('ab cd'), 7);
    await align(source, 'audio', 'ab cd', {
      boundaries: 'audio',
      chunk_length_s: 5,
      batch_size: 2,
      progress_callback: (one) => void progress.push(one),
    });
    expect(calls).toEqual([{ return_samples: true, chunk_length_s: 5, batch_size: 2 }]);
    expect(progress.map(({ stage }) => stage)).toEqual(['hearing', 'hearing', 'hearing', 'searching']);
    expect(progress.at(-1)?.share).toBe(1);
  });

  test('a signal ends it, while it hears and while it searches', async () => {
    for (const stage of ['hearing', 'searching'] as const) {
      const control = new AbortController();
      const reason = new Error('enough');
      const long = 'abcdefghij '.repeat(700);
      const { source, closedCount } = sourceOf(spoken(long), 5000);
      const running = align(source, 'audio', long, {
        signal: control.signal,
        search: 'exact',
        progress_callback: (progress) => {
          if (progress.stage === stage) control.abort(reason);
          else if (stage === 'hearing') throw new Error('The search has begun.');
        },
      });
      await expect(running).rejects.toBe(reason);
      expect(closedCount()).toBe(1);
    }
    const { source, calls } = sourceOf(spoken('a'));
    await expect(align(source, 'audio', 'a', { signal: AbortSignal.abort('no') })).rejects.toBe('no');
    expect(calls).toEqual([]);
  });

  test.each([
    [
      'too little audio',
      'ab',
      'abcdefghijk',
      {},
      'too-short',
      'has 8 frames (0.16 s), but the 11 tokens of the text need at least 11 (0.22 s)',
    ],
    ['an unknown character', 'ab', 'a7', { unknown: 'error' }, 'unknown-character', '"7"'],
    ['an unknown option', 'ab', 'ab', { beam: 1 }, 'bad-option', 'no option "beam"'],
    [
      'an unknown rule of edges',
      'ab',
      'ab',
      { boundaries: 'x' },
      'bad-option',
      "'frames', 'extended' or 'audio'",
    ],
    ['a star somewhere else', 'ab', 'ab', { star: true }, 'bad-option', "'none', 'edges' or 'utterances'"],
    ['a lexicon that is none', 'ab', 'ab', { lexicon: 'a' }, 'bad-option', 'lexicon is "a"'],
    ['a signal that is none', 'ab', 'ab', { signal: 1 }, 'bad-option', 'signal is 1'],
    ['text that is none', 'ab', 5, {}, 'bad-input', 'text is 5'],
  ])('the error of %s', async (_name, heard, text, options, code, message) => {
    const error: unknown = await aligned(heard, text as string, options as AlignOptions).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(UniSpeechError);
    expect(error).toMatchObject({ code });
    expect((error as Error).message).toContain(message);
  });

  test('something that gives no emissions is an error', async () => {
    await expect(align({} as EmissionSource, 'audio', 'a')).rejects.toThrow(
      'a pipeline for automatic-speech-recognition',
    );
  });

  test('parts that do not follow each other are an error', async () => {
    const { source } = sourceOf(spoken('ab'), 4);
    const late: EmissionSource = {
      ...source,
      async *emissions(...args) {
        for await (const part of source.emissions(...args))
          yield { ...part, startSample: 2 * part.startSample };
      },
    };
    await expect(align(late, 'audio', 'ab')).rejects.toThrow(
      'begins at sample 2560, but the 4 frames before it end at 1280',
    );
  });
});

/** Paragraphs of made-up words. */
function paragraphs(count: number): string[] {
  const random = new SeededRandom(77);
  const word = (): string =>
    Array.from({ length: random.integer(2, 7) }, () => LETTERS[random.integer(2, LETTERS.length - 1)]).join(
      '',
    );
  return Array.from({ length: count }, () => `${Array.from({ length: 20 }, word).join(' ')}.`);
}

const read = (parts: readonly string[]): string => parts.join(' ').replaceAll('.', '');

describe('text and audio that part', () => {
  const all = paragraphs(6);
  const [p0 = '', p1 = '', p2 = '', p3 = '', p4 = '', p5 = ''] = all;

  test('where they agree, every utterance is sure', async () => {
    const { utterances, untranscribed } = await aligned(read(all), all.join('\n'));
    expect(utterances.map(({ text }) => text)).toEqual(all);
    for (const { confidence, score } of utterances) {
      expect(confidence).toBeGreaterThan(0.8);
      expect(score).toBeGreaterThan(0.9);
    }
    expect(untranscribed).toEqual([]);
  });

  test.each(['exact', 'banded'] as const)(
    'a paragraph that nobody said shows, and ruins no other but its neighbours (%s)',
    async (search) => {
      const text = [p0, p1, p2, p3, p4, p5].join('\n');
      const { utterances, words } = await aligned(read([p0, p1, p2, p4, p5]), text, { search });
      expect(utterances[3]?.confidence).toBeLessThan(0.1);
      expect(utterances[3]?.score).toBeLessThan(0.4);
      for (const index of [0, 1, 5]) expect(utterances[index]?.confidence).toBeGreaterThan(0.8);
      // The first words and the last are where they are without the paragraph.
      const without = await aligned(read([p0, p1, p2, p4, p5]), [p0, p1, p2, p4, p5].join('\n'));
      expect(words.slice(0, 40).map(({ start }) => start)).toEqual(
        without.words.slice(0, 40).map(({ start }) => start),
      );
      expect(words.slice(-20).map(({ end }) => end)).toEqual(without.words.slice(-20).map(({ end }) => end));
    },
  );

  test.each(['none', 'utterances'] as const)(
    'a paragraph that the text lacks is listed, and ruins no other (stars: %s)',
    async (star) => {
      const text = [p0, p1, p2, p4, p5].join('\n');
      const { utterances, untranscribed, words, tokens } = await aligned(read(all), text, { star });
      for (const index of [0, 1, 3, 4].filter((one) => star === 'utterances' || one !== 3))
        expect(utterances[index]?.confidence).toBeGreaterThan(0.8);
      const [missing] = untranscribed;
      expect(missing?.text.replaceAll(' ', '').length).toBeGreaterThan(20);
      expect(p3).toContain(missing?.text.split(' ')[2]);
      const whole = await aligned(read(all), all.join('\n'));
      expect(words.slice(0, 55).map(({ start }) => start)).toEqual(
        whole.words.slice(0, 55).map(({ start }) => start),
      );
      expect(words.slice(-20).map(({ end }) => end)).toEqual(whole.words.slice(-20).map(({ end }) => end));
      if (star === 'utterances') {
        expect(tokens.filter(({ id }) => id === LETTERS.length)).toHaveLength(6);
        expect(utterances.every(({ confidence }) => confidence !== null && confidence > 0.8)).toBe(true);
        expect(untranscribed).toHaveLength(1);
      }
    },
  );

  test('stars at the edges take speech before and behind the text', async () => {
    const { utterances, words, tokens } = await aligned(read(all), [p2, p3].join('\n'), { star: 'edges' });
    expect(utterances.every(({ confidence }) => confidence !== null && confidence > 0.8)).toBe(true);
    expect([tokens[0]?.text, tokens.at(-1)?.text]).toEqual(['*', '*']);
    const whole = await aligned(read(all), all.join('\n'));
    const times = (from: typeof words) => from.map(({ text, start, end }) => [text, start, end]);
    // The first word and the last may take more of the star's frames.
    expect(times(words).slice(1, -1)).toEqual(times(whole.words).slice(41, 79));
  });

  test('stars between utterances keep each word with its tokens', async () => {
    const { words, tokens } = await aligned('ab cd ef', '. ab! — cd? “ ef', { star: 'utterances' });
    expect(tokens.map(({ text }) => text).join('')).toBe('*ab*cd*ef*');
    for (const [index, { first_token: first, token_count: count }] of words.entries())
      expect(tokens.slice(first, first + count).every(({ word }) => word === index)).toBe(true);
    expect(words.map(({ token_count: count }) => count)).toEqual([0, 2, 0, 2, 0, 2]);
  });
});
