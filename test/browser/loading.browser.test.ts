/** Where models are loaded from in a page, what goes wrong there, and what a load of many megabytes costs of the heap. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core';
import { launchChromium } from '../../scripts/headless-chromium.mjs';
import type {
  AutoConfig,
  modelStorage,
  PipelineOptions,
  ProgressInfo,
  UniSpeechForCTC,
} from '../../src/index.ts';
import { CONFIGS, withCheckpoint } from '../helpers/checkpoints.ts';
import { paddedModel } from './helpers/padded-model.ts';
import { ROOT, serveSite, type Page as Answer, type Site } from './helpers/site.ts';

/** What `/expose.js` makes global for the code of these tests that runs in the page. */
interface InPage {
  readonly AutoConfig: typeof AutoConfig;
  readonly modelStorage: typeof modelStorage;
  readonly UniSpeechForCTC: typeof UniSpeechForCTC;
}

const EXPOSE = `
import { AutoConfig, modelStorage, UniSpeechForCTC } from '/dist/unispeech.js';
Object.assign(globalThis, { AutoConfig, modelStorage, UniSpeechForCTC });
document.title = 'ready';
`;
const html = (head: string): Answer => ({
  body: `<!doctype html><meta charset="utf-8">${head}<script type="module" src="/expose.js"></script>`,
});
const MODEL = '/models/padded';
const WEIGHTS = `${MODEL}/model.safetensors`;
/** The largest tensor of a base-size model that is packed as a whole: the weights of the positional convolution. */
const LARGEST_SLICE_BYTE_LENGTH = 768 * 48 * 128 * 4;

let browser: Browser;
let site: Site;
let pages: Record<string, Answer>;
let context: BrowserContext;
let page: Page;

beforeAll(async () => {
  browser = await launchChromium();
  pages = {
    ...paddedModel(MODEL, 5 * 2 ** 20),
    '/expose.js': { body: EXPOSE },
    '/docs/page.html': html(''),
    '/docs/based.html': html('<base href="/models/">'),
    '/spa/config.json': { ...html(''), type: 'text/html' },
  };
  site = await serveSite({ pages });
});
afterAll(async () => {
  await browser.close();
  await site.close();
});
beforeEach(async () => {
  context = await browser.newContext();
  page = await openPage('/docs/page.html');
});
afterEach(() => context.close());

async function openPage(path: string): Promise<Page> {
  const opened = await context.newPage();
  await opened.goto(site.url + path);
  await opened.waitForFunction(() => document.title === 'ready', undefined, { timeout: 60_000 });
  return opened;
}

/** The hidden size of the model, or what its load was rejected with. */
const configOf = (location: string, options: PipelineOptions = {}): Promise<number | string> =>
  page.evaluate(
    ([name, given]) =>
      (globalThis as unknown as InPage).AutoConfig.from_pretrained(name, given).then(
        (config) => config.hidden_size,
        (error: unknown) => String(error),
      ),
    [location, options] as const,
  );

/** The events of a load of the weights, and what it was rejected with. */
const load = (location: string): Promise<{ events: ProgressInfo[]; failure?: string }> =>
  page.evaluate(async (name) => {
    const events: ProgressInfo[] = [];
    try {
      const model = await (globalThis as unknown as InPage).UniSpeechForCTC.from_pretrained(name, {
        progress_callback: (info) => events.push(info),
      });
      await model.dispose();
      return { events };
    } catch (error) {
      return { events, failure: String(error) };
    }
  }, location);

test('a location is a URL, relative to the page, or an id', async () => {
  const requested: string[] = [];
  await context.route('https://huggingface.co/**', (route) => {
    requested.push(route.request().url());
    const { body = '' } = pages[`${MODEL}/config.json`] ?? {};
    const headers = { 'Access-Control-Allow-Origin': '*' };
    return route.fulfill({ status: 200, contentType: 'application/json', headers, body: Buffer.from(body) });
  });
  const size = await configOf(`${site.url}${MODEL}/`);
  expect(size).toBeGreaterThan(0);
  for (const location of [MODEL, `${MODEL}/`, '../models/padded', 'owner/name'])
    expect([location, await configOf(location)]).toEqual([location, size]);
  expect(await configOf('owner/name', { revision: 'v1.0' })).toBe(size);
  expect(requested).toEqual([
    'https://huggingface.co/owner/name/resolve/main/config.json',
    'https://huggingface.co/owner/name/resolve/v1.0/config.json',
  ]);
  const kept = await page.evaluate(async () => {
    const { modelStorage } = globalThis as unknown as InPage;
    const before = (await modelStorage.list()).map(({ location }) => location);
    await modelStorage.delete('owner/name', { revision: 'v1.0' });
    await modelStorage.delete('../models/padded/');
    return [before.sort(), (await modelStorage.list()).map(({ location }) => location)];
  });
  expect(kept).toEqual([
    [
      `${site.url}${MODEL}`,
      'https://huggingface.co/owner/name/resolve/main',
      'https://huggingface.co/owner/name/resolve/v1.0',
    ].sort(),
    ['https://huggingface.co/owner/name/resolve/main'],
  ]);
  expect(await configOf('owner/name', { local_files_only: true })).toBe(size);
  expect(await configOf('owner/other', { local_files_only: true })).toContain(
    'is not stored, and local_files_only allows no request.',
  );
  expect(requested).toHaveLength(2);
  page = await openPage('/docs/based.html');
  expect(await configOf('./padded')).toBe(size);
});

test('a model that is not there is explained', async () => {
  await context.route('https://huggingface.co/**', (route) =>
    route.fulfill({ status: 401, headers: { 'Access-Control-Allow-Origin': '*' }, body: 'who are you?' }),
  );
  expect(await configOf('models/gated')).toBe(
    'UniSpeechError: https://huggingface.co/models/gated/resolve/main/config.json answered with status 401: ' +
      'the model is private, gated or not there. ' +
      'Check the name at https://huggingface.co/models/gated, or write ./models/gated for a folder beside this page.',
  );
  expect(await configOf('/models/none')).toBe(
    'UniSpeechError: /models/none holds no config.json. Give the folder or base URL of a model in the Hugging Face layout.',
  );
  expect(await configOf('/spa')).toBe(
    'UniSpeechError: /spa holds no config.json. ' +
      'The server sends an HTML page in place of files that it does not have: check the address of the model.',
  );
  expect(await configOf('./padded', { revision: 'v1' })).toContain('is not a Hugging Face id');
  expect(await configOf('./padded', { token: 'hf_x' })).toContain('A token was given, but "./padded" is not');
  expect(await configOf('owner/name', { token: true })).toContain('it must be the token itself in a page');
  expect(await configOf('owner/name', { cache_dir: 'x' })).toContain(
    'cache_dir is "x", but it must be left out',
  );
  expect(await configOf('https://')).toContain('"https://" is not the address of a model.');
});

test('weights that are not what the server says are refused, and not kept', async () => {
  const weights = pages[WEIGHTS];
  const right = createHash('sha256')
    .update(weights?.body ?? '')
    .digest('hex');
  const wrong = right.replace(/^../, right.startsWith('00') ? '11' : '00');
  try {
    pages[WEIGHTS] = { body: weights?.body ?? '', headers: { 'X-Linked-ETag': `"${wrong}"` } };
    const { failure } = await load(MODEL);
    expect(failure).toContain(`has the SHA-256 ${right}, but the server says that it is ${wrong}.`);
    const kept = await page.evaluate(() => (globalThis as unknown as InPage).modelStorage.list());
    expect(kept[0]?.files.map(({ name }) => name)).toEqual(['config.json']);
    pages[WEIGHTS] = { body: weights?.body ?? '', headers: { 'X-Linked-ETag': `"${right}"` } };
    expect((await load(MODEL)).failure).toBeUndefined();
  } finally {
    if (weights) pages[WEIGHTS] = weights;
  }
});

test('a model of PyTorch shards is loaded, kept, and used offline', async () => {
  const weights = `${ROOT}test/reference/goldens/pytorch/models/group-stable-sharded/`;
  const names = readdirSync(weights);
  for (const name of names) pages[`/models/bin/${name}`] = { body: readFileSync(weights + name) };
  pages['/models/bin/config.json'] = {
    body: readFileSync(`${ROOT}test/reference/goldens/tiny/group-stable-sharded/config.json`),
  };
  const { events, failure } = await load('/models/bin');
  expect(failure).toBeUndefined();
  const done = events.flatMap((info) => (info.status === 'done' ? [info.file] : []));
  expect(done.sort()).toEqual([...names, 'config.json'].sort());
  const kept = await page.evaluate(() => (globalThis as unknown as InPage).modelStorage.list());
  expect(kept).toMatchObject([{ location: `${site.url}/models/bin`, complete: true }]);
  await context.route('**/models/**', (route) => route.abort());
  expect((await load('/models/bin')).failure).toBeUndefined();
});

test('progress tells bytes, rate and stage', async () => {
  const { events } = await load(MODEL);
  const totals = events.filter((info) => info.status === 'progress_total');
  const stages = totals.map(({ stage }) => stage);
  expect(stages.filter((stage, i) => stage !== stages[i - 1])).toEqual(['download', 'compile', 'check']);
  const last = totals.at(-1);
  expect(last?.loaded).toBe(last?.total);
  expect(last?.total).toBeGreaterThan(Buffer.byteLength(pages[WEIGHTS]?.body ?? ''));
  expect(totals.some(({ bytesPerSecond = 0 }) => bytesPerSecond > 0)).toBe(true);
  expect(totals.every(({ bytesPerSecond = NaN }) => bytesPerSecond >= 0)).toBe(true);
});

test('a base-size model, downloaded or kept, needs less than 64 MB of the heap beside its largest slice, and survives the collector', async () => {
  await withCheckpoint(CONFIGS.base, async (folder) => {
    const large = await serveSite({ pages, folders: { '/dist/': `${ROOT}dist`, '/large/': folder } });
    try {
      for (const from of ['network', 'storage']) {
        await page.goto(`${large.url}/docs/page.html`);
        await page.waitForFunction(() => document.title === 'ready', undefined, { timeout: 60_000 });
        const devtools = await context.newCDPSession(page);
        await devtools.send('HeapProfiler.collectGarbage');
        large.requests.length = 0;
        const { peakByteLength, result } = await watchHeap(devtools, load('/large'));
        expect([from, result.failure]).toEqual([from, undefined]);
        const start = from === 'network' ? 'GET' : 'HEAD';
        expect(large.requests.filter((request) => request.includes('safetensors'))).toEqual([
          `${start} /large/model.safetensors bytes=0-`,
        ]);
        expect(peakByteLength).toBeGreaterThan(LARGEST_SLICE_BYTE_LENGTH);
        expect(peakByteLength).toBeLessThan(64e6 + LARGEST_SLICE_BYTE_LENGTH);
      }
      // Chromium collects the reader of a stored block, whose read then never ends, if nothing but that read refers to it.
      const collecting = collectGarbage(await context.newCDPSession(page));
      expect((await load('/large')).failure).toBeUndefined();
      expect(await collecting.stop()).toBeGreaterThan(10);
    } finally {
      await large.close();
    }
  });
});

/** The most bytes of objects and array buffers that the page's heap held until `loading` ended. */
async function watchHeap<T>(
  devtools: CDPSession,
  loading: Promise<T>,
): Promise<{ readonly peakByteLength: number; readonly result: T }> {
  let peakByteLength = 0;
  let isLoading = true;
  const watching = (async () => {
    while (isLoading) {
      // The types of the protocol lack the newer field.
      const usage: { usedSize: number; backingStorageSize?: number } =
        await devtools.send('Runtime.getHeapUsage');
      peakByteLength = Math.max(peakByteLength, usage.usedSize + (usage.backingStorageSize ?? NaN));
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  })();
  const result = await loading.finally(() => (isLoading = false));
  await watching;
  return { peakByteLength, result };
}

/** Collects the page's garbage again and again. `stop` says how often that was. */
function collectGarbage(devtools: CDPSession): { readonly stop: () => Promise<number> } {
  let count = 0;
  let isWanted = true;
  const collecting = (async () => {
    while (isWanted) {
      await devtools.send('HeapProfiler.collectGarbage');
      count += 1;
    }
  })();
  return {
    stop: async () => {
      isWanted = false;
      await collecting;
      return count;
    },
  };
}
