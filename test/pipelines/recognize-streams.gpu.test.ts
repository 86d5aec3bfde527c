/** Speech recognition of what is long and of what is many: parts while a clip is read, and lists in batches by length. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { AutomaticSpeechRecognitionPipeline } from '../../src/pipelines/automatic-speech-recognition.ts';
import { pipeline } from '../../src/pipelines/pipeline.ts';
import type { AudioSource } from '../../src/pipelines/audio-source.ts';
import type { SpeechRecognitionPart } from '../../src/pipelines/recognition-output.ts';
import { listOf } from '../helpers/async-lists.ts';
import { clipFolder, modelFolder, readClipGoldens, readSamples } from '../helpers/clips.ts';
import { shareTestContext } from '../helpers/gpu.ts';
import { outputOf } from '../helpers/program-output.ts';

const files = readClipGoldens('demo.json').map(({ file }) => file);
let release: () => void;
let recognize: AutomaticSpeechRecognitionPipeline;
/** YES FIVE, in 1.9 s, again and again. */
let long: Float32Array;
let yes: Float32Array;

/** A clip several times, with 0.3 s of silence between. */
function looped(clip: Float32Array, count: number): Float32Array {
  const period = clip.length + 4800;
  const all = new Float32Array(count * period - 4800);
  for (let index = 0; index < count; index += 1) all.set(clip, index * period);
  return all;
}

beforeAll(async () => {
  release = await shareTestContext();
  recognize = await pipeline('asr', modelFolder);
  const yesFive = await readSamples(`${clipFolder}yes-five.flac`);
  long = looped(yesFive, 4);
  yes = yesFive.subarray(0, 9600);
});
afterAll(async () => {
  await recognize.dispose();
  release();
});

test('cut and uncut, all demo clips read the same', async () => {
  for (const file of files) {
    const clip = looped(await readSamples(clipFolder + file), 3);
    const { text } = await recognize(clip, { chunk_length_s: 5 });
    expect(text).toBe((await recognize(clip, { chunk_length_s: 0 })).text);
  }
});

test('the output of programs that ended before their turn came', async () => {
  const programs = Array.from({ length: 7 }, () => outputOf(`${clipFolder}yes-five.flac`));
  const [queued, streamed, listed, ...others] = programs.map(({ output }) => output as AudioSource);
  if (!queued || !streamed || !listed) throw new Error('too few programs');
  /** All others wait for this clip, or for a loop that begins later. */
  async function* waiting() {
    await Promise.all(programs.map(({ ended }) => ended));
    yield yes;
  }
  const inQueue = recognize.queue().add(queued).result;
  const inLoop = recognize.stream(streamed);
  const inEach = recognize.each([listed]);
  const inList = recognize([waiting() as AudioSource, ...others]);
  const texts = [...(await inList).slice(1), await inQueue].map(({ text }) => text);
  texts.push((await listOf(inLoop)).map(({ text }) => text).join(''));
  for (const { output } of await listOf(inEach)) texts.push(output?.text ?? '');
  expect(texts).toEqual(programs.map(() => 'YES FIVE'));
});

describe('stream', () => {
  test.each(['word', undefined] as const)(
    'parts (%s) are the result in pieces',
    async (return_timestamps) => {
      const options = { chunk_length_s: 3, return_timestamps };
      const whole = await recognize(long, options);
      const parts = await listOf(recognize.stream(long, options));
      expect(parts.map(({ text }) => text).join('')).toBe(whole.text);
      expect(parts.flatMap(({ chunks = [] }) => chunks)).toEqual(whole.chunks ?? []);
      expect(whole.text.split(' ').length).toBeGreaterThan(6);
      // Most of it was final before the end.
      expect(parts.slice(0, -1).filter(({ text }) => text !== '').length).toBeGreaterThan(2);
      const seconds = parts.map(({ progress }) => progress.seconds);
      expect(seconds.toSorted((a, b) => a - b)).toEqual(seconds);
      expect(parts.at(-1)?.progress).toMatchObject({
        seconds: long.length / 16_000,
        total_seconds: long.length / 16_000,
        chunk_length_s: 3,
      });
      expect(parts.at(-1)?.progress.rate).toBeGreaterThan(0);
    },
  );

  test('left early or aborted, it leaves nothing under way', async () => {
    let first: SpeechRecognitionPart | undefined;
    for await (const part of recognize.stream(long, { chunk_length_s: 2 })) {
      first = part;
      break;
    }
    expect(first?.progress.seconds).toBeLessThan(3);
    const abort = new AbortController();
    const reason = new Error('enough');
    const parts = recognize.stream(long, { chunk_length_s: 2, signal: abort.signal });
    await parts.next();
    abort.abort(reason);
    await expect(listOf(parts)).rejects.toBe(reason);
    // A loop that was left holds no turn.
    expect(await recognize(yes)).toEqual({ text: 'YES' });
    await expect(recognize.set_target_lang('fra')).rejects.toMatchObject({ code: 'bad-option' });
  });

  test('errors come when the loop begins', async () => {
    await expect(recognize.stream(long, { chunk_length_s: -1 }).next()).rejects.toThrow(
      'chunk_length_s is -1',
    );
    await expect(recognize.stream('nowhere.wav').next()).rejects.toThrow('nowhere.wav');
  });
});

describe('each', () => {
  const texts = async (options: object, clips: Iterable<Float32Array | string>) =>
    (await listOf(recognize.each(clips, options))).map((result) =>
      result.output ? `${result.index} ${result.output.text}` : `${result.index} ${String(result.error)}`,
    );

  test('results in the order of the clips, whatever shares a batch, and errors each of its own', async () => {
    const clips = [
      yes,
      long.subarray(0, 40_000),
      yes.subarray(0, 9000),
      'nowhere.wav',
      yes.subarray(0, 10),
      yes,
    ];
    const found = await texts({}, clips);
    expect(found).toHaveLength(6);
    for (const [index, clip] of clips.entries()) {
      const expected = index < 3 || index === 5 ? (await recognize(clip)).text : undefined;
      if (expected !== undefined) expect(found[index]).toBe(`${index} ${expected}`);
    }
    expect(found[3]).toMatch(/^3 UniSpeechError.*nowhere\.wav/);
    expect(found[4]).toMatch(/^4 UniSpeechError.*clip 5 of 6 is too short/);
    const call = vi.spyOn(recognize.model.runner, 'run');
    expect((await texts({ ordered: false }, clips)).toSorted()).toEqual(found);
    const sizes = call.mock.calls.map(([inputs]) => (inputs.input_values as readonly unknown[]).length);
    call.mockRestore();
    expect(Math.max(...sizes)).toBeGreaterThan(1);
  });

  test('as many clips as there are, opened a few ahead', async () => {
    let madeCount = 0;
    let doneCount = 0;
    function* endless(): Generator<Float32Array> {
      for (;;) {
        madeCount += 1;
        yield yes;
      }
    }
    for await (const result of recognize.each(endless(), { batch_size: 2 })) {
      expect(result.output?.text).toBe('YES');
      if (++doneCount === 3) break;
    }
    expect(madeCount).toBeLessThan(24);
  });

  test('tells how far a long clip is', async () => {
    const heard: (readonly [index: number, seconds: number])[] = [];
    const progress_callback = ({ index, seconds }: { index: number; seconds: number }) =>
      heard.push([index, seconds]);
    const results = await listOf(
      recognize.each([yes, long], { chunk_length_s: 2, batch_size: 1, progress_callback }),
    );
    expect(results.map(({ output }) => output !== undefined)).toEqual([true, true]);
    expect(heard.length).toBeGreaterThan(1);
    expect(heard.every(([index]) => index === 1)).toBe(true);
    const seconds = heard.map(([, each]) => each);
    expect(seconds).toEqual(seconds.toSorted((a, b) => a - b));
    expect(seconds.at(-1)).toBeLessThan(long.length / 16_000);
  });

  test('refuses what is no list, and unknown options', async () => {
    for (const clips of ['a.wav', yes, undefined, 5])
      await expect(recognize.each(clips as never).next()).rejects.toThrow('a list of clips');
    await expect(recognize.each([], { ordered: 1 as never }).next()).rejects.toThrow('ordered is 1');
    await expect(recognize.each([], { progress_callback: 1 as never }).next()).rejects.toThrow(
      'progress_callback is 1',
    );
    expect(await listOf(recognize.each([]))).toEqual([]);
  });
});
