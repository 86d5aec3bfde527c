/** Devices in a page: lost in the middle of a run, brought by the caller, refused, missing; aborts and disposal. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Browser } from 'playwright-core';
import { launchChromium } from '../../scripts/headless-chromium.mjs';
import { BLANK, openBlank, runScript } from './helpers/script-page.ts';
import { serveSite, type Site } from './helpers/site.ts';

let browser: Browser;
let site: Site;
beforeAll(async () => {
  browser = await launchChromium();
  site = await serveSite({ pages: { '/blank.html': BLANK } });
});
afterAll(async () => {
  await browser.close();
  await site.close();
});

async function inPage<T>(statements: string): Promise<T> {
  const page = await openBlank(browser, site);
  try {
    return await runScript<T>(page, statements);
  } finally {
    await page.context().close();
  }
}

/** Puts every device that the page opens into `devices`. */
const WATCH_DEVICES = `
const devices = [];
const { requestDevice } = GPUAdapter.prototype;
GPUAdapter.prototype.requestDevice = async function (...descriptor) {
  const device = await requestDevice.apply(this, descriptor);
  devices.push(device);
  return device;
};
const isLost = (device) => Promise.race([
  device.lost.then(() => true),
  device.queue.onSubmittedWorkDone().then(() => false),
]);
`;

describe('device loss', () => {
  test('a device that is lost in the middle of a run is replaced, and the text is the same', async () => {
    const before = site.requests.length;
    const result = await inPage<{
      texts: string[];
      warnings: string[];
      deviceCount: number;
      lost: boolean[];
    }>(`
      ${WATCH_DEVICES}
      const recognize = await load();
      const texts = [(await recognize(CLIP)).text];
      const { queue } = devices[0];
      queue.submit = function (buffers) {
        GPUQueue.prototype.submit.call(this, buffers);
        devices[0].destroy();
      };
      texts.push(...(await Promise.all([recognize(CLIP), recognize(CLIP)])).map(({ text }) => text));
      const deviceCount = devices.length;
      await recognize.dispose();
      return { texts, warnings, deviceCount, lost: await Promise.all(devices.map(isLost)) };
    `);
    expect(result).toEqual({
      texts: ['YES FIVE', 'YES FIVE', 'YES FIVE'],
      warnings: [expect.stringMatching(/^device-rebuilt: The GPU device was lost/)],
      deviceCount: 2,
      lost: [true, true],
    });
    // The second time the weights come from the browser's storage.
    const downloads = site.requests.slice(before).filter((line) => /^GET .*\.safetensors/.test(line));
    expect(new Set(downloads).size).toBe(downloads.length);
  });

  test('the GPU process of the browser crashes in the middle of a call: the text still comes', async () => {
    // A browser of its own: it counts crashes.
    const crashing = await launchChromium();
    try {
      const page = await openBlank(crashing, site);
      const texts = runScript<string[]>(
        page,
        `const recognize = await load();
        const texts = [];
        while (!warnings.length) {
          document.title = 'running';
          texts.push((await recognize(CLIP)).text);
        }
        return [...texts, ...warnings];`,
      );
      await page.waitForFunction(() => document.title === 'running', undefined, { timeout: 60_000 });
      const session = await crashing.newBrowserCDPSession();
      await session.send('Browser.crashGpuProcess');
      const found = await texts;
      expect(found.pop()).toMatch(/^device-rebuilt/);
      expect(new Set(found)).toEqual(new Set(['YES FIVE']));
    } finally {
      await crashing.close();
    }
  });

  test("the caller's own device is never destroyed, and its loss is a clear error", async () => {
    const result = await inPage<{ text: string; lost: boolean; error: unknown; disposed: unknown }>(`
      ${WATCH_DEVICES}
      const adapter = await navigator.gpu.requestAdapter();
      const device = await adapter.requestDevice();
      let text;
      let left;
      {
        await using recognize = await load({ device });
        ({ text } = await recognize(CLIP));
        left = recognize;
      }
      const disposed = await failure(() => left(CLIP));
      const lost = await isLost(device);
      const recognize = await load({ device });
      device.destroy();
      const error = await failure(() => recognize(CLIP));
      await recognize.dispose();
      return { text, lost, error, disposed };
    `);
    expect(result).toEqual({
      text: 'YES FIVE',
      lost: false,
      error: {
        code: 'device-lost',
        message: expect.stringMatching(/load the model again with a new device/) as string,
      },
      disposed: { code: 'disposed', message: expect.stringMatching(/was disposed/) as string },
    });
  });
});

test('an abort ends a load and a run; the engine works on, and disposal destroys its device', async () => {
  const result = await inPage<{ errors: string[]; text: string; lost: boolean[] }>(`
    ${WATCH_DEVICES}
    const errors = [];
    const reasonOf = (work) => work.then(() => 'no error', (error) => error.message);
    const loading = new AbortController();
    errors.push(await reasonOf(load({
      signal: loading.signal,
      progress_callback: () => loading.abort(new Error('not now')),
    })));
    const recognize = await load();
    const running = new AbortController();
    const call = recognize(CLIP, { signal: running.signal });
    running.abort(new Error('enough'));
    errors.push(await reasonOf(call));
    const { text } = await recognize(CLIP);
    await recognize.dispose();
    return { errors, text, lost: await Promise.all(devices.map(isLost)) };
  `);
  expect(result.errors).toEqual(['not now', 'enough']);
  expect(result.text).toBe('YES FIVE');
  expect(result.lost).not.toContain(false);
});

describe('errors', () => {
  test('no WebGPU, no adapter, no device: each says what is wrong and what to do', async () => {
    const [noGpu, noAdapter, noDevice] = await inPage<unknown[]>(`
      const { requestDevice } = GPUAdapter.prototype;
      GPUAdapter.prototype.requestDevice = () => Promise.reject(new DOMException('out of devices', 'OperationError'));
      const noDevice = await failure(load);
      GPUAdapter.prototype.requestDevice = requestDevice;
      const { requestAdapter } = GPU.prototype;
      GPU.prototype.requestAdapter = () => Promise.resolve(null);
      const noAdapter = await failure(load);
      GPU.prototype.requestAdapter = requestAdapter;
      Object.defineProperty(navigator, 'gpu', { value: undefined });
      return [await failure(load), noAdapter, noDevice];
    `);
    expect(noGpu).toMatchObject({
      code: 'no-webgpu',
      message: expect.stringMatching(/no WebGPU.*Use Chrome/) as string,
    });
    expect(noAdapter).toMatchObject({
      code: 'no-adapter',
      message: expect.stringMatching(/no adapter.*hardware acceleration/) as string,
    });
    expect(noDevice).toMatchObject({
      code: 'no-device',
      message: expect.stringMatching(/opened no device: out of devices.*Close other pages/) as string,
    });
  });

  test('a page over plain http is told so', async () => {
    const page = await (await browser.newContext()).newPage();
    // A name that is not localhost; its answers come from the site.
    await page.route('http://insecure.test/**', async (route) => {
      const { pathname } = new URL(route.request().url());
      await route.fulfill({ response: await route.fetch({ url: site.url + pathname }) });
    });
    await page.goto('http://insecure.test/blank.html');
    expect(await runScript(page, 'return failure(load);')).toMatchObject({
      code: 'no-webgpu',
      message: expect.stringMatching(
        /secure pages only, and http:\/\/insecure\.test is not one.*https/,
      ) as string,
    });
    await page.context().close();
  });

  test('an adapter that offers more than its device may have still loads', async () => {
    const result = await inPage<{ text: string; refused: number }>(`
      let refused = 0;
      const { requestDevice } = GPUAdapter.prototype;
      GPUAdapter.prototype.requestDevice = function (descriptor) {
        if (!descriptor?.requiredLimits) return requestDevice.call(this, descriptor);
        refused++;
        return requestDevice.call(this, { requiredLimits: { maxBufferSize: 2 ** 52 } });
      };
      const recognize = await load();
      const { text } = await recognize(CLIP);
      await recognize.dispose();
      return { text, refused };
    `);
    expect(result).toEqual({ text: 'YES FIVE', refused: 1 });
  });

  test('a limit that is too small comes with the numbers, exhausted memory with a fix; both leave the model usable', async () => {
    const result = await inPage<{ limit: unknown; memory: unknown; frames: number }>(`
      const adapter = await navigator.gpu.requestAdapter();
      const device = await adapter.requestDevice();
      const model = await engine.AutoModelForCTC.from_pretrained(MODEL, { device });
      const limit = await failure(() => model({ input_values: new Float32Array(35e6) }));
      device.createBuffer = function (descriptor) {
        const size = descriptor.label === 'slab 0' ? 2 ** 52 : descriptor.size;
        return GPUDevice.prototype.createBuffer.call(this, { ...descriptor, size });
      };
      const popErrorScope = device.popErrorScope.bind(device);
      let pops = 0;
      // What the engine asks for first is whether memory was exhausted.
      device.popErrorScope = () => popErrorScope().then((error) =>
        pops++ === 0 ? new GPUOutOfMemoryError('no room') : error);
      const memory = await failure(() => model({ input_values: new Float32Array(16000) }));
      delete device.createBuffer;
      delete device.popErrorScope;
      const { logits } = await model({ input_values: new Float32Array(16000) });
      await model.dispose();
      return { limit, memory, frames: logits.dims[1] };
    `);
    expect(result.limit).toMatchObject({
      code: 'limit-exceeded',
      message: expect.stringMatching(
        /needs \d{9} bytes, but one buffer binding of this adapter holds 134217728/,
      ) as string,
    });
    expect(result.memory).toMatchObject({
      code: 'out-of-memory',
      message: expect.stringMatching(/too little memory for the activations.*Use shorter audio/) as string,
    });
    expect(result.frames).toBeGreaterThan(40);
  });
});
