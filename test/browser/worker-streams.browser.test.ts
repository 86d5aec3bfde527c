/** What a worker gives part by part in Chromium: text and emissions. */
import { expect, test } from 'vitest';
import { CLIP, DAMAGED, MODEL, type InWorkerPage, useWorkerPages } from './helpers/worker-page.ts';

const pages = useWorkerPages();

test('parts come while the worker recognises, and a loop that is left ends the work', async () => {
  const outcome = await pages.page.evaluate(
    async ([model, clip]) => {
      const { createWorkerPipeline } = globalThis as unknown as InWorkerPage;
      const recognize = await createWorkerPipeline('asr', model);
      const texts: string[] = [];
      const seconds: number[] = [];
      for await (const { text, progress } of recognize.stream(clip, { chunk_length_s: 1 })) {
        texts.push(text);
        seconds.push(progress.seconds);
      }
      for await (const _ of recognize.stream(clip, { chunk_length_s: 0.5 })) break;
      const { text } = await recognize(clip, { chunk_length_s: 1 });
      await recognize.dispose();
      return { texts, seconds, text };
    },
    [MODEL, CLIP] as const,
  );
  expect(outcome.seconds.length).toBeGreaterThan(2);
  expect(outcome.texts.join('')).toBe(outcome.text);
  expect(outcome.text).toContain('FIVE');
});

test('emissions are those of the page, and say what their columns are', async () => {
  const outcome = await pages.page.evaluate(
    async ([model, clip, damaged]) => {
      const { createWorkerPipeline, pipeline, reasonOf } = globalThis as unknown as InWorkerPage;
      const options = { chunk_length_s: 1, return_samples: true };
      const all = [];
      for (const load of [createWorkerPipeline, pipeline]) {
        const recognize = await load('asr', model);
        const parts = [];
        for await (const { data, samples, progress, ...place } of recognize.emissions(clip, options))
          parts.push({ data: [...data], samples: [...(samples ?? [])], seconds: progress.seconds, ...place });
        let warnings: readonly string[] | undefined;
        for await (const part of recognize.emissions(damaged)) warnings ??= part.warnings;
        const wrong = await reasonOf(recognize.emissions(clip, { chunk_length_s: -1 }).next());
        const info = await recognize.emissionInfo();
        const { text } = await recognize(clip);
        all.push({ parts, warnings, wrong: wrong.message, info, text });
        await recognize.dispose();
      }
      return all;
    },
    [MODEL, CLIP, DAMAGED] as const,
  );
  const [inWorker, onPage] = outcome;
  expect(inWorker).toEqual(onPage);
  expect(inWorker?.parts.length).toBeGreaterThan(2);
  expect(inWorker?.warnings?.[0]).toMatch(/damaged/);
  expect(inWorker?.wrong).toContain('chunk_length_s is -1');
  expect(inWorker?.info).toMatchObject({ units: 'characters', blank: 0 });
  expect(inWorker?.text).toBe('YES FIVE');
});
