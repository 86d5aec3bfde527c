/** What a worker gives part by part in Chromium: text and emissions. */
import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import type { AutomaticSpeechRecognitionPipeline } from '../../src/index.ts';
import type { WorkerPipeline } from '../../src/worker/index.ts';
import { CLIP, DAMAGED, MODEL, PHONEMES, type InWorkerPage, useWorkerPages } from './helpers/worker-page.ts';

const pages = useWorkerPages();

/** What the page of several tests has loaded once, as loading takes most of their time. */
interface InSharedPage extends InWorkerPage {
  readonly inWorker: WorkerPipeline;
  readonly onPage: AutomaticSpeechRecognitionPipeline;
}
let shared: Page;
beforeAll(async () => {
  shared = await pages.open('/folder/strict.html');
  await shared.evaluate(async (model) => {
    const { createWorkerPipeline, pipeline } = globalThis as unknown as InWorkerPage;
    const inWorker = await createWorkerPipeline('asr', model);
    Object.assign(globalThis, { inWorker, onPage: await pipeline('asr', model) });
  }, MODEL);
});

test('parts come while the worker recognises, and a loop that is left ends the work', async () => {
  const outcome = await shared.evaluate(async (clip) => {
    const { inWorker: recognize } = globalThis as unknown as InSharedPage;
    const texts: string[] = [];
    const seconds: number[] = [];
    for await (const { text, progress } of recognize.stream(clip, { chunk_length_s: 1 })) {
      texts.push(text);
      seconds.push(progress.seconds);
    }
    for await (const _ of recognize.stream(clip, { chunk_length_s: 0.5 })) break;
    const { text } = await recognize(clip, { chunk_length_s: 1 });
    return { texts, seconds, text };
  }, CLIP);
  expect(outcome.seconds.length).toBeGreaterThan(2);
  expect(outcome.texts.join('')).toBe(outcome.text);
  expect(outcome.text).toContain('FIVE');
});

test('emissions are those of the page, and say what their columns are', async () => {
  const outcome = await shared.evaluate(
    async ([clip, damaged]) => {
      const { inWorker, onPage, reasonOf } = globalThis as unknown as InSharedPage;
      const options = { chunk_length_s: 1, return_samples: true };
      const all = [];
      for (const recognize of [inWorker, onPage]) {
        const parts = [];
        for await (const { data, samples, progress, ...place } of recognize.emissions(clip, options))
          parts.push({ data: [...data], samples: [...(samples ?? [])], seconds: progress.seconds, ...place });
        let warnings: readonly string[] | undefined;
        for await (const part of recognize.emissions(damaged)) warnings ??= part.warnings;
        const wrong = await reasonOf(recognize.emissions(clip, { chunk_length_s: -1 }).next());
        const info = await recognize.emissionInfo();
        const { text } = await recognize(clip);
        all.push({ parts, warnings, wrong: wrong.message, info, text });
      }
      return all;
    },
    [CLIP, DAMAGED] as const,
  );
  const [inWorker, onPage] = outcome;
  expect(inWorker).toEqual(onPage);
  expect(inWorker?.parts.length).toBeGreaterThan(2);
  expect(inWorker?.warnings?.[0]).toMatch(/damaged/);
  expect(inWorker?.wrong).toContain('chunk_length_s is -1');
  expect(inWorker?.info).toMatchObject({ units: 'characters', blank: 0 });
  expect(inWorker?.text).toBe('YES FIVE');
});

test('each: results of clips that come one by one, errors of their own, progress, and a loop that is left', async () => {
  const outcome = await shared.evaluate(async (clip) => {
    const { inWorker, onPage, reasonOf } = globalThis as unknown as InSharedPage;
    const bytes = await (await fetch(clip)).arrayBuffer();
    const all = [];
    for (const recognize of [inWorker, onPage]) {
      let madeCount = 0;
      async function* clips() {
        for (const source of [clip, 'nowhere.wav', new Uint8Array(bytes), new Float32Array(10)]) {
          madeCount += 1;
          yield await Promise.resolve(source);
        }
      }
      const found: unknown[] = [];
      const progress: number[] = [];
      const options = {
        ordered: true,
        return_timestamps: 'word',
        chunk_length_s: 1,
        progress_callback: ({ index, seconds }: { index: number; seconds: number }) =>
          progress.push(index + Math.sign(seconds)),
      } as const;
      for await (const { index, output, error } of recognize.each(clips(), options)) {
        const { name, message, code } = (error ?? {}) as { name?: string; message?: string; code?: string };
        found.push({ index, output, name, message, code });
      }
      const listed: string[] = [];
      for await (const { error } of recognize.each([new Float32Array(10)])) listed.push(String(error));
      let endless = 0;
      function* many() {
        for (;;) {
          endless += 1;
          yield new Float32Array(500);
        }
      }
      for await (const _ of recognize.each(many(), { batch_size: 1 })) break;
      const wrong = await reasonOf(recognize.each(clip).next());
      const { text } = await recognize(clip);
      all.push({ found, progress, listed, madeCount, endless, wrong: wrong.message, text });
    }
    return all;
  }, CLIP);
  const [inWorker, onPage] = outcome;
  if (!inWorker || !onPage) throw new Error('there are two');
  const { endless, ...others } = inWorker;
  expect({ ...others, endless: onPage.endless }).toEqual(onPage);
  expect(endless).toBeLessThan(20);
  expect(others.found).toMatchObject([
    { output: { text: 'YES FIVE' } },
    { code: 'not-found', name: 'UniSpeechError' },
    { output: { text: 'YES FIVE' } },
    { code: 'bad-audio' },
  ]);
  expect(others.progress.length).toBeGreaterThan(0);
  expect(others.listed[0]).toContain('clip 1 of 1 is too short');
});

test('a stream without an end is read no faster than its text is taken, and the language cannot change meanwhile', async () => {
  const outcome = await pages.page.evaluate(async (model) => {
    const { createWorkerPipeline, reasonOf } = globalThis as unknown as InWorkerPage;
    const recognize = await createWorkerPipeline('asr', model);
    let pulled = 0;
    let cancelled: unknown;
    const source = new ReadableStream<Float32Array>(
      {
        pull(controller) {
          pulled += 1;
          controller.enqueue(new Float32Array(16_000));
        },
        cancel: (reason) => {
          cancelled = reason ?? 'without a reason';
        },
      },
      { highWaterMark: 0 },
    );
    const parts = recognize.stream(source, { chunk_length_s: 1 });
    for (let count = 0; count < 3; count += 1) await parts.next();
    const busy = await reasonOf(recognize.set_target_lang('fra'));
    // What was under way ends, however slow this machine is; then nothing is read any more.
    let last = -1;
    let stillSeconds = 0;
    for (let seconds = 0; seconds < 30 && stillSeconds < 3; seconds += 1) {
      stillSeconds = pulled === last ? stillSeconds + 1 : 0;
      last = pulled;
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
    await parts.return();
    const free = await reasonOf(recognize.set_target_lang('fra'));
    // Disposed with a loop that nobody goes on with.
    const forgotten = recognize.stream(new Float32Array(64_000), { chunk_length_s: 1 });
    await forgotten.next();
    await recognize.dispose();
    const ended = await reasonOf(
      (async () => {
        for await (const _ of forgotten);
      })(),
    );
    return { stillSeconds, pulled: last, cancelled, busy, free, ended };
  }, MODEL);
  expect(outcome.stillSeconds).toBe(3);
  expect(outcome.pulled).toBeLessThan(15);
  expect(outcome.cancelled).toBe('without a reason');
  expect(outcome.busy).toMatchObject({ code: 'busy', isOurs: true });
  expect(outcome.free).toMatchObject({ code: 'bad-option', isOurs: true });
  expect(outcome.ended).toMatchObject({ code: 'disposed' });
});

test('a text is aligned with what a worker hears as with what the page hears', async () => {
  const outcome = await shared.evaluate(async (clip) => {
    const { align, inWorker, onPage, reasonOf } = globalThis as unknown as InSharedPage;
    const all = [];
    for (const recognize of [inWorker, onPage]) {
      const options = { boundaries: 'audio', chunk_length_s: 1 } as const;
      const aligned = await align(recognize, clip, 'Yes — five!', options);
      const { code, isOurs } = await reasonOf(align(recognize, clip, 'yes '.repeat(99)));
      all.push({ aligned, code, isOurs });
    }
    return all;
  }, CLIP);
  const [inWorker, onPage] = outcome;
  expect(inWorker).toEqual(onPage);
  expect(inWorker).toMatchObject({ code: 'too-short', isOurs: true });
  expect(inWorker?.aligned.words.map(({ text, inferred }) => [text, inferred])).toEqual([
    ['Yes', undefined],
    ['—', true],
    ['five!', undefined],
  ]);
  expect(inWorker?.aligned.score).toBeGreaterThan(0.8);
});

test('phonemes and their scores come of what a worker hears', async () => {
  const { heard, scored, wrong } = await pages.page.evaluate(
    async ([model, clip]) => {
      const { createWorkerPipeline, phones, pronunciation, reasonOf } = globalThis as unknown as InWorkerPage;
      const recognize = await createWorkerPipeline('asr', model);
      const lexicon = { yes: 'j ɛ t', five: 'f aɪ v ɛ' };
      const results = {
        heard: await phones(recognize, clip, { return_visemes: true }),
        scored: await pronunciation(recognize, clip, 'Yes, five!', { lexicon }),
        wrong: await reasonOf(pronunciation(recognize, clip, 'j ø s')),
      };
      await recognize.dispose();
      return results;
    },
    [PHONEMES, CLIP] as const,
  );
  expect(heard.text).toBe('j ɛ s f aɪ v ɛ');
  expect(heard.visemes?.at(-1)).toEqual({
    ...{ viseme: 'sil', end: heard.seconds },
    start: heard.phones.at(-1)?.end,
  });
  expect(scored.words.map(({ text, score }) => [text, score > 0.8])).toEqual([
    ['Yes,', false],
    ['five!', true],
  ]);
  const errors = scored.phones.filter(({ error }) => error !== null);
  expect(errors).toMatchObject([{ text: 't', heard: 's', error: 'substitution' }]);
  expect(wrong).toMatchObject({ code: 'bad-input', isOurs: true });
});
