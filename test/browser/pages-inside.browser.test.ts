/** The page "Inside the model" in a real browser: pictures, layers, heads, cross-hair, files that are no audio. */
import { expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { expectNoSidewaysScroll, noteTexts, notedTexts, usePages } from './helpers/pages.ts';
import { ROOT } from './helpers/site.ts';

const TIMEOUT = { timeout: 200_000 };

const openPage = usePages('--autoplay-policy=no-user-gesture-required');

const open = (options = {}) => openPage('/inside/index.html', options);
const status = (page: Page) => page.locator('#status').textContent();
const reading = (page: Page, id: string) => page.locator(`#${id}-reading`).textContent();
const whenShown = (page: Page, text: string) => expect.poll(() => status(page), TIMEOUT).toContain(text);

/** What a canvas holds: its number of colours, and a fingerprint of its pixels. */
async function pixels(page: Page, selector: string): Promise<{ colors: number; print: number }> {
  // Drawing waits for the next frame.
  await page.evaluate(
    () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
  );
  return page.locator(selector).evaluate((canvas: HTMLCanvasElement) => {
    // Read from a copy: a canvas that is read changes how the browser keeps it.
    const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', {
      willReadFrequently: true,
    });
    copy?.drawImage(canvas, 0, 0);
    const image = copy?.getImageData(0, 0, canvas.width, canvas.height);
    const values = new Uint32Array(image?.data.buffer ?? new ArrayBuffer());
    const print = values.reduce((hash, value) => (Math.imul(hash, 31) + value) | 0, 7);
    return { colors: new Set(values).size, print };
  });
}

test('pictures of a sample change with layer, head and cross-hair', async () => {
  const { page, complaints } = await open();
  await whenShown(page, 'SEVEN FOUR FOUR SEVEN THREE ONE SEVEN');
  const states = await pixels(page, '#states');
  const head = await pixels(page, '#head');
  expect(states.colors).toBeGreaterThan(100);
  expect(head.colors).toBeGreaterThan(100);
  expect((await pixels(page, '#wave')).colors).toBeGreaterThan(5);
  expect((await pixels(page, '#gaze')).colors).toBeGreaterThan(2);

  // The layer slider goes by arrow keys.
  await page.getByRole('slider', { name: 'Layer' }).focus();
  await page.keyboard.press('ArrowRight');
  expect(await page.locator('#layer-name').textContent()).toBe('After layer 4 of 6');
  const statesOf4 = await pixels(page, '#states');
  const headOf4 = await pixels(page, '#head');
  expect(statesOf4.print).not.toBe(states.print);
  expect(headOf4.print).not.toBe(head.print);

  // Heads: by click, then by arrow keys; one is chosen at a time.
  const heads = page.getByRole('radio');
  expect(await heads.count()).toBe(4);
  await heads.nth(2).click();
  expect((await pixels(page, '#head')).print).not.toBe(headOf4.print);
  expect(await page.locator('#head-summary').textContent()).toMatch(/^Head 3 looks \d\.\d\d s away/);
  await page.keyboard.press('ArrowRight');
  expect(await heads.evaluateAll((all) => all.map((one) => one.ariaChecked))).toEqual([
    'false',
    'false',
    'false',
    'true',
  ]);
  expect(await heads.nth(3).evaluate((one) => one === document.activeElement)).toBe(true);

  // The cross-hair of the head: by arrow keys, a frame at a time, and by pointer.
  const picture = page.locator('#head');
  await picture.focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('Shift+ArrowRight');
  await page.keyboard.press('ArrowRight');
  await expect.poll(() => reading(page, 'head')).toMatch(/looks at 0\.22 s \(writes S\) with [\d.]+ % of/);
  const before = await pixels(page, '#head');
  await page.keyboard.press('ArrowDown');
  expect((await pixels(page, '#head')).print).not.toBe(before.print);
  const box = await picture.boundingBox();
  await picture.hover({ position: { x: (box?.width ?? 0) - 3, y: (box?.height ?? 0) - 3 } });
  await expect.poll(() => reading(page, 'head')).toMatch(/^The frame at 2\.98 s .* looks at 2\.98 s/);

  // The hidden states by keyboard; sorting the channels rearranges the rows.
  await page.locator('#states').focus();
  await page.keyboard.press('Home');
  await expect.poll(() => reading(page, 'states')).toMatch(/^0\.00 s: channel \d+ is \d\.\d standard dev/);
  await page.getByLabel('Sort channels').uncheck();
  await expect.poll(() => reading(page, 'states')).toMatch(/^0\.00 s: channel 1 is/);
  expect((await pixels(page, '#states')).print).not.toBe(statesOf4.print);

  // Before the first layer there is no attention.
  await page.getByRole('slider', { name: 'Layer' }).focus();
  await page.keyboard.press('Home');
  expect(await page.locator('#layer-name').textContent()).toBe('Before the first layer');
  expect(await picture.isVisible()).toBe(false);
  expect(await page.locator('#no-attention').isVisible()).toBe(true);
  expect(complaints).toEqual([]);
  await page.context().close();
});

test('a file that is no audio is explained; another file, its sound and the phone width work', async () => {
  const { page, complaints } = await open({ viewport: { width: 360, height: 780 }, colorScheme: 'dark' });
  await whenShown(page, 'SEVEN');
  const earlier = await pixels(page, '#head');
  const notes = { name: 'notes.mp3', mimeType: 'audio/mpeg', buffer: Buffer.from('not audio at all') };
  await page.locator('#file').setInputFiles(notes);
  const alert = page.getByRole('alert');
  await expect.poll(() => alert.innerText(), TIMEOUT).toContain('Cannot look inside with notes.mp3');
  // What was shown stays.
  expect(await page.locator('#head').isVisible()).toBe(true);

  await page.locator('#file').setInputFiles(`${ROOT}examples/audio/yes-five.flac`);
  await whenShown(page, 'The model reads: YES FIVE');
  expect(await alert.innerText()).toBe('');
  expect((await pixels(page, '#head')).print).not.toBe(earlier.print);
  await expectNoSidewaysScroll(page);

  const play = page.locator('#play');
  const still = (await reading(page, 'head')) ?? '';
  await page.evaluate(
    noteTexts("['play', 'head-reading'].map((id) => document.getElementById(id).textContent).join(' ')"),
  );
  await play.click();
  await expect.poll(() => play.textContent(), TIMEOUT).toBe('Play');
  // The cross-hair goes with the sound.
  const [before, first, ...others] = await notedTexts(page);
  expect([before, first]).toEqual([`Play ${still}`, `Stop ${still}`]);
  expect(others.filter((text) => !text.endsWith(still))).not.toEqual([]);
  expect(complaints).toEqual([]);
  await page.context().close();
});

test('without WebGPU the page says so', async () => {
  const { page, complaints } = await open();
  await page.addInitScript(() => Object.defineProperty(navigator, 'gpu', { value: undefined }));
  await page.reload();
  await expect
    .poll(() => page.getByRole('alert').innerText(), TIMEOUT)
    .toMatch(/offers no WebGPU[\s\S]*Chrome/);
  expect(await page.locator('#results').isVisible()).toBe(false);
  expect(complaints).toEqual([]);
  await page.context().close();
});
