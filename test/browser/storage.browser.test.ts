/** Models kept by Chromium's Cache API: offline, resumed after a reload, healed, out of space, without storage, listed and removed. */
import type { ServerResponse } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { launchChromium } from '../../scripts/headless-chromium.mjs';
import type {
  AutoProcessor,
  modelStorage,
  pipeline,
  PipelineOptions,
  UniSpeechForCTC,
} from '../../src/index.ts';
import { paddedModel } from './helpers/padded-model.ts';
import { serveSite, type Site, type SiteOptions } from './helpers/site.ts';

/** What `/expose.js` makes global for the code of these tests that runs in the page. */
interface InPage {
  readonly AutoProcessor: typeof AutoProcessor;
  readonly modelStorage: typeof modelStorage;
  readonly pipeline: typeof pipeline;
  readonly UniSpeechForCTC: typeof UniSpeechForCTC;
  /** Of the load that was started last. */
  readonly abortLoad: () => void;
}

const MODEL = '/models/padded';
const WEIGHTS = `${MODEL}/model.safetensors`;
const BLOCK = 4 * 2 ** 20;
const HEAD = `HEAD ${WEIGHTS} bytes=0-`;
const FROM_START = `GET ${WEIGHTS} bytes=0-`;
const EXPOSE = `
import { AutoProcessor, modelStorage, pipeline, UniSpeechForCTC } from '/dist/unispeech.js';
Object.assign(globalThis, { AutoProcessor, modelStorage, pipeline, UniSpeechForCTC });
document.title = 'ready';
`;
const BODY = '<!doctype html><meta charset="utf-8"><script type="module" src="/expose.js"></script>';
// 3.4 MB of weights and these make five blocks.
const pages = paddedModel(MODEL, 4 * BLOCK);
const weightsByteLength = Buffer.byteLength(pages[WEIGHTS]?.body ?? '');

let browser: Browser;
let site: Site;
let respond: SiteOptions['respond'];
let context: BrowserContext;
let page: Page;

beforeAll(async () => {
  browser = await launchChromium();
  site = await serveSite({
    pages: {
      ...pages,
      '/expose.js': { body: EXPOSE },
      '/page.html': { body: BODY },
      '/sandbox.html': { body: BODY, headers: { 'Content-Security-Policy': 'sandbox allow-scripts' } },
    },
    respond: (request, response) => {
      // The sandboxed page is of no origin.
      response.setHeader('Access-Control-Allow-Origin', '*');
      return respond?.(request, response) ?? false;
    },
  });
});
afterAll(async () => {
  await browser.close();
  await site.close();
});
beforeEach(async () => {
  // A context has storage of its own.
  context = await browser.newContext();
  page = await openPage('/page.html');
});
afterEach(async () => {
  respond = undefined;
  await context.close();
});

async function openPage(path: string): Promise<Page> {
  const opened = await context.newPage();
  await opened.goto(site.url + path);
  await opened.waitForFunction(() => document.title === 'ready', undefined, { timeout: 60_000 });
  return opened;
}

interface Loaded {
  /** What the load was rejected with. */
  readonly failure?: string;
  readonly warnings: string[];
}

/** Loads the weights, and lets them go again. */
function load(options: PipelineOptions = {}): Promise<Loaded> {
  site.requests.length = 0;
  return page.evaluate(
    async ([model, given]) => {
      const { UniSpeechForCTC } = globalThis as unknown as InPage;
      const warnings: string[] = [];
      const controller = new AbortController();
      Object.assign(globalThis, { abortLoad: () => controller.abort(new Error('enough')) });
      try {
        const loaded = await UniSpeechForCTC.from_pretrained(model, {
          ...given,
          signal: controller.signal,
          progress_callback: (info) => {
            if (info.status === 'warning') warnings.push(info.code);
          },
        });
        await loaded.dispose();
        return { warnings };
      } catch (error) {
        return { failure: String(error), warnings };
      }
    },
    [MODEL, options] as const,
  );
}

const weightRequests = (): string[] => site.requests.filter((request) => request.includes(WEIGHTS));
/** All weights are there, and a tensor that nothing reads is odd. */
const USUAL = { warnings: ['unexpected-tensors'] };

const list = () =>
  page.evaluate(async () => {
    const models = await (globalThis as unknown as InPage).modelStorage.list();
    return models.map((model) => ({ ...model, age: Date.now() - model.storedAt.getTime() }));
  });
const keptWeights = async () =>
  (await list()).flatMap(({ files }) => files).find(({ name }) => name === 'model.safetensors');

test('a model is kept with its small files, transcribes offline, and can be listed and removed', async () => {
  const transcribe = (): Promise<string> =>
    page.evaluate(async (model) => {
      const recognize = await (globalThis as unknown as InPage).pipeline('asr', model);
      const { text } = await recognize(new Float32Array(8000));
      await recognize.dispose();
      return typeof text;
    }, MODEL);
  const start = Date.now();
  expect(await transcribe()).toBe('string');
  expect(weightRequests()).toEqual([FROM_START]);

  const [model, ...others] = await list();
  expect(others).toEqual([]);
  expect(model).toMatchObject({ location: site.url + MODEL, complete: true });
  expect(model?.files.map(({ name }) => name).sort()).toEqual([
    'config.json',
    'model.safetensors',
    'preprocessor_config.json',
    'tokenizer_config.json',
    'vocab.json',
  ]);
  expect(await keptWeights()).toMatchObject({ byteLength: weightsByteLength, complete: true });
  // The browser reads the clock of this machine, but not to the millisecond.
  expect(model?.age).toBeLessThan(Date.now() - start + 1000);

  const sizes = await page.evaluate(async () => {
    const { modelStorage } = globalThis as unknown as InPage;
    return { kept: await modelStorage.byteLength(), ...(await modelStorage.estimate()) };
  });
  expect(sizes.kept).toBe(model?.byteLength);
  expect(sizes.usage).toBeGreaterThanOrEqual(weightsByteLength);
  expect(sizes.quota).toBeGreaterThan(sizes.usage);

  await context.setOffline(true);
  expect(await transcribe()).toBe('string');
  await context.setOffline(false);

  const removed = await page.evaluate(async (location) => {
    const { modelStorage } = globalThis as unknown as InPage;
    const first = await modelStorage.delete(location);
    return [first, await modelStorage.delete(location), await modelStorage.byteLength()];
  }, MODEL);
  expect(removed).toEqual([true, false, 0]);
  await load();
  await page.evaluate(() => (globalThis as unknown as InPage).modelStorage.clear());
  expect(await list()).toEqual([]);
});

test('two revisions in the query are two models, and a signature in it names none', async () => {
  const configOf = (query: string): Promise<number> =>
    page.evaluate(async (location) => {
      const { AutoProcessor, modelStorage } = globalThis as unknown as InPage;
      await AutoProcessor.from_pretrained(location);
      return (await modelStorage.list()).length;
    }, `${MODEL}/${query}`);
  expect(await configOf('?rev=A&X-Amz-Signature=1')).toBe(1);
  expect(await configOf('?rev=A&X-Amz-Signature=2')).toBe(1);
  expect(await configOf('?rev=B')).toBe(2);
  expect(await configOf('')).toBe(3);
  const locations = async () => (await list()).map(({ location }) => location).sort();
  const base = site.url + MODEL;
  expect(await locations()).toEqual([base, `${base}?rev=A`, `${base}?rev=B`]);
  const removed = await page.evaluate(
    async ([model, url]) => {
      const { modelStorage } = globalThis as unknown as InPage;
      return [
        await modelStorage.delete(`${model}?rev=C`),
        await modelStorage.delete(`${model}/?rev=A&token=1`),
        await modelStorage.delete(`${url}?rev=B`),
      ];
    },
    [MODEL, base] as const,
  );
  expect(removed).toEqual([false, true, true]);
  expect(await locations()).toEqual([base]);
});

interface HeldWeights {
  /** Ends when the connection of an answer that was held is closed. */
  readonly closed: Promise<void>;
  /** Closes it, and every further one without an answer. */
  cut(): void;
}

/**
 * Sends two blocks of the weights and a part of the third, then holds the answer open: however fast the connection, what
 * the load waits for cannot come.
 */
function holdWeights(): HeldWeights {
  const { body = '' } = pages[WEIGHTS] ?? {};
  const end = 2 * BLOCK + 1_000_000;
  let isCut = false;
  let held: ServerResponse | undefined;
  const closed = new Promise<void>((resolve) => {
    respond = (request, response) => {
      if (request.method !== 'GET' || request.url !== WEIGHTS) return false;
      if (isCut) {
        request.destroy();
        return true;
      }
      const start = Number(/\d+/.exec(request.headers.range ?? '')?.[0]);
      response.writeHead(206, {
        ETag: `"${weightsByteLength.toString(16)}"`,
        'Content-Range': `bytes ${start}-${weightsByteLength - 1}/${weightsByteLength}`,
      });
      response.on('close', resolve).write(Buffer.from(body).subarray(start, end));
      held = response;
      return true;
    };
  });
  return {
    closed,
    cut() {
      isCut = true;
      held?.destroy();
    },
  };
}

const TWO_BLOCKS = { name: 'model.safetensors', byteLength: 2 * BLOCK, complete: false };
const untilTwoBlocksAreKept = () => expect.poll(keptWeights, { timeout: 60_000 }).toEqual(TWO_BLOCKS);

test('an interrupted download goes on after the page is loaded again', async () => {
  const held = holdWeights();
  const interrupted = load();
  await untilTwoBlocksAreKept();
  held.cut();
  expect((await interrupted).failure).toContain('stopped at byte');
  expect(await keptWeights()).toEqual(TWO_BLOCKS);
  respond = undefined;
  await page.close();
  page = await openPage('/page.html');
  expect(await load()).toEqual(USUAL);
  expect(weightRequests()).toEqual([HEAD, `GET ${WEIGHTS} bytes=${2 * BLOCK}-`]);
  expect(await keptWeights()).toMatchObject({ complete: true });
});

test('an aborted load stops, and leaves its blocks for the next', async () => {
  const held = holdWeights();
  const aborted = load();
  await untilTwoBlocksAreKept();
  await page.evaluate(() => (globalThis as unknown as InPage).abortLoad());
  expect(await aborted).toMatchObject({ failure: 'Error: enough' });
  // The page lets the connection go by itself.
  await held.closed;
  expect(weightRequests()).toEqual([FROM_START]);
  expect(await keptWeights()).toEqual(TWO_BLOCKS);
  respond = undefined;
  expect(await load()).toEqual(USUAL);
  expect(weightRequests()).toEqual([HEAD, `GET ${WEIGHTS} bytes=${2 * BLOCK}-`]);
});

test('a damaged block is fetched again', async () => {
  await load();
  await page.evaluate(async () => {
    const [name = ''] = await caches.keys();
    const cache = await caches.open(name);
    const key = (await cache.keys()).find(
      ({ url }) => url.includes('block=0') && url.includes('model.safetensors'),
    );
    const response = key && (await cache.match(key));
    if (!response) throw new Error('no such block');
    const bytes = new Uint8Array(await response.arrayBuffer());
    bytes[5] = (bytes[5] ?? 0) ^ 1;
    await cache.put(key, new Response(bytes, response));
  });
  expect((await load()).warnings.sort()).toEqual(['cache-corrupt', 'unexpected-tensors']);
  expect(weightRequests()).toEqual([HEAD, FROM_START]);
  expect(await load()).toEqual(USUAL);
  expect(weightRequests()).toEqual([HEAD]);
});

test('a full storage is said once, and the load goes on', async () => {
  const devtools = await context.newCDPSession(page);
  await devtools.send('Storage.overrideQuotaForOrigin', { origin: site.url, quotaSize: 2 * BLOCK });
  expect((await load()).warnings.sort()).toEqual(['cache-full', 'unexpected-tensors']);
  expect(await keptWeights()).toBeUndefined();
  expect(weightRequests()).toEqual([FROM_START]);
});

test('a page without storage loads all the same', async () => {
  page = await openPage('/sandbox.html');
  const result = await page.evaluate(async (model) => {
    const { AutoProcessor, modelStorage } = globalThis as unknown as InPage;
    const warnings: string[] = [];
    const processor = await AutoProcessor.from_pretrained(model, {
      progress_callback: (info) => info.status === 'warning' && warnings.push(info.code),
    });
    const { input_values } = await processor(new Float32Array(100));
    return { origin: self.origin, warnings, dims: input_values.dims, models: await modelStorage.list() };
  }, site.url + MODEL);
  expect(result).toEqual({ origin: 'null', warnings: ['cache-unavailable'], dims: [1, 100], models: [] });
});

test('cache: false neither keeps nor reads', async () => {
  expect(await load({ cache: false })).toEqual(USUAL);
  expect(await list()).toEqual([]);
  await load();
  expect(await load({ cache: false })).toEqual(USUAL);
  expect(weightRequests()).toEqual([FROM_START]);
});
