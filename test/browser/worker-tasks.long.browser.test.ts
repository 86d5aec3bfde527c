/** `createWorkerPipeline()` in Chromium: the tasks whose results are copied in their own way, and the time that the page's thread is held. */
import { expect, test } from 'vitest';
import { withMainThreadTasks } from '../../bench/browser/chromium.ts';
import {
  CLASSIFIER,
  CLIP,
  DAMAGED,
  MODEL,
  type InWorkerPage,
  useWorkerPages,
} from './helpers/worker-page.ts';

const pages = useWorkerPages();

test('features come as tensors, the same as those of pipeline(); a damaged file warns through events', async () => {
  const outcome = await pages.page.evaluate(
    async ([model, damaged]) => {
      const { createWorkerPipeline, pipeline } = globalThis as unknown as InWorkerPage;
      const messages: string[] = [];
      const [inWorker, onPage] = await Promise.all([
        createWorkerPipeline('embeddings', model, {
          progress_callback: (info) => {
            if (info.status === 'warning') messages.push(info.message);
          },
        }),
        pipeline('feature-extraction', model),
      ]);
      const clips = [700, 433].map((length) => Float32Array.from({ length }, (_, index) => Math.sin(index)));
      const [clip = new Float32Array()] = clips;
      const pooled = { pooling: 'mean', normalize: true } as const;
      const results = [];
      for (const extract of [inWorker, onPage]) {
        const frames = await extract(clip);
        const list = await extract(clips, { batch_size: 2 });
        const means = await extract(clips, pooled);
        results.push(
          [frames, ...list, means].map(({ dims, data, type }) => ({ dims, type, data: [...data] })),
        );
      }
      const { dims } = await inWorker(damaged, pooled);
      const { task } = inWorker;
      await Promise.all([inWorker.dispose(), onPage.dispose()]);
      return { results, dims, messages, task };
    },
    [CLASSIFIER, DAMAGED] as const,
  );
  const [worker, onPage] = outcome.results;
  expect(worker).toEqual(onPage);
  expect(worker?.map(({ dims }) => dims)).toEqual([
    [1, 34, 24],
    [1, 34, 24],
    [1, 21, 24],
    [2, 24],
  ]);
  expect(outcome).toMatchObject({ task: 'feature-extraction', dims: [1, 24] });
  expect(outcome.messages).toEqual([expect.stringContaining(`${DAMAGED}: 0.26 s of it`)]);
});

test('labels come as lists, without warnings among them', async () => {
  const outcome = await pages.page.evaluate(
    async ([model, clip, damaged]) => {
      const { createWorkerPipeline } = globalThis as unknown as InWorkerPage;
      const codes: string[] = [];
      const classify = await createWorkerPipeline('audio-classification', model, {
        progress_callback: (info) => {
          if (info.status === 'warning') codes.push(info.code);
        },
      });
      const list = await classify([clip, damaged], { top_k: 2 });
      const all = await classify(damaged, { top_k: null, function_to_apply: 'sigmoid' });
      await classify.dispose();
      return { list, all, codes };
    },
    [CLASSIFIER, CLIP, DAMAGED] as const,
  );
  const label = { label: expect.any(String) as string, score: expect.any(Number) as number };
  expect(outcome.list).toEqual([
    [label, label],
    [label, label],
  ]);
  expect(outcome.all).toEqual(new Array(6).fill(label));
  expect(outcome.codes).toEqual(['damaged-audio', 'damaged-audio']);
});

test("no task of the page's thread takes 50 ms while a model loads and runs in the worker", async () => {
  // The least of three: a task that takes long does so every time, one that waits for a busy processor does not.
  const longest: number[] = [];
  for (let round = 0; round < 3; round++) {
    const { value, longestMilliseconds } = await withMainThreadTasks(pages.browser, pages.page, () =>
      pages.page.evaluate(
        async ([model, clip]) => {
          const { createWorkerPipeline } = globalThis as unknown as InWorkerPage;
          const recognize = await createWorkerPipeline('asr', model);
          const { text } = await recognize(clip);
          await recognize.dispose();
          return text;
        },
        [MODEL, CLIP] as const,
      ),
    );
    expect(value).toBe('YES FIVE');
    longest.push(longestMilliseconds[0] ?? NaN);
  }
  expect(Math.min(...longest)).toBeLessThan(50);
});
