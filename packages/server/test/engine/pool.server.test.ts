/** The pool with real engine processes: what comes of clips, and what a clip, a client or a crash may cost the others. */
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clipFolder, modelFolder, readClipGoldens, readSamples } from '../../../../test/helpers/clips.ts';
import { createEnginePool } from '../../src/engine/create-pool.ts';
import type { EnginePool, EnginePoolOptions, PoolEvent } from '../../src/engine/engine-pool.ts';
import type {
  TranscribedClip,
  TranscribedPart,
  TranscriptionJob,
} from '../../src/engine/transcription-job.ts';
import { type PhonemeModel, phonemeModel } from '../../../../test/helpers/phoneme-model.ts';
import { useEngineScripts } from '../helpers/engine-scripts.ts';
import { writeWav } from '../helpers/wav-file.ts';

const scripts = useEngineScripts();
const goldens = readClipGoldens('demo.json');
const pools: EnginePool[] = [];
afterAll(() => Promise.all(pools.map((pool) => pool.stop(0))));

/** A pool on the bundled model, with what it tells. */
function makePool(
  options: Partial<EnginePoolOptions> & { readonly script?: Parameters<typeof scripts.of>[0] } = {},
) {
  const { script = 'engine-child', ...others } = options;
  const events: PoolEvent[] = [];
  const lines: string[] = [];
  const spoolFolder = path.join(scripts.folder(), 'spool');
  const pool = createEnginePool({
    models: [{ id: 'tiny', location: modelFolder }],
    spoolFolder,
    childModule: scripts.of(script),
    restartMilliseconds: 20,
    stopMilliseconds: script === 'silent' ? 200 : undefined,
    onEvent: (event) => events.push(event),
    onLog: (line) => lines.push(line),
    ...others,
  });
  pools.push(pool);
  let count = 0;
  const transcribe = (file: string, job: Partial<TranscriptionJob> = {}) =>
    pool.transcribe({ id: `job-${count++}`, modelId: 'tiny', file, options: {}, ...job });
  return { pool, events, lines, transcribe, spoolFolder };
}

/** Demo clips one after the other. */
async function long(seconds: number): Promise<Float32Array> {
  const clips = await Promise.all(goldens.map(({ file }) => readSamples(clipFolder + file)));
  const all = new Float32Array(seconds * 16_000);
  for (let at = 0, index = 0; at < all.length; index += 1) {
    const clip = clips[index % clips.length] ?? new Float32Array(1);
    all.set(clip.subarray(0, all.length - at), at);
    at += clip.length;
  }
  return all;
}

async function poison(folder: string): Promise<string> {
  const samples = (await long(3)).slice();
  samples[0] = 0.75;
  return writeWav(folder, 'poison.wav', samples);
}

const soon = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));
async function until(isTrue: () => boolean): Promise<void> {
  const end = performance.now() + 50_000;
  while (!isTrue()) {
    if (performance.now() > end) throw new Error('it did not come true in 50 s');
    await soon(10);
  }
}

describe('one pool', () => {
  let made: ReturnType<typeof makePool>;
  let phones: PhonemeModel;
  const [first] = goldens;
  const short = clipFolder + (first?.file ?? '');
  beforeAll(async () => {
    phones = phonemeModel();
    const models = [
      { id: 'tiny', location: modelFolder },
      { id: 'searching', location: modelFolder, decoder: { type: 'beam', beam_width: 20 } },
      { id: 'phones', location: phones.folder },
    ] as const;
    made = makePool({ models, keepAliveMilliseconds: -1, decodesAtOnce: 2 });
    expect(made.pool.notReady).toBe('The engine is starting.');
    await made.pool.start();
    expect(made.pool.notReady).toBeUndefined();
  });
  afterAll(() => phones[Symbol.dispose]());

  test('clips of every format come back as the pipeline reads them, in parts, with their words', async () => {
    const { pool, events, transcribe, spoolFolder } = made;
    expect(pool.models).toMatchObject([
      { id: 'tiny', status: 'loaded', facts: { samplingRate: 16_000, units: 'words', searches: false } },
      { id: 'searching', status: 'loaded', facts: { dtype: 'fp32', searches: true } },
      { id: 'phones', status: 'loaded', facts: { units: 'phonemes' } },
    ]);
    const parts: TranscribedPart[] = [];
    const file = writeWav(scripts.folder(), 'long.wav', await long(20));
    const options = { words: true, chunkLengthSeconds: 4 };
    const [longClip, ...clips] = await Promise.all([
      transcribe(file, { options, onPart: (part) => parts.push(part) }),
      ...goldens.map((golden) => transcribe(clipFolder + golden.file)),
    ]);
    expect(clips.map(({ text }) => text)).toEqual(goldens.map(({ text }) => text));
    expect(clips[0]).not.toHaveProperty('words');
    expect(parts.length).toBeGreaterThan(1);
    expect(parts.map(({ text }) => text).join('')).toBe(longClip.text);
    expect(parts.flatMap(({ words = [] }) => words)).toEqual(longClip.words);
    expect(longClip.words?.map(({ text }) => text).join(' ')).toBe(longClip.text);
    expect(longClip.durationSeconds).toBe(20);
    expect(pool.stats()).toMatchObject({
      jobsDecoding: 0,
      jobsWaiting: 0,
      jobsRunning: 0,
      audioSecondsWaiting: 0,
    });
    expect(pool.stats().speed).toBeGreaterThan(0);
    expect(events.filter(({ type }) => type === 'done')).toHaveLength(1 + goldens.length);
    expect(events).toContainEqual(expect.objectContaining({ type: 'batch', modelId: 'tiny' }));
    await until(() => readdirSync(spoolFolder).length === 0);
  });

  test('characters come with their spaces, and words of them are the same words', async () => {
    const { transcribe } = made;
    const [words, both] = await Promise.all([
      transcribe(short, { options: { words: true } }),
      transcribe(short, { options: { words: true, characters: true, tokens: true } }),
    ]);
    expect(both.characters?.map(({ text }) => text).join('')).toBe(both.text);
    expect(both.tokens?.map(({ token }) => token).join('')).toBe(both.text);
    const timesOf = (clip: TranscribedClip): unknown =>
      clip.words?.map(({ text, start, end }) => [text, start, end]);
    expect(timesOf(both)).toEqual(timesOf(words));
    for (const [index, { probability = -1 }] of (both.words ?? []).entries()) {
      expect(probability).toBeGreaterThan(0.5);
      expect(probability).toBeLessThanOrEqual(1);
      expect(probability).toBeCloseTo(words.words?.[index]?.probability ?? 0, 2);
    }
    for (const { id, logprob } of both.tokens ?? []) {
      expect(id).toBeGreaterThan(0);
      expect(logprob).toBeLessThanOrEqual(0);
      expect(logprob).toBeGreaterThan(-2);
    }
  });

  test('a model that searches hears hotwords in the letters that it has, and gives words without probabilities', async () => {
    const { transcribe } = made;
    const samples = (await readSamples(clipFolder + 'yes-five.flac')).slice();
    let state = 1;
    for (const index of samples.keys()) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      samples[index] = (samples[index] ?? 0) + 0.05 * (state / 2 ** 31 - 1);
    }
    const file = writeWav(scripts.folder(), 'noisy.wav', samples);
    const search = (options: TranscriptionJob['options']): Promise<TranscribedClip> =>
      transcribe(file, { modelId: 'searching', options });
    const [plain, hinted] = await Promise.all([
      search({ words: true }),
      search({ words: true, hotwords: ['five'] }),
    ]);
    expect(plain.text).toBe('YES IV');
    expect(hinted.text).toBe('YES FIVE');
    expect(hinted.words?.map(({ text }) => text)).toEqual(['YES', 'FIVE']);
    expect(hinted.words?.[0]).not.toHaveProperty('probability');
    await expect(search({ tokens: true })).rejects.toMatchObject({ code: 'unsupported' });
  });

  test('a model for phonemes gives phonemes with times, and aligns them', async () => {
    const { pool, transcribe } = made;
    const file = `${clipFolder}yes-five.flac`;
    const sounds = ['j', 'ɛ', 's', 'f', 'aɪ', 'v', 'ɛ'];
    const clip = await transcribe(file, { modelId: 'phones', options: { characters: true } });
    expect(clip.text).toBe(sounds.join(' '));
    const heard = clip.characters?.filter(({ text }) => text !== ' ') ?? [];
    expect(heard.map(({ text }) => text)).toEqual(sounds);
    const job = { id: 'sounds', modelId: 'phones', file, text: clip.text, options: { characters: true } };
    const { characters = [] } = await pool.align(job);
    expect(characters.map(({ text }) => text)).toEqual(sounds);
    for (const [index, { start }] of characters.entries())
      expect(Math.abs(start - (heard[index]?.start ?? 9))).toBeLessThan(0.1);
    await expect(transcribe(file, { modelId: 'phones', options: { words: true } })).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('phonemes and knows no words') as unknown,
    });
  });

  test('text is aligned with a clip, word by word', async () => {
    const { pool, transcribe } = made;
    const { words } = await transcribe(short, { options: { words: true } });
    const text = `${first?.text.toLowerCase() ?? ''} !`;
    const options = { characters: true };
    const aligned = await pool.align({ id: 'a', modelId: 'tiny', file: short, text, options });
    expect(aligned.words.map((word) => word.text).join(' ')).toBe(text);
    for (const [index, word] of (words ?? []).entries())
      expect(Math.abs((aligned.words[index]?.start ?? 9) - word.start)).toBeLessThan(0.1);
    expect(aligned.unaligned).toEqual([{ text: '!', from: text.length - 1, to: text.length }]);
    expect(aligned.characters?.length).toBeGreaterThan(4);
    expect(aligned.score).toBeGreaterThan(0.5);
    expect(aligned.durationSeconds).toBeGreaterThan(1);
    const gone = AbortSignal.abort(new Error('gone'));
    const job = { id: 'b', modelId: 'tiny', file: short, text, options, signal: gone };
    await expect(pool.align(job)).rejects.toThrow('gone');
  });

  test('what is wrong with a file is an error of its own, without the path of the file', async () => {
    const { pool, transcribe } = made;
    const tooShort = writeWav(scripts.folder(), 'short.wav', new Float32Array(100));
    await expect(transcribe(tooShort)).rejects.toMatchObject({
      code: 'audio_too_short',
      message: expect.stringContaining('100 samples at 16000 Hz') as unknown,
    });
    const job = { id: 'short', modelId: 'tiny', file: tooShort, text: 'yes', options: {} };
    await expect(pool.align(job)).rejects.toMatchObject({ code: 'audio_too_short' });
    // Heard, but in fewer frames than the text has letters.
    const text = 'yes '.repeat(200);
    await expect(pool.align({ ...job, file: short, text })).rejects.toMatchObject({ code: 'too-short' });
    const junk = path.join(modelFolder, 'vocab.json');
    const failure = await transcribe(junk, { name: 'The file' }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'bad-audio' });
    expect(String(failure)).not.toContain(modelFolder);
    await expect(transcribe(junk, { modelId: 'other' })).rejects.toMatchObject({ code: 'model_not_found' });
    await expect(transcribe(short, { options: { maxSeconds: 0.5 } })).rejects.toMatchObject({
      code: 'audio_too_long',
      message: expect.stringContaining('at most 0.5 s') as unknown,
    });
    // Its header says how long it is, so the most of it is never decoded.
    const minute = writeWav(scripts.folder(), 'minute.wav', new Float32Array(60 * 16_000));
    await expect(transcribe(minute, { options: { maxSeconds: 5 } })).rejects.toMatchObject({
      code: 'audio_too_long',
      message: expect.stringContaining('lasts 60.0 s or more') as unknown,
    });
    const m4a = path.join(scripts.folder(), 'clip.m4a');
    writeFileSync(m4a, `\0\0\0 ftypM4A \0\0\0\0M4A mp42isom${'\0'.repeat(2000)}`);
    const { PATH } = process.env;
    process.env.PATH = '';
    await expect(transcribe(m4a)).rejects.toMatchObject({
      code: 'unsupported_format',
      message: expect.stringContaining('ffmpeg') as unknown,
    });
    process.env.PATH = PATH;
    await expect(transcribe(short, { deadlineMilliseconds: 1 })).rejects.toMatchObject({
      code: 'deadline_exceeded',
    });
    expect((await transcribe(short)).text).toBe(first?.text);
  });

  test('a clip that nobody waits for any more leaves the decoder, the queue and the device', async () => {
    const { pool, events, transcribe, spoolFolder } = made;
    const file = writeWav(scripts.folder(), 'long.wav', await long(120));
    const leaving = new AbortController();
    const reason = new Error('gone');
    let partCount = 0;
    const running = transcribe(file, {
      options: { chunkLengthSeconds: 4 },
      signal: leaving.signal,
      onPart() {
        partCount += 1;
        if (partCount === 2) leaving.abort(reason);
      },
    });
    await expect(running).rejects.toBe(reason);
    const batchCount = (): number => events.filter(({ type }) => type === 'batch').length;
    const before = batchCount();
    const decoding = new AbortController();
    const all = [file, file, file].map((each) =>
      transcribe(each, { priority: 'low', signal: decoding.signal }),
    );
    await soon(1);
    decoding.abort(reason);
    for (const each of all) await expect(each).rejects.toBe(reason);
    await until(() => readdirSync(spoolFolder).length === 0);
    expect(pool.stats()).toMatchObject({ jobsDecoding: 0, jobsWaiting: 0, jobsRunning: 0, spoolBytes: 0 });
    // What was under way ends; nothing else begins.
    await soon(300);
    expect(batchCount() - before).toBeLessThanOrEqual(2);
    await expect(transcribe(file, { signal: decoding.signal })).rejects.toBe(reason);
  });

  test('a short clip behind a long one is answered soon', async () => {
    const { events, transcribe } = made;
    const file = writeWav(scripts.folder(), 'hour.wav', await long(300));
    const enough = new AbortController();
    let began = (): void => undefined;
    const hasBegun = new Promise<void>((resolve) => (began = resolve));
    const { signal } = enough;
    const hour = transcribe(file, { options: { chunkLengthSeconds: 4 }, signal, onPart: () => began() });
    await hasBegun;
    const batchCount = (): number => events.filter(({ type }) => type === 'batch').length;
    const before = batchCount();
    expect((await transcribe(short)).text).toBe(first?.text);
    // Two of the long clip may be under way when it comes, and its own.
    expect(batchCount() - before).toBeLessThanOrEqual(4);
    enough.abort(new Error('enough'));
    await expect(hour).rejects.toThrow('enough');
  });

  test('stopped under load, it ends what it has in its time, and refuses the rest', async () => {
    const { pool, transcribe, spoolFolder } = made;
    const clips = goldens.map((golden) => transcribe(clipFolder + golden.file));
    await soon(50);
    const stopping = pool.stop(60_000);
    await expect(transcribe(short)).rejects.toMatchObject({ code: 'draining' });
    const { devices } = pool.stats();
    expect((await Promise.all(clips)).map(({ text }) => text)).toEqual(goldens.map(({ text }) => text));
    await stopping;
    expect(devices[0]?.processId).toBeGreaterThan(0);
    expect(() => process.kill(devices[0]?.processId ?? 0, 0)).toThrow();
    expect(existsSync(spoolFolder)).toBe(false);
  });
});

test('a clip that kills its engine is found out, and everybody else is served', async () => {
  const { pool, events, lines, transcribe } = makePool({ script: 'poisoned' });
  await pool.start();
  const killer = transcribe(await poison(scripts.folder())).catch((error: unknown) => error);
  const parts: string[] = [];
  const file = writeWav(scripts.folder(), 'long.wav', await long(14));
  const options = { chunkLengthSeconds: 4 };
  const onPart = ({ text }: TranscribedPart): void => void parts.push(text);
  const streamed = transcribe(file, { options, onPart });
  const some = goldens.slice(0, 6);
  const clips = some.map((golden) => transcribe(clipFolder + golden.file));
  expect((await Promise.all(clips)).map(({ text }) => text)).toEqual(some.map(({ text }) => text));
  expect(await killer).toMatchObject({
    code: 'engine_crashed',
    message: expect.stringContaining('SIGKILL') as unknown,
  });
  const { text } = await streamed;
  expect(parts.join('')).toBe(text);
  // It died with the others, and once alone.
  expect(events.filter(({ type }) => type === 'restart')).toHaveLength(2);
  expect(lines.join()).toContain('SIGKILL');

  // Killed from outside, it costs nobody anything.
  const before = [...parts];
  parts.length = 0;
  const again = transcribe(file, {
    options,
    onPart(part) {
      onPart(part);
      const [device] = pool.stats().devices;
      if (parts.length === 1 && device?.processId !== undefined) process.kill(device.processId, 'SIGKILL');
    },
  });
  expect((await again).text).toBe(before.join(''));
  expect(parts.join('')).toBe(before.join(''));
  expect(pool.stats().devices[0]?.restarts).toBe(3);
  await pool.stop(0);
}, 180_000);

// That both get work is seen with engines that follow a script: how long a real one takes to start is anybody's guess.
test('two devices serve clips, rest when there are none, and are started by the next', async () => {
  const { pool, transcribe } = makePool({ devices: ['auto', 'auto'], keepAliveMilliseconds: 500 });
  await pool.start();
  const jobs = goldens.slice(0, 8);
  const clips = jobs.map((golden) => transcribe(clipFolder + golden.file));
  const ids = pool.stats().devices.flatMap(({ processId = [] }) => processId);
  expect((await Promise.all(clips)).map(({ text }) => text)).toEqual(jobs.map(({ text }) => text));
  await until(() => pool.stats().devices.every(({ processId }) => processId === undefined));
  expect(pool.models[0]?.status).toBe('idle');
  expect(pool.notReady).toBeUndefined();
  expect(ids.length).toBeGreaterThan(0);
  for (const id of ids) expect(() => process.kill(id, 0)).toThrow();
  // The next clip starts them again.
  expect((await transcribe(clipFolder + (goldens[0]?.file ?? ''))).text).toBe(goldens[0]?.text);
  expect(pool.stats().devices.map(({ restarts }) => restarts)).toEqual([0, 0]);
  const file = writeWav(scripts.folder(), 'long.wav', await long(300));
  const late = transcribe(file).catch((error: unknown) => error);
  await until(() => pool.stats().jobsRunning === 1);
  await pool.stop(100);
  expect(await late).toMatchObject({ code: 'draining' });
}, 180_000);

test('more than can be served in time is refused, with the time to come again', async () => {
  const { pool, events, transcribe } = makePool({ script: 'silent', queueSeconds: 10 });
  await pool.start();
  const file = writeWav(scripts.folder(), 'five.wav', new Float32Array(5 * 16_000).fill(0.1));
  const stop = new AbortController();
  const { signal } = stop;
  const taken: Promise<unknown>[] = [];
  for (let count = 1; count <= 4; count += 1) {
    taken.push(transcribe(file, { signal }).catch((error: unknown) => error));
    await until(() => pool.stats().jobsRunning === count);
  }
  expect(pool.stats()).toMatchObject({ speed: 2, audioSecondsWaiting: 20, spoolBytes: 4 * 5 * 16_000 * 4 });
  // 20 s at a speed of 2 take 10 s.
  await expect(transcribe(file)).rejects.toMatchObject({ code: 'queue_full', retryAfterSeconds: 10 });
  expect(events).toContainEqual({ type: 'rejected', code: 'queue_full' });
  taken.push(transcribe(file, { priority: 'low', signal }).catch((error: unknown) => error));
  stop.abort(new Error('enough'));
  expect((await Promise.all(taken)).map(String)).toEqual(taken.map(() => 'Error: enough'));
  expect(pool.stats()).toMatchObject({ audioSecondsWaiting: 0, jobsRunning: 0 });
  await until(() => pool.stats().spoolBytes === 0);
  const [device] = pool.stats().devices;
  // An engine that does not stop when it is told to is killed.
  await pool.stop(0);
  expect(() => process.kill(device?.processId ?? 0, 0)).toThrow();
});

test('prepared clips never take more of the disk than they may', async () => {
  const { pool, transcribe } = makePool({ script: 'silent', maxSpoolBytes: 1_000_000, decodesAtOnce: 1 });
  await pool.start();
  const folder = scripts.folder();
  const file = writeWav(folder, 'ten.wav', new Float32Array(10 * 16_000));
  await expect(
    transcribe(writeWav(folder, 'twenty.wav', new Float32Array(20 * 16_000))),
  ).rejects.toMatchObject({
    code: 'audio_too_long',
  });
  const stop = new AbortController();
  const first = transcribe(file, { signal: stop.signal });
  first.catch(() => undefined);
  const others = [1, 2].map(() => transcribe(file).catch((error: unknown) => error));
  await until(() => pool.stats().jobsRunning === 2);
  // The third waits for the room of one of the others.
  await soon(100);
  expect(pool.stats()).toMatchObject({ jobsDecoding: 1, jobsRunning: 2 });
  stop.abort(new Error('enough'));
  await expect(first).rejects.toThrow('enough');
  await until(() => pool.stats().jobsDecoding === 0 && pool.stats().jobsRunning === 2);
  await pool.stop(0);
  for (const error of await Promise.all(others)) expect(error).toMatchObject({ code: 'draining' });
});

test('an engine that cannot start is given up after five deaths, and clips are told', async () => {
  const { pool, events, lines, transcribe } = makePool({ script: 'dying' });
  await pool.start();
  expect(events.filter(({ type }) => type === 'restart')).toHaveLength(5);
  expect(lines.join('\n')).toContain('the driver is broken');
  expect(pool.notReady).toContain('No engine can be started');
  await expect(transcribe(clipFolder + (goldens[0]?.file ?? ''))).rejects.toMatchObject({
    code: 'no_device',
    retryAfterSeconds: 30,
  });
  await pool.stop(0);
});

test('a model that is not there is told, and so is a device that is not there', async () => {
  const { pool, transcribe } = makePool({ models: [{ id: 'tiny', location: './no/such/model' }] });
  await pool.start();
  expect(pool.models[0]).toMatchObject({
    status: 'failed',
    failure: expect.stringContaining('no/such/model') as unknown,
  });
  // Anybody may ask for that.
  expect(pool.notReady).toBe('The model "tiny" cannot be loaded: the log of the server says why.');
  const file = clipFolder + (goldens[0]?.file ?? '');
  const failure = await transcribe(file).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: 'model_not_found' });
  expect(String(failure)).not.toContain('no/such');
  await pool.stop(0);
  const other = makePool({ devices: ['no such adapter'] });
  await other.pool.start();
  expect(other.pool.notReady).toContain('no such adapter');
  await expect(other.transcribe(file)).rejects.toMatchObject({ code: 'no_device' });
  await other.pool.stop(0);
});
