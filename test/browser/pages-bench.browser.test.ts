/** The page of the kernel suite in a real browser: a run to its end, stopped, without a GPU, with a lost one, with any clock. */
import { expect, test } from 'vitest';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { compareResults, faultsOf } from '../../bench/kernels/figures.ts';
import type { KernelResults } from '../../bench/kernels/results.ts';
import { VERSION } from '../../src/base/version.ts';
import { expectNoSidewaysScroll, usePages } from './helpers/pages.ts';

const TIMEOUT = { timeout: 200_000 };

const openPage = usePages();

interface Setting {
  /** Runs before the script of the page. */
  readonly script?: string;
  readonly options?: BrowserContextOptions;
}

/** The page with a choice in its address. */
const open = (params: string, { script, options }: Setting = {}) =>
  openPage(`/bench/index.html?${params}`, options, script);

const start = (page: Page) => page.getByRole('button', { name: /^(Start|Measure again)$/ }).click();
const whenIdle = (page: Page) =>
  page.getByRole('button', { name: /^(Start|Measure again)$/ }).waitFor(TIMEOUT);
const resultsOn = async (page: Page) =>
  JSON.parse((await page.locator('#json').textContent()) ?? '') as KernelResults;

async function measure(params: string, setting?: Setting) {
  const opened = await open(params, setting);
  await start(opened.page);
  await whenIdle(opened.page);
  return opened;
}

/**
 * What an expression gives in the page at the moment at which so many cases are measured. From here it might come when the
 * last one is.
 */
const whenMeasured = <T>(page: Page, count: number, expression: string): Promise<T> =>
  page.evaluate<T>(`new Promise((resolve) => {
    const table = document.querySelector('#table');
    const observer = new MutationObserver(() => {
      if (table.tBodies.length < ${count}) return;
      observer.disconnect();
      resolve(${expression});
    });
    observer.observe(table, { childList: true });
  })`);

const ONE_CASE = 'models=tiny&seconds=1&kernel=layer+qkv&rounds=2';

test('every variant checked and timed, drawn under the roofs, and the JSON on the clipboard', async () => {
  const options = { permissions: ['clipboard-read', 'clipboard-write'] };
  const { page, complaints } = await measure(`${ONE_CASE}&variants=all`, { options });
  const results = await resultsOn(page);
  expect(results).toMatchObject({
    suite: 'kernels',
    command: 'npm run bench -- kernels --models tiny --seconds 1 --kernel layer qkv --rounds 2',
    version: VERSION,
    environment: { adapter: expect.stringContaining('swiftshader') as string, isSoftwareAdapter: true },
    clock: 'timestamps',
  });
  expect(results.environment.browser).toContain('Chrome/');
  expect(results.peak.flopsPerSecond).toBeGreaterThan(1e8);
  expect(results.peak.bytesPerSecond).toBeGreaterThan(1e7);
  const [qkv, ...others] = results.cases;
  if (!qkv) throw new Error('no case');
  expect(others).toEqual([]);
  expect(qkv.rows.length).toBeGreaterThan(3);
  expect(faultsOf(results)).toEqual([]);
  for (const { milliseconds } of qkv.rows) expect(milliseconds).toHaveLength(2);
  expect(qkv.controlMilliseconds).toHaveLength(2);
  // What `--compare` does with a file of the page.
  expect(compareResults(results, results)).toHaveLength(qkv.rows.length);

  expect(await page.locator('#roofline path.roof').getAttribute('d')).toMatch(
    /^M[\d.]+ [\d.]+(L[\d.]+ [\d.]+){2}$/,
  );
  expect(await page.locator('#roofline .mark.chosen').count()).toBe(1);
  expect(await page.locator('#roofline .mark.variant').count()).toBe(qkv.rows.length - 1);
  expect(await page.locator('#roofline .mark-label').allTextContents()).toEqual(['layer qkv']);
  expect(await page.locator('#bars li:not(.bars-header)').count()).toBe(1);
  expect(await page.locator('#bars').innerText()).toMatch(/layer qkv[\s\S]* %[\s\S]* [mµ]s[\s\S]* GFLOP\/s/);
  expect(await page.locator('#table tbody tr').count()).toBe(qkv.rows.length);
  expect(await page.locator('#summary').innerText()).toMatch(
    /Multiply-add[\s\S]*GFLOP\/s[\s\S]*Copy[\s\S]*GB\/s/,
  );
  expect(await page.locator('#summary .good').first().textContent()).toMatch(/agreed with its reference/);

  await page.getByRole('button', { name: 'Copy JSON' }).click();
  await expect.poll(() => page.locator('#copied').textContent()).toBe('JSON copied.');
  const json = await page.evaluate(() => navigator.clipboard.readText());
  expect(JSON.parse(json)).toEqual(results);
  await page.getByRole('button', { name: 'Copy Markdown' }).click();
  await expect.poll(() => page.locator('#copied').textContent()).toBe('Markdown table copied.');
  const markdown = await page.evaluate(() => navigator.clipboard.readText());
  expect(markdown).toMatch(/- Browser: .*Chrome\/[\s\S]*\| tiny 1 s: layer qkv \|/);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Download JSON' }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('kernels.json');
  expect(complaints).toEqual([]);
  await page.context().close();
});

test('marks are reached with the keys and with the pointer', async () => {
  const { page, complaints } = await measure(`${ONE_CASE}&variants=all`);
  const readout = page.locator('#readout');
  const before = await readout.textContent();
  await page.locator('#roofline [tabindex="0"]').focus();
  expect(await readout.textContent()).toMatch(/^layer qkv, gemm_/);
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowRight');
  const focused = page.locator('#roofline .mark:focus');
  expect(await readout.textContent()).toMatch(
    /^layer qkv, gemm_.* of the peak, bound by (arithmetic|memory)$/,
  );
  expect(await focused.getAttribute('aria-label')).toBe(await readout.textContent());
  expect(await page.locator('#roofline .ring').count()).toBe(1);
  await focused.blur();
  expect(await readout.textContent()).toBe(before);
  await page.locator('#roofline .mark.chosen').hover();
  expect(await readout.textContent()).toMatch(/^layer qkv, gemm_/);
  expect(complaints).toEqual([]);
  await page.context().close();
});

/** Presses the button, and tells what it was called and how the page looked just before. */
const STOP = `(() => {
  const [button, progress, dtype] = ['start', 'progress-text', 'dtype'].map((id) => document.getElementById(id));
  const before = [button.textContent, progress.textContent, dtype.matches(':disabled')];
  button.click();
  return before;
})()`;

test('Stop leaves what was measured, and the next run works; on a phone in dark colours nothing scrolls sideways', async () => {
  const options = { viewport: { width: 360, height: 780 }, colorScheme: 'dark' } as const;
  const { page, complaints } = await open('models=base&seconds=1', { options });
  const stopping = whenMeasured<[string, string, boolean]>(page, 2, STOP);
  await start(page);
  const [button, progress, isDisabled] = await stopping;
  expect([button, isDisabled]).toEqual(['Stop', true]);
  expect(progress).toMatch(/^\d+ of \d+: base 1 s: /);
  await whenIdle(page);
  expect(await page.locator('#progress-text').textContent()).toBe('Stopped before the end.');
  const { cases } = await resultsOn(page);
  expect(cases).toHaveLength(2);
  expect(await page.locator('#errors').textContent()).toBe('');
  await expectNoSidewaysScroll(page);

  await page.getByLabel('Only names with').fill('mask frames');
  await start(page);
  await whenIdle(page);
  expect((await resultsOn(page)).cases.map(({ name }) => name)).toEqual(['base 1 s: mask frames']);
  // The choice is in the address now.
  expect(new URL(page.url()).searchParams.get('kernel')).toBe('mask frames');

  await page.getByLabel('Only names with').fill('no such thing');
  await start(page);
  await whenIdle(page);
  expect(await page.locator('#progress-text').textContent()).toMatch(/^No case or kernel/);
  await expectNoSidewaysScroll(page);
  expect(complaints).toEqual([]);
  await page.context().close();
});

/**
 * Browsers round timestamps to 0.1 ms or so; these are rounded to half a millisecond. They are those of a GPU on which every
 * workgroup takes 0.03 ms, so that no busy moment of this machine is in them.
 */
const COARSE_TIMESTAMPS = `
const STEP = 500000n;
const { beginComputePass } = GPUCommandEncoder.prototype;
let span = 0n;
GPUCommandEncoder.prototype.beginComputePass = function (...descriptor) {
  span = 0n;
  return beginComputePass.apply(this, descriptor);
};
const { dispatchWorkgroups } = GPUComputePassEncoder.prototype;
GPUComputePassEncoder.prototype.dispatchWorkgroups = function (x, y = 1, z = 1) {
  span += 30000n * BigInt(x * y * z);
  dispatchWorkgroups.call(this, x, y, z);
};
const { getMappedRange } = GPUBuffer.prototype;
let now = 7n * STEP;
GPUBuffer.prototype.getMappedRange = function (...range) {
  const bytes = getMappedRange.apply(this, range);
  if (this.size === 16) {
    const times = new BigUint64Array(bytes);
    times.set([now, now + span].map((time) => time - time % STEP));
    now = times[1] + STEP;
  }
  return bytes;
};
`;

test('coarse timestamps get spans of many steps', async () => {
  const { page, complaints } = await measure(ONE_CASE, { script: COARSE_TIMESTAMPS });
  const { clock, clockStepNanoseconds, cases } = await resultsOn(page);
  expect([clock, clockStepNanoseconds]).toEqual(['timestamps', 500_000]);
  expect(await page.locator('#summary').innerText()).toContain('GPU timestamps in steps of 500 µs');
  const { milliseconds = [], repeats = 0 } = cases[0]?.rows[0] ?? {};
  expect(milliseconds).toHaveLength(2);
  // A hundred steps.
  for (const time of milliseconds) expect(time * repeats).toBeGreaterThanOrEqual(50);
  expect(complaints).toEqual([]);
  await page.context().close();
});

const NO_TIMESTAMPS = `
const { requestDevice } = GPUAdapter.prototype;
GPUAdapter.prototype.requestDevice = function (descriptor = {}) {
  const requiredFeatures = [...(descriptor.requiredFeatures ?? [])].filter((name) => name !== 'timestamp-query');
  return requestDevice.call(this, { ...descriptor, requiredFeatures });
};
`;

test('without timestamps the clock is the page’s own', async () => {
  const { page, complaints } = await measure(ONE_CASE, { script: NO_TIMESTAMPS });
  const { clock, cases } = await resultsOn(page);
  expect(clock).toBe('host');
  expect(await page.locator('#summary').innerText()).toContain('clock: the host’s');
  expect(Math.min(...(cases[0]?.rows[0]?.milliseconds ?? [0]))).toBeGreaterThan(0);
  expect(complaints).toEqual([]);
  await page.context().close();
});

test('a kernel that does not compile is named and not timed', async () => {
  const script = `
const { createShaderModule } = GPUDevice.prototype;
GPUDevice.prototype.createShaderModule = function (descriptor) {
  const isBroken = descriptor.label === 'mask_frames';
  return createShaderModule.call(this, isBroken ? { ...descriptor, code: descriptor.code + '}' } : descriptor);
};`;
  const { page } = await measure('models=tiny&seconds=1&kernel=mask+frames&rounds=2', { script });
  expect(await page.locator('#summary .bad').textContent()).toMatch(/mask frames: .*did not compile/);
  expect(await page.locator('#table .fault').textContent()).toMatch(/did not compile/);
  expect(faultsOf(await resultsOn(page))).toHaveLength(1);
  expect(await page.locator('#roofline .mark').count()).toBe(0);
  await page.context().close();
});

test.each([
  ['no WebGPU', 'undefined', /no WebGPU.*Use Chrome/],
  ['no adapter', '{ requestAdapter: () => Promise.resolve(null) }', /no adapter.*hardware acceleration/],
])('%s: a sentence with what to do', async (_, gpu, sentence) => {
  const script = `Object.defineProperty(navigator, 'gpu', { configurable: true, value: ${gpu} })`;
  const { page, complaints } = await measure('', { script });
  expect(await page.locator('#errors').innerText()).toMatch(new RegExp(sentence.source, 's'));
  expect(await page.locator('#results').isVisible()).toBe(false);
  expect(await page.locator('#progress').isVisible()).toBe(false);
  expect(complaints).toEqual([]);
  await page.context().close();
});

test('a device that is lost while measuring is told of, and the next run opens another one', async () => {
  const script = `
const { requestDevice } = GPUAdapter.prototype;
GPUAdapter.prototype.requestDevice = async function (...descriptor) {
  globalThis.device = await requestDevice.apply(this, descriptor);
  return device;
};`;
  const { page } = await open('models=base&seconds=1', { script });
  const destroyed = whenMeasured(page, 1, 'device.destroy()');
  await start(page);
  await destroyed;
  await whenIdle(page);
  expect(await page.locator('#errors').innerText()).toMatch(/The GPU device was lost.*Start again/s);
  expect((await resultsOn(page)).cases.length).toBeGreaterThan(0);
  await page.getByLabel('Only names with').fill('mask frames');
  await start(page);
  await whenIdle(page);
  expect(await page.locator('#errors').textContent()).toBe('');
  expect((await resultsOn(page)).cases).toHaveLength(1);
  await page.context().close();
});

test('an address that is not understood is told of; the browser that keeps its clipboard gets the text selected', async () => {
  const { page, complaints } = await measure(`${ONE_CASE}&dtype=q3`);
  await page.evaluate(() => Object.defineProperty(navigator, 'clipboard', { value: undefined }));
  await page.getByRole('button', { name: 'Copy JSON' }).click();
  await expect.poll(() => page.locator('#copied').textContent()).toMatch(/selected below/);
  expect(await page.evaluate(() => String(getSelection()))).toContain('"suite": "kernels"');
  expect(complaints).toEqual([]);
  await page.context().close();

  const { page: other } = await open('models=huge');
  expect(await other.locator('#errors').innerText()).toContain('models=huge');
  await other.context().close();
});

test('the first page leads here', async () => {
  const { page, complaints } = await openPage('/index.html');
  await page.getByRole('link', { name: /Kernels on this GPU/ }).click();
  expect(await page.locator('h1').textContent()).toBe('Kernels on this GPU');
  expect(complaints).toEqual([]);
  await page.context().close();
});
