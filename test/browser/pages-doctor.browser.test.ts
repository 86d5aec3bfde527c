/** The page "Will it run here?" in a real browser: asked about models, stopped half-way, and without WebGPU. */
import { expect, test } from 'vitest';
import { level, TIMEOUT, useDoctorPage, whenExamined } from './helpers/doctor-page.ts';
import type { Page } from 'playwright-core';
import { expectNoSidewaysScroll } from './helpers/pages.ts';
import { ROOT } from './helpers/site.ts';

const open = useDoctorPage();

/** Loads the page again with another `navigator.gpu`. */
async function reopenWith(page: Page, gpu: string): Promise<void> {
  await page.addInitScript(`Object.defineProperty(navigator, 'gpu', { configurable: true, value: ${gpu} })`);
  await page.reload();
  await whenExamined(page);
}

/** By a URL, by a folder that was chosen, by files that were dropped, and by names of nothing. */
async function askForModels(page: Page): Promise<void> {
  const answer = page.locator('#model-answer');
  const problem = page.locator('#model-error');
  const field = page.getByLabel('URL or Hugging Face id');
  const loaded: string[] = [];
  page.on('response', (response) => loaded.push(response.url()));
  await field.fill('../models/unispeech-tiny-en');
  await field.press('Enter');
  await expect.poll(() => answer.innerText(), TIMEOUT).toMatch(/^Yes, if the GPU has room/);
  expect(await answer.innerText()).toMatch(/UniSpeechForCTC[\s\S]*3\.4 MB[\s\S]*GPU memory, q4/);
  expect(loaded.some((url) => url.endsWith('/config.json'))).toBe(true);

  await field.fill('../models/nothing-here');
  await page.getByRole('button', { name: 'Look at it' }).click();
  await expect.poll(() => problem.innerText(), TIMEOUT).toContain('config.json');
  expect(await answer.innerText()).toBe('');

  await page.locator('#model-folder').setInputFiles(`${ROOT}test/fixtures/public-shapes/mms-lid-126`);
  await expect.poll(() => answer.innerText(), TIMEOUT).toMatch(/^No: the model has no weights[\s\S]*964 M/);
  expect(await problem.innerText()).toBe('');

  const dropped = await page.evaluateHandle((): DataTransfer => {
    const transfer = new DataTransfer();
    transfer.items.add(new File(['{ "model_type": "whisper" }'], 'config.json'));
    return transfer;
  });
  await page.dispatchEvent('body', 'drop', { dataTransfer: dropped });
  await expect.poll(() => problem.innerText(), TIMEOUT).toContain('"whisper"');
}

/** Nothing that the GPU has computed arrives before `letGo()`: the examination cannot be over before that. */
const HELD_RESULTS = `
const { mapAsync } = GPUBuffer.prototype;
const held = new Promise((resolve) => { globalThis.letGo = resolve; });
GPUBuffer.prototype.mapAsync = async function (...range) {
  await held;
  return mapAsync.apply(this, range);
};
`;

test('says of a model whether it fits, before anything of its weights is loaded', async () => {
  const { page, complaints } = await open({}, HELD_RESULTS);
  await page.getByRole('button', { name: 'Stop' }).click();
  await page.evaluate('letGo()');
  await whenExamined(page);
  await askForModels(page);
  expect(complaints).toEqual([]);
  await page.context().close();
});

test('stops and starts again; on a phone in dark colours nothing scrolls sideways', async () => {
  const { page, complaints } = await open(
    { viewport: { width: 360, height: 780 }, colorScheme: 'dark' },
    HELD_RESULTS,
  );
  await page.getByRole('button', { name: 'Stop' }).click();
  await page.evaluate('letGo()');
  await whenExamined(page);
  expect(await page.locator('#sentence').textContent()).toBe('Stopped before the end.');
  await page.getByRole('button', { name: 'Examine again' }).click();
  // What a whole examination says is tested by hand (`pages-doctor.long.browser.test.ts`).
  await page
    .locator('#kernels-summary')
    .getByText(/^1 of \d+ tested/)
    .waitFor(TIMEOUT);
  await expectNoSidewaysScroll(page);
  await page.getByRole('button', { name: 'Stop' }).click();
  await whenExamined(page);
  expect(await page.locator('#sentence').textContent()).toBe('Stopped before the end.');
  expect(complaints).toEqual([]);
  await page.context().close();
});

test('without WebGPU or without an adapter it says what to do, and the report still tells of the browser', async () => {
  const { page, complaints } = await open();
  await reopenWith(page, 'undefined');
  expect(await level(page)).toBe('no');
  expect(await page.locator('#sentence').textContent()).toMatch(/^No\. .*WebGPU/);
  expect(await page.locator('#browsers').isVisible()).toBe(true);
  expect(await page.locator('#kernels').isVisible()).toBe(false);
  expect(await page.locator('#program').innerText()).toContain('Chrome/');
  expect(await page.locator('#storage').innerText()).toContain('May be used');
  // The browser keeps the clipboard from pages that were given no permission: the text is offered instead.
  await page.evaluate(() => Object.defineProperty(navigator, 'clipboard', { value: undefined }));
  await page.getByRole('button', { name: 'Copy report' }).click();
  await expect.poll(() => page.locator('#copied').textContent()).toMatch(/selected below/);
  const selected = await page.evaluate(() => String(getSelection()));
  expect(selected).toMatch(/## Adapter\s+Failed \(no-webgpu\)/);
  expect(selected).toMatch(/## Kernels\s+Skipped/);

  await reopenWith(page, '{ requestAdapter: () => Promise.resolve(null) }');
  expect(await level(page)).toBe('no');
  expect(await page.locator('#sentence').textContent()).toMatch(/adapter/);
  expect(await page.locator('#advice').textContent()).toMatch(/hardware acceleration/);
  expect(await page.locator('#browsers').isVisible()).toBe(false);
  expect(complaints).toEqual([]);
  await page.context().close();
});

test('a device that cannot be had is told with everything else', async () => {
  const { page, complaints } = await open();
  await page.addInitScript(() => {
    GPUAdapter.prototype.requestDevice = () => Promise.reject(new Error('the driver is busy'));
  });
  await page.reload();
  await whenExamined(page);
  expect(await level(page)).toBe('no');
  expect(await page.locator('#sentence').textContent()).toContain('the driver is busy');
  expect(await page.locator('#adapter').innerText()).toContain('swiftshader');
  expect(complaints).toEqual([]);
  await page.context().close();
});
