/** The Transcribe page, driven as a user would: files, samples, the microphone, words, downloads, mishaps. */
import { readTextGrid } from '../../src/captions/read-textgrid.ts';
import { expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { expectNoSidewaysScroll, noteTexts, notedTexts, savedAs, usePages } from './helpers/pages.ts';
import { ROOT } from './helpers/site.ts';

const TIMEOUT = { timeout: 200_000 };
const clip = (name: string): string => `${ROOT}examples/audio/${name}`;

const openPage = usePages(
  // The fake microphone plays a file, again and again.
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
  `--use-file-for-fake-audio-capture=${clip('four-four.wav')}`,
  '--autoplay-policy=no-user-gesture-required',
);

const open = (options = {}) => openPage('/transcribe/index.html', options);
const trySample = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();

/** Waits until the shown text is this. */
async function expectText(page: Page, text: string): Promise<void> {
  await expect.poll(() => page.locator('#text').textContent(), TIMEOUT).toBe(text);
  await expect.poll(() => page.locator('#status').textContent(), TIMEOUT).toMatch(/^\d+ words? in /);
}

const MARKED_AND_PLAYING = `
[...document.querySelectorAll('.word.marked')].map((word) => word.textContent).join(' ') +
(document.querySelector('#playhead').hidden ? '' : ' playing')`;

test('a sample becomes text, a timeline, downloads and timings', async () => {
  const { page, complaints } = await open({ permissions: ['clipboard-read', 'clipboard-write'] });
  await trySample(page, 'FLAC');
  await expectText(page, 'YES FIVE');
  await page.evaluate(noteTexts("document.querySelector('#copy').textContent"));
  await page.getByRole('button', { name: 'Copy text' }).click();
  await expect.poll(() => notedTexts(page)).toContain('Copied');
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('YES FIVE');

  // The timeline: something is drawn, and each word is a button over its own span.
  const colours = await page.locator('#timeline-canvas').evaluate((canvas: HTMLCanvasElement) => {
    const image = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height);
    return new Set(new Uint32Array(image?.data.buffer ?? new ArrayBuffer())).size;
  });
  expect(colours).toBeGreaterThan(100);
  const words = page.locator('.word');
  expect(await words.allTextContents()).toEqual(['YES', 'FIVE']);
  expect(await words.nth(1).getAttribute('aria-label')).toMatch(/^FIVE, \d\.\d\d s to \d\.\d\d s$/);

  // Words play by click and by keyboard; one Tab stop, arrow keys between them.
  const playhead = page.locator('#playhead');
  await page.evaluate(noteTexts(MARKED_AND_PLAYING));
  await words.nth(0).click();
  await expect.poll(() => playhead.isVisible(), TIMEOUT).toBe(false);
  expect(await notedTexts(page)).toContain('YES playing');
  await page.keyboard.press('ArrowRight');
  expect(await words.nth(1).evaluate((word) => word === document.activeElement)).toBe(true);
  expect(await words.evaluateAll((all) => all.map((word) => (word as HTMLElement).tabIndex))).toEqual([
    -1, 0,
  ]);
  await page.keyboard.press('Enter');
  await expect.poll(() => playhead.isVisible(), TIMEOUT).toBe(false);
  expect(await notedTexts(page)).toContain('FIVE playing');

  const [srtName, srt] = await savedAs(page, 'srt');
  expect(srtName).toBe('yes-five.srt');
  expect(srt).toMatch(/^1\n00:00:0\d,\d{3} --> 00:00:0\d,\d{3}\nYES FIVE\n$/);
  const [vttName, vtt] = await savedAs(page, 'vtt');
  expect(vttName).toBe('yes-five.vtt');
  expect(vtt).toMatch(/^WEBVTT\n\n00:00:0\d\.\d{3} --> 00:00:0\d\.\d{3}\nYES FIVE\n$/);
  expect((await savedAs(page, 'karaoke'))[1]).toMatch(/\nYES <00:00:0\d\.\d{3}>FIVE\n$/);
  const [gridName, grid] = await savedAs(page, 'textgrid');
  expect(gridName).toBe('yes-five.TextGrid');
  const tiers = readTextGrid(grid).tiers.map((tier) => ({
    name: tier.name,
    texts: 'intervals' in tier ? tier.intervals.map(({ text }) => text).filter((text) => text !== '') : [],
  }));
  expect(tiers).toEqual([
    { name: 'words', texts: ['YES', 'FIVE'] },
    { name: 'characters', texts: Array.from('YESFIVE') },
  ]);
  expect((await savedAs(page, 'ctm'))[1]).toMatch(/^(yes-five 1 \d\.\d{3} \d\.\d{3} (YES|FIVE)\n){2}$/);
  const [labelsName, labels] = await savedAs(page, 'audacity');
  expect(labelsName).toBe('yes-five.txt');
  expect(labels).toMatch(/^(\d\.\d{6}\t\d\.\d{6}\t(YES|FIVE)\n){2}$/);
  expect((await savedAs(page, 'eaf'))[1]).toContain('<ANNOTATION_VALUE>FIVE</ANNOTATION_VALUE>');
  const [jsonName, json] = await savedAs(page, 'json');
  expect(jsonName).toBe('yes-five.json');
  const saved = JSON.parse(json) as {
    readonly text: string;
    readonly audio_seconds: number;
    readonly chunks: readonly { readonly text: string; readonly timestamp: readonly [number, number] }[];
    readonly characters: readonly { readonly text: string }[];
  };
  expect(saved.text).toBe('YES FIVE');
  expect(saved.chunks.map(({ text }) => text)).toEqual(['YES', 'FIVE']);
  expect(saved.characters.map(({ text }) => text).join('')).toBe('YES FIVE');
  const times = saved.chunks.flatMap(({ timestamp }) => timestamp);
  expect(times).toEqual([...times].sort((a, b) => a - b));
  expect(times.at(-1)).toBeLessThanOrEqual(saved.audio_seconds);

  // Timings: three stages, and either a bar a kernel or the reason why there is none.
  expect(await page.locator('#stages tr').count()).toBe(3);
  const kernels = await page.locator('#kernels').innerText();
  expect(kernels).toMatch(/gemm_[\s\S]*ms|gives no GPU timestamps/);
  expect(complaints).toEqual([]);
  await page.context().close();
});

test('a dropped file, then a chosen one, with the model kept', async () => {
  const { page, complaints } = await open();
  const dropped = await page.evaluateHandle(async () => {
    const response = await fetch('../audio/nine-nine.ogg');
    const transfer = new DataTransfer();
    transfer.items.add(new File([await response.blob()], 'talk.ogg', { type: 'audio/ogg' }));
    return transfer;
  });
  await page.dispatchEvent('body', 'dragover', { dataTransfer: dropped });
  expect(await page.locator('body').getAttribute('class')).toBe('dragging');
  await page.dispatchEvent('body', 'drop', { dataTransfer: dropped });
  await expectText(page, 'NINE NINE');
  expect(await page.locator('#audio-facts').textContent()).toMatch(/^talk\.ogg, 1\.\d\d s$/);
  await page.locator('#file').setInputFiles(clip('four-four.wav'));
  await expectText(page, 'FOUR FOUR');
  expect(await page.locator('#stages').innerText()).toContain('already loaded');
  // The browser keeps the model until told otherwise.
  const kept = page.locator('#kept');
  expect(await kept.innerText()).toMatch(/Stored in this browser: 3\.\d MB/);
  await page.getByRole('button', { name: 'Delete' }).click();
  await expect.poll(() => kept.isVisible(), TIMEOUT).toBe(false);
  expect(complaints).toEqual([]);
  await page.context().close();
});

test('a file that is no audio is explained, and the page works on', async () => {
  const { page, complaints } = await open();
  const notes = { name: 'notes.mp3', mimeType: 'audio/mpeg', buffer: Buffer.from('not audio at all') };
  await page.locator('#file').setInputFiles(notes);
  const alert = page.getByRole('alert');
  await expect.poll(() => alert.innerText(), TIMEOUT).toContain('Cannot transcribe notes.mp3');
  expect(await alert.innerText()).toMatch(/notes\.mp3[\s\S]*Try WAV/);
  expect(await page.locator('#results').isVisible()).toBe(false);
  await trySample(page, 'FLAC');
  await expectText(page, 'YES FIVE');
  expect(await alert.innerText()).toBe('');
  expect(complaints).toEqual([]);
  await page.context().close();
});

test('loading shows bytes and can be cancelled; another model is shown before it is loaded', async () => {
  const { page, complaints } = await open();
  let letGo: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  await page.route('**/vocab.json', async (route) => {
    await held;
    await route.continue().catch(() => undefined);
  });
  await trySample(page, 'FLAC');
  await expect.poll(() => page.locator('#busy').innerText(), TIMEOUT).toMatch(/3\.\d MB/);
  expect(await page.getByRole('progressbar').getAttribute('aria-valuenow')).toMatch(/^\d+$/);
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect.poll(() => page.locator('#status').textContent(), TIMEOUT).toBe('Cancelled.');
  expect(await page.locator('#busy').innerText()).toBe('');
  letGo();

  await page.getByLabel('Weights').selectOption('other');
  await page.getByLabel('URL or Hugging Face id').fill('../models/nothing-here');
  await page.getByRole('button', { name: 'Transcribe again' }).click();
  await expect.poll(() => page.getByRole('alert').innerText(), TIMEOUT).toContain('config.json');
  await page.getByLabel('URL or Hugging Face id').fill('../models/unispeech-tiny-en');
  await page.keyboard.press('Enter');
  // What it is and takes comes first, and nothing is loaded before the click.
  const start = page.getByRole('button', { name: 'Load and run this model' });
  await start.waitFor(TIMEOUT);
  const summary = page.locator('#summary-facts');
  expect(await summary.innerText()).toMatch(
    /^Yes, if[\s\S]*UniSpeechForCTC[\s\S]*speech recognition[\s\S]*not stated[\s\S]*3\.4 MB \(model\.safetensors\)/,
  );
  expect(await page.locator('#results').isVisible()).toBe(false);
  await start.click();
  await expectText(page, 'YES FIVE');
  expect(await page.getByRole('button', { name: 'Transcribe again' }).isVisible()).toBe(false);

  // A folder is a model, too; a classifier gives labels.
  const folder = page.locator('#folder');
  await folder.setInputFiles(`${ROOT}test/reference/goldens/pipelines/group-plain`);
  await start.waitFor(TIMEOUT);
  expect(await summary.innerText()).toContain('UniSpeechForSequenceClassification');
  await start.click();
  const labels = page.locator('#label-list li');
  await labels.first().waitFor(TIMEOUT);
  expect((await labels.allInnerTexts()).every((text) => /^\S.*: [\d.]+ %$/.test(text))).toBe(true);

  // What the page does not run, it says where to run.
  await folder.setInputFiles(`${ROOT}test/fixtures/public-shapes/distilhubert`);
  await expect.poll(() => page.getByRole('alert').innerText(), TIMEOUT).toContain('no weights');
  expect(complaints).toEqual([]);
  await page.context().close();
});

test('without WebGPU the page says so', async () => {
  const { page, complaints } = await open();
  await page.evaluate(() => Object.defineProperty(navigator, 'gpu', { value: undefined }));
  await trySample(page, 'FLAC');
  await expect.poll(() => page.getByRole('alert').innerText(), TIMEOUT).toMatch(/WebGPU[\s\S]*\nUse /);
  expect(await page.locator('#busy').innerText()).toBe('');
  expect(complaints).toEqual([]);
  await page.context().close();
});

test('speech becomes text while it is recorded, and once more when it is over', async () => {
  const { page, complaints } = await open({ permissions: ['microphone'] });
  await page.getByRole('button', { name: 'Record' }).click();
  const live = page.locator('#live');
  await expect.poll(() => live.textContent(), TIMEOUT).toMatch(/FOUR/);
  await page.getByRole('button', { name: /^Stop \(0:\d\d\)$/ }).click();
  await expect.poll(() => page.locator('#text').textContent(), TIMEOUT).toMatch(/FOUR/);
  expect(await live.isVisible()).toBe(false);
  expect(await page.locator('#audio-facts').textContent()).toMatch(/^recording, \d+\.\d\d s$/);
  expect(complaints).toEqual([]);
  await page.context().close();
});

test('on a phone in dark colours nothing scrolls sideways but the timeline', async () => {
  const { page, complaints } = await open({
    viewport: { width: 360, height: 780 },
    colorScheme: 'dark' as const,
    hasTouch: true,
  });
  await expectNoSidewaysScroll(page);
  await trySample(page, 'FLAC');
  await expectText(page, 'YES FIVE');
  await expectNoSidewaysScroll(page);
  const timeline = page.locator('#timeline');
  const reach = (): Promise<number> => timeline.evaluate((box) => box.scrollWidth - box.clientWidth);
  expect(await reach()).toBeGreaterThan(0);
  await page.getByRole('button', { name: 'Fit' }).click();
  await expect.poll(reach).toBe(0);
  await page.getByRole('button', { name: 'Zoom in' }).click();
  await expect.poll(reach).toBeGreaterThan(0);
  const background = await page.locator('body').evaluate((body) => getComputedStyle(body).backgroundColor);
  expect(background).toBe('rgb(16, 18, 23)');
  expect(complaints).toEqual([]);
  await page.context().close();
});
