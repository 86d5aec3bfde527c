/** `createWorkerPipeline()` in Chromium, on a page with a strict policy: results, inputs, progress, aborts, errors, workers that fail. */
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { AudioSource } from '../../src/index.ts';
import type { WorkerPipeline } from '../../src/worker/index.ts';
import { DIGIT_WORDS, digitsArpa } from '../beam/digits-arpa.ts';
import { probingFile } from '../beam/probing-file.ts';
import {
  CLIP,
  DAMAGED,
  FRAMES,
  MMS,
  MODEL,
  SPEAKERS,
  type InWorkerPage,
  type PlainReason,
  useWorkerPages,
} from './helpers/worker-page.ts';

const pages = useWorkerPages();

test('gives what pipeline() gives, for every kind of input, and leaves the inputs as they are', async () => {
  const outcome = await pages.page.evaluate(async (clip) => {
    const { createWorkerPipeline, pipeline, Tensor } = globalThis as unknown as InWorkerPage;
    const bytes = await (await fetch(clip)).arrayBuffer();
    const wave = await (await fetch('/examples/audio/four-four.wav')).arrayBuffer();
    const decoded = await new OfflineAudioContext(1, 1, 16_000).decodeAudioData(bytes.slice(0));
    const samples = decoded.getChannelData(0).slice();
    // One word, as every run takes its time here.
    const word = samples.slice(7000, 15_000);
    const row = { raw: word, sampling_rate: 15_000, speaker: 'A' };
    const inputs: (AudioSource | readonly AudioSource[])[] = [
      '../examples/audio/yes-five.flac',
      [new URL(clip, location.href), '/examples/audio/nine-nine.ogg'],
      samples.subarray(7000, 15_000),
      Float64Array.from(word),
      new Tensor('float32', word, [1, word.length]),
      row,
      { array: [word, word], sampling_rate: 16_000 },
    ];
    const options = { return_timestamps: 'word' } as const;
    const [inWorker, onPage] = await Promise.all([
      createWorkerPipeline('automatic-speech-recognition', '../examples/models/unispeech-tiny-en'),
      pipeline('automatic-speech-recognition', '/examples/models/unispeech-tiny-en'),
    ]);
    const results: unknown[][] = [];
    for (const input of inputs) {
      const calls = [inWorker, onPage].map((recognize) => recognize(input as AudioSource, options));
      results.push(await Promise.all(calls));
    }
    const files: AudioSource[] = [new File([bytes], 'a.flac'), decoded, bytes, new Uint8Array(wave)];
    const texts: string[] = [];
    for (const file of files) texts.push((await inWorker(file)).text);
    const task = inWorker.task;
    await Promise.all([inWorker.dispose(), onPage.dispose()]);
    const lengths = [bytes.byteLength, wave.byteLength, samples.length, word.length, decoded.length];
    return { results, texts, task, lengths };
  }, CLIP);
  for (const [worker, onPage] of outcome.results) expect(worker).toEqual(onPage);
  expect(outcome.results[5]?.[0]).toMatchObject({ speaker: ['A'] });
  expect(outcome.results[0]?.[0]).toMatchObject({
    text: 'YES FIVE',
    chunks: [{ text: 'YES' }, { text: 'FIVE' }],
  });
  expect(outcome.results[1]?.[0]).toMatchObject([{ text: 'YES FIVE' }, { text: 'NINE NINE' }]);
  expect(outcome.texts).toEqual(['YES FIVE', 'YES FIVE', 'YES FIVE', 'FOUR FOUR']);
  expect(outcome.task).toBe('automatic-speech-recognition');
  for (const length of outcome.lengths) expect(length).toBeGreaterThan(7000);
});

test('a worker changes the language of its model and its tokenizer, and says what it cannot have', async () => {
  const outcome = await pages.page.evaluate(async (mms) => {
    const { createWorkerPipeline, pipeline, reasonOf } = globalThis as unknown as InWorkerPage;
    const loaded: string[] = [];
    const inWorker = await createWorkerPipeline('automatic-speech-recognition', mms, {
      target_lang: 'fra',
      progress_callback: (info) => {
        if (info.status === 'done') loaded.push(info.file);
      },
    });
    const onPage = await pipeline('automatic-speech-recognition', mms, { target_lang: 'ita' });
    const clip = Float32Array.from({ length: 4000 }, (_, i) => Math.sin(i * i * 1e-5) / 2);
    await inWorker(clip);
    loaded.length = 0;
    // A call that was made before the change is of the language before it.
    const before = inWorker(clip);
    await inWorker.set_target_lang('ita');
    const french = (await before).text;
    const texts = [(await inWorker(clip)).text, (await onPage(clip)).text];
    const missing = await reasonOf(inWorker.set_target_lang('xyz'));
    const aborted = await reasonOf(
      inWorker.set_target_lang('fra', { signal: AbortSignal.abort(new RangeError('enough')) }),
    );
    texts.push((await inWorker(clip)).text);
    await onPage.set_target_lang('fra');
    const others = [french, (await onPage(clip)).text];
    await Promise.all([inWorker.dispose(), onPage.dispose()]);
    return { loaded, texts, others, missing, aborted };
  }, MMS);
  expect(outcome.loaded).toEqual(['adapter.ita.bin']);
  expect(new Set(outcome.texts).size).toBe(1);
  expect(outcome.others[0]).toBe(outcome.others[1]);
  expect(outcome.others[0]).not.toBe(outcome.texts[0]);
  expect(outcome.missing).toMatchObject({ code: 'bad-option', isOurs: true });
  expect(outcome.aborted).toMatchObject({ name: 'RangeError', message: 'enough' });
});

test('speakers: segments with their frames, and the methods of a verification', async () => {
  const outcome = await pages.page.evaluate(
    async ([frames, speakers, damaged]) => {
      const { createWorkerPipeline, pipeline, reasonOf } = globalThis as unknown as InWorkerPage;
      const events = { progress_callback: () => undefined };
      const clips = [1000, 1000].map((length, item) =>
        Float32Array.from({ length }, (_, index) => Math.sin(index * (item + 1))),
      );
      const [first = new Float32Array(), second = first] = clips;
      const [inWorker, onPage] = await Promise.all([
        createWorkerPipeline('audio-frame-classification', frames, events),
        pipeline('audio-frame-classification', frames, events),
      ]);
      const segments = [];
      for (const diarize of [inWorker, onPage]) {
        const { frames: found, ...others } = await diarize(first, { return_frames: true });
        segments.push({ ...others, dims: found?.dims, data: [...(found?.data ?? [])] });
      }
      const { warnings } = await inWorker(damaged);
      await Promise.all([inWorker.dispose(), onPage.dispose()]);
      const verdicts = [];
      for (const load of [createWorkerPipeline, pipeline]) {
        const verify = await load('speaker-verification', speakers, events);
        const { dims, data } = await verify.embed(clips);
        const called = [...(await verify(clips, { batch_size: 2 })).data];
        const verdict = await verify.compare(first, second, { threshold: 0.5 });
        const { code } = await reasonOf(verify.compare(first, second, { threshold: 5 }));
        verdicts.push({ dims, data: [...data], called, verdict, code, task: verify.task });
        await verify.dispose();
      }
      return { segments, warnings, verdicts };
    },
    [FRAMES, SPEAKERS, DAMAGED] as const,
  );
  const [inWorker, onPage] = outcome.segments;
  expect(inWorker).toEqual(onPage);
  expect(inWorker).toMatchObject({ dims: [24, 3] });
  expect(outcome.warnings).toEqual([expect.stringContaining(`${DAMAGED}: 0.26 s of it`)]);
  const [verdict, verdictOnPage] = outcome.verdicts;
  expect(verdict).toEqual(verdictOnPage);
  expect(verdict?.called).toEqual(verdict?.data);
  expect(verdict).toMatchObject({ dims: [2, 8], code: 'bad-option', task: 'speaker-verification' });
  expect(verdict?.verdict).toMatchObject({ threshold: 0.5, same: expect.any(Boolean) as boolean });
});

test('damaged files, decoded on the page or in the worker: warnings beside the text, and as events; the limit holds', async () => {
  const outcome = await pages.page.evaluate(
    async ([model, clip, damaged]) => {
      const { createWorkerPipeline, reasonOf } = globalThis as unknown as InWorkerPage;
      const events: { readonly status: string; readonly code?: string; readonly message?: string }[] = [];
      const recognize = await createWorkerPipeline('asr', model, {
        progress_callback: (info) => {
          if (info.status === 'warning') events.push(info);
        },
      });
      const list = await recognize([clip, damaged]);
      const wave = await (await fetch('/examples/audio/four-four.wav')).arrayBuffer();
      const cut = await recognize(new File([wave.slice(0, wave.byteLength - 3200)], 'cut.wav'));
      const tooLong = await reasonOf(recognize(clip, { max_duration_s: 1.5 }));
      const wrong = await reasonOf(recognize(clip, { max_duration_s: -1 }));
      await recognize.dispose();
      return { list, cut, events, tooLong, wrong };
    },
    [MODEL, CLIP, DAMAGED] as const,
  );
  const warning = `${DAMAGED}: 0.26 s of it cannot be decoded, as it is damaged or missing, and is silence now: 0.26 s at 0.51 s.`;
  expect(outcome.list[0]).not.toHaveProperty('warnings');
  expect(outcome.list[1]?.warnings).toEqual([warning]);
  expect(outcome.cut.text).toBe('FOUR FOUR');
  expect(outcome.cut.warnings).toEqual([
    'cut.wav: Its header declares 1.74 s of sound and the file ends after 1.70 s.',
  ]);
  expect(outcome.events.map(({ code, message }) => [code, message])).toEqual([
    ['damaged-audio', warning],
    ['damaged-audio', outcome.cut.warnings?.[0]],
  ]);
  expect(outcome.tooLong).toMatchObject({
    code: 'bad-audio',
    message: `${CLIP} lasts 1.9 s according to its header, the limit is 1.5 s. Raise it by the option max_duration_s, or cut the file.`,
  });
  expect(outcome.wrong).toMatchObject({ code: 'bad-option' });
});

test('reports progress, runs calls side by side, and aborts one without the others', async () => {
  const outcome = await pages.page.evaluate(
    async ([model, clip]) => {
      const { createWorkerPipeline, reasonOf } = globalThis as unknown as InWorkerPage;
      const events: string[] = [];
      const recognize = await createWorkerPipeline('asr', model, {
        progress_callback: ({ status }) => void events.push(status),
      });
      const secondsOf = async (work: () => Promise<unknown>): Promise<number> => {
        const start = performance.now();
        await work();
        return (performance.now() - start) / 1000;
      };
      // Ten minutes in 180 pieces, of which the worker does few before it hears of the abort.
      const long = new Float32Array(16_000 * 600);
      const piece = long.subarray(0, 16_000 * 5);
      await recognize(piece);
      const pieceSeconds = await secondsOf(() => recognize(piece));
      const abort = new AbortController();
      const calls = [
        recognize(clip),
        reasonOf(recognize(long, { chunk_length_s: 5, signal: abort.signal })),
        recognize('/examples/audio/nine-nine.ogg'),
      ] as const;
      const texts = [(await calls[0]).text, (await calls[2]).text];
      abort.abort(new Error('enough'));
      const reason = await calls[1];
      let after = '';
      const seconds = await secondsOf(async () => {
        after = (await recognize(clip)).text;
        await recognize.dispose();
      });
      return { events, texts, reason, after, pieces: seconds / pieceSeconds };
    },
    [MODEL, CLIP] as const,
  );
  expect(outcome.events.at(-1)).toBe('ready');
  expect(outcome.events).toEqual(expect.arrayContaining(['initiate', 'progress_total', 'done']));
  expect(outcome.texts).toEqual(['YES FIVE', 'NINE NINE']);
  expect(outcome.reason).toMatchObject({ message: 'enough', isOurs: false });
  expect(outcome.after).toBe('YES FIVE');
  expect(outcome.pieces).toBeLessThan(40);
});

test('an aborted load ends the worker', async () => {
  const reasons = await pages.page.evaluate(async (model) => {
    const { createWorkerPipeline, reasonOf } = globalThis as unknown as InWorkerPage;
    const abort = new AbortController();
    const aborted = reasonOf(
      createWorkerPipeline('asr', model, {
        signal: abort.signal,
        progress_callback: () => abort.abort(),
      }),
    );
    return [
      await aborted,
      await reasonOf(createWorkerPipeline('asr', model, { signal: AbortSignal.abort() })),
    ];
  }, MODEL);
  for (const reason of reasons) expect(reason).toMatchObject({ name: 'AbortError', isOurs: false });
  await expect.poll(() => pages.page.workers().length).toBe(0);
});

test('errors arrive with class, code and fix', async () => {
  const reasons = await pages.page.evaluate(
    async ([model, clip]) => {
      const { createWorkerPipeline, reasonOf } = globalThis as unknown as InWorkerPage;
      const wrong = (given: object) => createWorkerPipeline('asr', model, given);
      const adapter = await navigator.gpu.requestAdapter();
      const device = await adapter?.requestDevice();
      const recognize = await createWorkerPipeline('asr', model);
      const found = {
        noModel: await reasonOf(createWorkerPipeline('asr', '/nowhere')),
        address: await reasonOf(createWorkerPipeline('asr', 'http://[')),
        task: await reasonOf(createWorkerPipeline('translation' as 'asr', model)),
        option: await reasonOf(wrong({ dtipe: 'fp32' })),
        device: await reasonOf(wrong({ device })),
        function: await reasonOf(wrong({ progress: () => 0 })),
        short: await reasonOf(recognize(new Float32Array(10))),
        number: await reasonOf(recognize(5 as unknown as Float32Array)),
        callOption: await reasonOf(recognize(clip, { speed: 2 } as object)),
        tensor: await reasonOf(
          recognize({ dims: [1, 1, 9], data: new Float32Array(9) } as unknown as Float32Array),
        ),
      };
      const { text } = await recognize(clip);
      await recognize.dispose();
      const disposed = await reasonOf(recognize(clip));
      await recognize.dispose();
      device?.destroy();
      return { ...found, disposed, text };
    },
    [MODEL, CLIP] as const,
  );
  const { text, ...errors } = reasons;
  expect(text).toBe('YES FIVE');
  for (const [name, error] of Object.entries(errors)) expect(error.isOurs, name).toBe(true);
  expect(Object.fromEntries(Object.entries(errors).map(([name, { code }]) => [name, code]))).toEqual({
    noModel: 'not-found',
    address: 'bad-option',
    task: 'bad-option',
    option: 'bad-option',
    device: 'bad-option',
    function: 'bad-input',
    short: 'bad-audio',
    number: 'bad-input',
    callOption: 'bad-option',
    tensor: 'bad-input',
    disposed: 'disposed',
  });
  expect(errors.task).toMatchObject({
    message: `Unsupported pipeline: "translation". ${errors.task.fix}`,
    fix: 'Must be one of [automatic-speech-recognition, asr, audio-classification, audio-frame-classification, speaker-verification, feature-extraction, embeddings].',
  });
  expect(errors.noModel.message).toContain(`${pages.site.url}/nowhere`);
});

test('a worker that cannot start, or starts something else, is an error', async () => {
  const other = await pages.open('/no-workers.html');
  const forbidden = await other.evaluate(async (model) => {
    const { createWorkerPipeline, reasonOf } = globalThis as unknown as InWorkerPage;
    return reasonOf(createWorkerPipeline('asr', model));
  }, MODEL);
  await other.close();
  await pages.page.clock.install();
  const missing = await pages.page.evaluate(async (model) => {
    const { createWorkerPipeline, importFrom, reasonOf } = globalThis as unknown as InWorkerPage;
    const worker = new Worker('/silent.js', { type: 'module' });
    const silent = reasonOf(createWorkerPipeline('asr', model, { worker }));
    Object.assign(globalThis, { silent });
    const alone = await importFrom('/alone/worker.js');
    return reasonOf(alone.createWorkerPipeline('asr', model));
  }, MODEL);
  await pages.page.clock.fastForward(31_000);
  const silent = await pages.page.evaluate(
    () => (globalThis as unknown as { silent: Promise<PlainReason> }).silent,
  );
  for (const reason of [forbidden, missing, silent])
    expect(reason).toMatchObject({ code: 'worker-failed', isOurs: true });
  expect(missing.fix).toContain('worker-host.js');
  expect(silent.message).toContain('did not answer');
});

test("a caller's worker serves two pipelines, outlives them, and may fail in other ways meanwhile", async () => {
  const outcome = await pages.page.evaluate(
    async ([model, clip]) => {
      const { createWorkerPipeline, reasonOf } = globalThis as unknown as InWorkerPage;
      const worker = new Worker('/mine.js', { type: 'module' });
      const [first, second] = await Promise.all([
        createWorkerPipeline('asr', model, { worker }),
        createWorkerPipeline('asr', model, { worker }),
      ]);
      await first.dispose();
      const underWay = second(clip);
      const failed = new Promise((resolve) => worker.addEventListener('error', resolve, { once: true }));
      worker.postMessage('fail');
      await failed;
      const { text } = await underWay;
      await second.dispose();
      const reason = await reasonOf(second(clip));
      worker.terminate();
      return { text, reason };
    },
    [MODEL, CLIP] as const,
  );
  expect(outcome.text).toBe('YES FIVE');
  expect(outcome.reason).toMatchObject({ code: 'disposed', isOurs: true });
});

test('a listener that throws ends the load, as in pipeline()', async () => {
  const reason = await pages.page.evaluate((model) => {
    const { createWorkerPipeline, reasonOf } = globalThis as unknown as InWorkerPage;
    const progress_callback = () => {
      throw new Error('on purpose');
    };
    return reasonOf(createWorkerPipeline('asr', model, { progress_callback }));
  }, MODEL);
  expect(reason.message).toBe('on purpose');
});

test('searches with a language model in the worker as on the page', async () => {
  const [inWorker, onPage] = await pages.page.evaluate(
    async ({ clip, arpa }) => {
      const { createWorkerPipeline, pipeline } = globalThis as unknown as InWorkerPage;
      const settings = { decoder: { type: 'beam', language_model: new Blob([arpa]) } } as const;
      const model = '/examples/models/unispeech-tiny-en';
      const options = { return_timestamps: 'word', decoder_kwargs: { n_best: 2 } } as const;
      const results: unknown[] = [];
      for (const make of [createWorkerPipeline, pipeline]) {
        const recognize = await make('automatic-speech-recognition', model, settings);
        results.push(await recognize(clip, options));
        await recognize.dispose();
      }
      return results;
    },
    { clip: CLIP, arpa: digitsArpa() },
  );
  expect(inWorker).toEqual(onPage);
  expect(inWorker).toMatchObject({
    text: 'YES FIVE',
    n_best: [{ text: 'YES FIVE', words: [{ text: 'YES' }, {}] }],
  });
});

test('reads a large language model bit by bit from the file that the user chose, in the worker alone', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'unispeech-chosen-'));
  const location = path.join(folder, 'lm.binary');
  writeFileSync(location, probingFile(DIGIT_WORDS, 6000));
  try {
    await pages.page.evaluate(() => document.body.append(document.createElement('input')));
    const input = pages.page.locator('input').last();
    await input.evaluate((element: HTMLInputElement) => (element.type = 'file'));
    await input.setInputFiles(location);
    const results = await input.evaluate(async (element: HTMLInputElement, clip) => {
      const { createWorkerPipeline, pipeline } = globalThis as unknown as InWorkerPage;
      const language_model = element.files?.[0];
      // Pages of 16 KB, of which there are 15.
      const decoder = { type: 'beam', language_model, unigrams: null, memory_mb: 0.04 } as const;
      const options = { decoder_kwargs: { n_best: 3 } } as const;
      const model = '/examples/models/unispeech-tiny-en';
      const pair = [];
      for (const make of [createWorkerPipeline, pipeline])
        pair.push(await make('automatic-speech-recognition', model, { decoder }));
      Object.assign(globalThis, { withChosenFile: pair });
      return Promise.all(pair.map((recognize) => recognize(clip, options)));
    }, CLIP);
    expect(results[0]).toEqual(results[1]);
    utimesSync(location, 1, 1);
    const after = await pages.page.evaluate(async (clip) => {
      const { withChosenFile = [] } = globalThis as unknown as {
        withChosenFile?: WorkerPipeline[];
      };
      const outcomes = [];
      for (const recognize of withChosenFile) {
        outcomes.push(await recognize(clip).then((output) => output.text, String));
        await recognize.dispose();
      }
      return outcomes;
    }, CLIP);
    expect(after).toEqual([expect.stringContaining('lm.binary cannot be read any more'), results[1]?.text]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
