/** The queue of clips that come one by one. A scripted model stands for the GPU: it says which samples it got, when the test lets it. */
import { getEventListeners } from 'node:events';
import { expect, test, vi } from 'vitest';
import { UniSpeechError } from '../../src/base/errors.ts';
import { Tensor } from '../../src/base/tensor.ts';
import { SharedTurns } from '../../src/base/turns.ts';
import type { DecodedText, Decoder } from '../../src/decode/decoder.ts';
import { tokensOf } from '../../src/decode/window-frames.ts';
import type { QueueBatch, RecognitionQueueOptions } from '../../src/pipelines/queue-options.ts';
import type { RecognitionParts } from '../../src/pipelines/read-clip.ts';
import { LaterQueue } from '../../src/pipelines/later-queue.ts';
import { checkRecognitionOptions } from '../../src/pipelines/recognition-options.ts';
import { UniSpeechConfig } from '../../src/speech/families/unispeech.ts';
import { listOf } from '../helpers/async-lists.ts';
import { collectGarbage } from '../helpers/garbage.ts';

const config = UniSpeechConfig.fromJson({ model_type: 'unispeech' });
const RATE = 16_000;

/** Each frame's token is a character. */
class Letters implements Decoder {
  #text = '';
  push(frames: Parameters<Decoder['push']>[0]): void {
    for (const id of Array.from(tokensOf(frames))) this.#text += String.fromCharCode(id);
  }
  take(): DecodedText {
    const text = this.#text;
    this.#text = '';
    return { text };
  }
  finish(): DecodedText {
    return this.take();
  }
}

interface ScriptedRun {
  /** The first sample of each piece. */
  readonly letters: string;
  readonly seconds: readonly number[];
  readonly signal: AbortSignal | undefined;
  /** Ends it. */
  readonly end: () => void;
}

/** A queue on a model whose runs end when the test says so, or by themselves. @param fails an error for a batch with these letters. */
function scripted(
  options: RecognitionQueueOptions & { readonly isOfOneLength?: boolean } = {},
  fails: (letters: string) => unknown = () => undefined,
) {
  const { isOfOneLength = false, ...queueOptions } = options;
  const runs: ScriptedRun[] = [];
  const script = { holds: false };
  const wakes: (() => void)[] = [];
  const run = async ({
    input_values,
    signal,
  }: {
    readonly input_values: readonly Float32Array[];
    readonly signal?: AbortSignal;
  }) => {
    const letters = input_values.map(([first = 0]) => String.fromCharCode(first)).join('');
    await new Promise<void>((resolve, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason as Error));
      runs.push({
        letters,
        seconds: input_values.map(({ length }) => length / RATE),
        signal,
        end: resolve,
      });
      for (const wake of wakes.splice(0)) wake();
      if (!script.holds) resolve();
    });
    const error = fails(letters);
    if (error !== undefined) throw error as Error;
    const frameCount = Math.max(...input_values.map(({ length }) => config.frameCount(length)));
    const ids = input_values.flatMap((samples) =>
      Array.from({ length: frameCount }, (_, frame) => samples[frame * 320] ?? 0),
    );
    const tensor = new Tensor('float32', Float32Array.from(ids), [input_values.length, frameCount, 1]);
    return new Map([['token_ids', tensor]]);
  };
  const tokenizer = { pad_token_id: 0 };
  const parts = {
    model: { config, runner: { run } },
    processor: { feature_extractor: { extract: (samples: Float32Array) => ({ input_values: [samples] }) } },
    tokenizer,
    sampleRate: RATE,
    decoder: { reads: 'tokens', create: () => new Letters() },
    pickSeconds: () => 30,
    warn: () => undefined,
  } as unknown as RecognitionParts;
  const turns = new SharedTurns();
  const queue = new LaterQueue(
    {
      parts: () => parts,
      check: (call) => checkRecognitionOptions(call, parts.tokenizer, parts.decoder),
      hold: (signal) => turns.hold(signal),
      limits: () => ({ isOfOneLength, sampleRate: RATE, seconds: 30 }),
    },
    { linger_ms: 0, ...queueOptions },
  );
  /** Waits until so many runs have begun. */
  const began = async (count: number): Promise<ScriptedRun> => {
    while (runs.length < count) await new Promise<void>((resolve) => wakes.push(resolve));
    const last = runs[count - 1];
    if (!last) throw new Error('no such run');
    return last;
  };
  return { queue, runs, script, began, turns };
}

/** Samples that say, second by second, which clip they are of. */
const clip = (letter: string, seconds: number): Float32Array =>
  new Float32Array(Math.round(seconds * RATE)).fill(letter.charCodeAt(0));

const textOf = (letter: string, seconds: number): string =>
  letter.repeat(config.frameCount(Math.round(seconds * RATE)));

/** A stream of one-second blocks, and how many were taken. */
function counted(letter: string, seconds: number) {
  const taken = { seconds: 0, isClosed: false };
  async function* blocks(): AsyncGenerator<Float32Array> {
    try {
      for (; taken.seconds < seconds; taken.seconds += 1) yield await Promise.resolve(clip(letter, 1));
    } finally {
      taken.isClosed = true;
    }
  }
  return { source: blocks(), taken };
}

const soon = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));
const IN_SECONDS = { chunk_length_s: 1, stride_length_s: 0, cut: 'fixed' } as const;

test('each clip has its own frames, whatever shares its batches, and a result in parts', async () => {
  const { queue, runs } = scripted({ max_batch: 3, linger_ms: 50 });
  const lengths = { a: 1, b: 0.95, c: 3.5, d: 1.02, e: 7.25, f: 2, g: 1 };
  const added = Object.entries(lengths).map(([letter, seconds]) => ({
    letter,
    seconds,
    queued: queue.add(clip(letter, seconds), IN_SECONDS),
  }));
  for (const { letter, seconds, queued } of added) {
    const { text } = await queued.result;
    expect(text).toMatch(new RegExp(`^${letter}+$`));
    // Read when the result is there.
    const parts = await listOf(queued.parts);
    expect(parts.map((part) => part.text).join('')).toBe(text);
    expect(parts.at(-1)?.progress).toMatchObject({ seconds, total_seconds: seconds });
  }
  expect(runs.length).toBeLessThan(17);
  expect(Math.max(...runs.map(({ letters }) => letters.length))).toBe(3);
  expect(queue.waiting).toEqual({ clips: 0, pieces: 0 });
});

test('a long clip has two pieces here at a time, so a short one that comes later is in the next batch', async () => {
  const { queue, runs, script, began } = scripted({ max_batch: 8, max_batch_seconds: 1 });
  script.holds = true;
  const { source, taken } = counted('h', 600);
  const hour = queue.add(source, IN_SECONDS);
  const first = await began(1);
  await began(2);
  expect(runs.map(({ letters }) => letters)).toEqual(['h', 'h']);
  await soon();
  // It is not read ahead of the model.
  expect(taken.seconds).toBeLessThan(5);
  const short = queue.add(clip('s', 0.9), {});
  first.end();
  const third = await began(3);
  expect(third.letters).toBe('s');
  runs[1]?.end();
  third.end();
  expect((await short.result).text).toBe(textOf('s', 0.9));
  expect(taken.seconds).toBeLessThan(8);
  script.holds = false;
  runs.forEach(({ end }) => end());
  expect((await hour.result).text.length).toBe(600 * 49);
});

test('clips take turns by the sound that they had: ten long ones do not hold up a short one', async () => {
  const { queue, script, began, runs } = scripted({ max_batch: 1 });
  script.holds = true;
  for (let index = 0; index < 10; index += 1)
    void queue.add(counted(String.fromCharCode(65 + index), 100).source, IN_SECONDS);
  await began(2);
  for (let run = 0; run < 15; run += 1) (await began(run + 1)).end();
  await soon();
  expect(runs).toHaveLength(17);
  const short = queue.add(clip('s', 1), {});
  await soon();
  runs[15]?.end();
  expect((await began(18)).letters).toBe('s');
  script.holds = false;
  runs.forEach(({ end }) => end());
  await short.result;
  // And the long ones took turns.
  const counts = new Map<string, number>();
  for (const { letters } of runs.slice(0, 15)) counts.set(letters, (counts.get(letters) ?? 0) + 1);
  expect(Math.max(...counts.values())).toBeLessThanOrEqual(3);
  await queue.close();
});

test('low priority waits while anything else does', async () => {
  const { queue, script, began, runs } = scripted({ max_batch: 4 });
  script.holds = true;
  const first = queue.add(clip('x', 1));
  await began(1);
  const second = queue.add(clip('y', 1));
  await began(2);
  const low = queue.add(clip('l', 1), { priority: 'low' });
  await soon();
  const high = queue.add(clip('n', 1));
  await soon();
  script.holds = false;
  runs.forEach(({ end }) => end());
  await Promise.all([first, second, low, high].map(({ result }) => result));
  expect(runs.map(({ letters }) => letters)).toEqual(['x', 'y', 'n', 'l']);
});

test('a model that reads padding gets clips of one length together', async () => {
  const { queue, script, began, runs } = scripted({ isOfOneLength: true, max_batch: 8 });
  script.holds = true;
  const before = [queue.add(clip('x', 3)), queue.add(clip('y', 4))];
  await began(2);
  const added = [1, 1.01, 1, 1.01, 1].map((seconds, index) => queue.add(clip('abcde'[index] ?? '', seconds)));
  await soon();
  script.holds = false;
  runs.forEach(({ end }) => end());
  await Promise.all([...before, ...added].map(({ result }) => result));
  expect(runs.slice(2).map(({ letters }) => letters)).toEqual(['ace', 'bd']);
});

test('while the model is busy, a batch waits a moment for more clips', async () => {
  const { queue, script, began, runs } = scripted({ linger_ms: 400, max_batch: 2 });
  script.holds = true;
  const first = queue.add(clip('x', 1));
  // Nothing runs, so nothing is waited for.
  await began(1);
  const second = queue.add(clip('y', 1));
  await soon();
  expect(runs).toHaveLength(1);
  const third = queue.add(clip('z', 1));
  expect((await began(2)).letters).toBe('yz');
  const fourth = queue.add(clip('w', 1));
  runs.forEach(({ end }) => end());
  script.holds = false;
  await Promise.all([first, second, third, fourth].map(({ result }) => result));
});

test('an abort ends its clip alone, at once and wherever it is', async () => {
  const { queue, script, began, runs } = scripted({ max_batch: 2, linger_ms: 30 });
  script.holds = true;
  const reason = new Error('gone');
  const busy = queue.add(clip('x', 1));
  await began(1);
  const leaving = new AbortController();
  const inBatch = queue.add(clip('a', 1), { signal: leaving.signal });
  const beside = queue.add(clip('b', 1));
  await began(2);
  const waiting = new AbortController();
  const waits = queue.add(clip('c', 1), { signal: waiting.signal });
  const { source, taken } = counted('d', 1000);
  const open = new AbortController();
  const reads = queue.add(source, { ...IN_SECONDS, signal: open.signal });
  await soon();
  leaving.abort(reason);
  waiting.abort(reason);
  open.abort(reason);
  for (const { result } of [inBatch, waits, reads]) await expect(result).rejects.toBe(reason);
  await expect(listOf(reads.parts)).rejects.toBe(reason);
  await soon();
  expect(taken.isClosed).toBe(true);
  // The batch goes on for the other clip.
  expect(runs[1]?.signal?.aborted).toBe(false);
  script.holds = false;
  runs.forEach(({ end }) => end());
  expect((await busy.result).text).toBe(textOf('x', 1));
  expect((await beside.result).text).toBe(textOf('b', 1));
  expect(runs.map(({ letters }) => letters)).toEqual(['x', 'ab']);
  await expect(queue.add(clip('e', 1), { signal: leaving.signal }).result).rejects.toBe(reason);
  expect(queue.waiting).toEqual({ clips: 0, pieces: 0 });
});

test('the work of a batch is given up when every clip of it is gone', async () => {
  const { queue, script, began, runs } = scripted({ max_batch: 2, linger_ms: 30 });
  script.holds = true;
  const leaving = new AbortController();
  const gone = [clip('a', 1), clip('b', 1)].map((audio) => queue.add(audio, { signal: leaving.signal }));
  await began(1);
  await soon();
  leaving.abort();
  for (const { result } of gone) await expect(result).rejects.toThrow('abort');
  expect(runs.every(({ signal }) => signal?.aborted)).toBe(true);
  script.holds = false;
  expect((await queue.add(clip('c', 1)).result).text).toBe(textOf('c', 1));
});

test('a signal that many clips share has one listener, and holds nothing of a clip that is over', async () => {
  const warnings: string[] = [];
  const onWarning = ({ name }: Error): void => void warnings.push(name);
  process.on('warning', onWarning);
  const controller = new AbortController();
  const { signal } = controller;
  const listeners = (): number => getEventListeners(signal, 'abort').length;
  const { queue, script, began, runs } = scripted({ max_batch: 4 });
  script.holds = true;
  const held: WeakRef<Float32Array>[] = [];
  const add = async (letter: string): Promise<string> => {
    const samples = clip(letter, 1);
    held.push(new WeakRef(samples));
    return (await queue.add(samples, { signal }).result).text;
  };
  const clips = Array.from({ length: 30 }, () => add('a'));
  await began(2);
  await soon();
  expect(listeners()).toBe(1);
  script.holds = false;
  runs.splice(0).forEach(({ end }) => end());
  for (const text of clips) expect(await text).toBe(textOf('a', 1));
  expect(listeners()).toBe(0);
  runs.length = 0;
  await soon();
  collectGarbage();
  // The last batch may be in the hands of its loop.
  expect(held.filter((samples) => samples.deref()).length).toBeLessThanOrEqual(4);
  // It still ends all that are in the queue.
  script.holds = true;
  const gone = Array.from({ length: 12 }, () => add('b'));
  await soon();
  controller.abort();
  for (const text of gone) await expect(text).rejects.toBe(signal.reason);
  expect(listeners()).toBe(0);
  process.off('warning', onWarning);
  expect(warnings).toEqual([]);
});

test('a failure is one of its clip: the others of its batch run again without it', async () => {
  const { queue } = scripted({ linger_ms: 30 }, (letters) =>
    letters.includes('p') ? new Error('poison') : undefined,
  );
  async function* broken(): AsyncGenerator<Float32Array> {
    yield await Promise.resolve(clip('q', 2.5));
    throw new Error('the line is dead');
  }
  const before = queue.add(clip('x', 1));
  const good = queue.add(clip('a', 1));
  const poison = queue.add(clip('p', 1));
  const dead = queue.add(broken(), IN_SECONDS);
  const short = queue.add(new Float32Array(100));
  await expect(poison.result).rejects.toThrow('poison');
  await expect(dead.result).rejects.toThrow('the line is dead');
  await expect(short.result).rejects.toMatchObject({ code: 'bad-audio' });
  expect((await before.result).text).toBe(textOf('x', 1));
  expect((await good.result).text).toBe(textOf('a', 1));
});

test('an error of all clips is that of each, and the next clip begins anew', async () => {
  let isLost = true;
  const { queue, script, began, runs } = scripted({}, () =>
    isLost ? new UniSpeechError('device-lost', 'The GPU device was lost.') : undefined,
  );
  script.holds = true;
  const { source, taken } = counted('h', 100);
  const lost = [queue.add(source, IN_SECONDS), queue.add(clip('a', 1)), queue.add(clip('b', 2))];
  await began(2);
  script.holds = false;
  runs.forEach(({ end }) => end());
  for (const { result } of lost) await expect(result).rejects.toMatchObject({ code: 'device-lost' });
  isLost = false;
  expect((await queue.add(clip('c', 1)).result).text).toBe(textOf('c', 1));
  expect(taken.isClosed).toBe(true);
});

test('an error of all clips ends those that wait for room, too, and lets a change of language begin', async () => {
  const error = new UniSpeechError('device-lost', 'The GPU device was lost.');
  const { queue, script, began, runs, turns } = scripted({ max_batch: 1 }, () => error);
  script.holds = true;
  const streams = ['h', 'i', 'j'].map((letter) => counted(letter, 100));
  const clips = streams.map(({ source }) => queue.add(source, IN_SECONDS));
  await began(2);
  await soon();
  script.holds = false;
  runs.forEach(({ end }) => end());
  for (const { result } of clips) await expect(result).rejects.toBe(error);
  await turns.change(() => Promise.resolve());
  expect(streams.map(({ taken }) => taken.isClosed)).toEqual([true, true, true]);
  expect(queue.waiting).toEqual({ clips: 0, pieces: 0 });
});

test('clips of low priority leave places to open for others, which come first', async () => {
  const { queue, script, began } = scripted({ max_batch: 1 });
  script.holds = true;
  const leaving = new AbortController();
  const add = (count: number, priority: 'normal' | 'low', signal = leaving.signal) =>
    Array.from({ length: count }, () => {
      const { source, taken } = counted('h', 100);
      void queue.add(source, { ...IN_SECONDS, priority, signal });
      return () => taken.seconds > 0;
    });
  const openCount = (clips: readonly (() => boolean)[]): number => clips.filter((isOpen) => isOpen()).length;
  const low = add(200, 'low');
  await began(2);
  await soon();
  expect(openCount(low)).toBe(64);
  const open = new AbortController();
  const normal = [...add(1, 'normal', open.signal), ...add(99, 'normal')];
  await soon();
  expect([openCount(low), openCount(normal)]).toEqual([64, 64]);
  open.abort();
  await soon();
  expect([openCount(low), openCount(normal)]).toEqual([64, 65]);
  leaving.abort();
  await queue.close();
});

test('a change of language waits for the clips that are in the queue, and later clips for it', async () => {
  const { queue, script, began, runs, turns } = scripted();
  script.holds = true;
  const before = queue.add(clip('a', 1));
  await began(1);
  const order: string[] = [];
  const change = turns.change(() => Promise.resolve(order.push('change')));
  const after = queue.add(clip('b', 1));
  await soon();
  expect(order).toEqual([]);
  expect(runs).toHaveLength(1);
  script.holds = false;
  runs.forEach(({ end }) => end());
  await before.result.then(() => order.push('a'));
  await after.result.then(() => order.push('b'));
  await change;
  expect(order).toEqual(['a', 'change', 'b']);
});

test('closed, it ends what it has and takes no more', async () => {
  const { queue } = scripted();
  const last = queue.add(clip('a', 3), IN_SECONDS);
  const closing = queue.close();
  expect(() => queue.add(clip('b', 1))).toThrow(expect.objectContaining({ code: 'disposed' }));
  await closing;
  expect((await last.result).text).toHaveLength(3 * 49);
  await scripted().queue.close();
});

test('each batch is reported before it runs and after, with the clips that are in it', async () => {
  const batches: QueueBatch[] = [];
  const { queue } = scripted({ linger_ms: 30, batch_callback: (batch) => batches.push(batch) });
  const clips = [clip('x', 1), clip('a', 1), clip('b', 0.95)];
  await Promise.all(clips.map((audio, index) => queue.add(audio, { id: `clip-${index}` }).result));
  expect(batches.map(({ status, milliseconds = 0 }) => [status, milliseconds >= 0])).toEqual([
    ['begin', true],
    ['end', true],
  ]);
  for (const batch of batches)
    expect(batch).toMatchObject({
      ids: expect.arrayContaining(['clip-0', 'clip-1', 'clip-2']) as unknown,
      piece_count: 3,
      audio_seconds: 2.95,
      padded_seconds: 3,
    });
});

test('what the callback of batches throws is an uncaught error, and no failure of a clip', async () => {
  const uncaught: (() => void)[] = [];
  const spy = vi.spyOn(globalThis, 'queueMicrotask').mockImplementation((task) => void uncaught.push(task));
  try {
    const { queue } = scripted({
      batch_callback: ({ status }) => {
        throw new Error(`at ${status}`);
      },
    });
    for (const letter of ['a', 'b'])
      expect((await queue.add(clip(letter, 1)).result).text).toBe(textOf(letter, 1));
    await queue.close();
  } finally {
    spy.mockRestore();
  }
  expect(uncaught).toHaveLength(4);
  uncaught.forEach((task, index) => expect(task).toThrow(index % 2 === 0 ? 'at begin' : 'at end'));
});

test('options are checked by name and value', () => {
  for (const options of [
    { max_batch: 0 },
    { max_batch: 1.5 },
    { max_batch_seconds: 0 },
    { max_batch_seconds: Infinity },
    { linger_ms: -1 },
    { linger_ms: Number.NaN },
    { batch_callback: 'x' },
    { batch_size: 2 },
  ])
    expect(() => scripted(options as RecognitionQueueOptions)).toThrow(
      expect.objectContaining({ code: 'bad-option' }),
    );
  const { queue } = scripted();
  for (const options of [
    { priority: 'high' },
    { id: 7 },
    { batch_size: 2 },
    { return_timestamps: 'line' },
    { chunk: 3 },
    7,
  ])
    expect(() => queue.add(clip('a', 1), options as never)).toThrow(
      expect.objectContaining({ code: 'bad-option' }),
    );
});
