/** The Align page, driven as a user would: a sample, words that are moved, every format, files, mishaps; and the captions in the browser's own parser. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { readTextGrid } from '../../src/captions/read-textgrid.ts';
import { expectNoSidewaysScroll, savedAs, usePages } from './helpers/pages.ts';
import { ROOT } from './helpers/site.ts';

const TIMEOUT = { timeout: 200_000 };
const openPage = usePages('--autoplay-policy=no-user-gesture-required');
const open = (options = {}) => openPage('/align/index.html', options);

async function trySample(page: Page, name: string, words: number): Promise<void> {
  await page.getByRole('button', { name, exact: true }).click();
  await expect
    .poll(() => page.locator('#status').textContent(), TIMEOUT)
    .toMatch(new RegExp(`^${words} words in `));
}

/** The intervals of the words that the page saves, without the silence. */
async function savedWords(page: Page) {
  const [, text] = await savedAs(page, 'textgrid');
  const [tier] = readTextGrid(text).tiers;
  if (!tier || !('intervals' in tier)) throw new Error('no words');
  return tier.intervals.filter((interval) => interval.text !== '');
}

test('a sample is aligned; words are heard, moved and saved in every format', async () => {
  const { page, complaints } = await open();
  await trySample(page, 'FLAC', 2);
  expect(await page.locator('#script').inputValue()).toBe('Yes five.');
  const words = page.locator('.word');
  expect(await words.allTextContents()).toEqual(['Yes', 'five.']);
  expect(await page.locator('#notes').innerText()).toMatch(/^Score of all words: (0\.[5-9]\d|1\.00)\.$/);
  const before = await savedWords(page);
  expect(before.map(({ text }) => text)).toEqual(['Yes', 'five.']);

  // The chosen word is heard, and its end follows the pointer.
  await words.nth(0).click();
  await expect.poll(() => page.locator('#playhead').isVisible(), TIMEOUT).toBe(false);
  const handle = page.locator('#edge-end');
  const box = await handle.boundingBox();
  if (!box) throw new Error('no handle');
  const x = box.x + box.width / 2;
  const track = await page.locator('#timeline-track').boundingBox();
  /** A tenth of a second of the clip, which lasts 1.935 s. */
  const tenth = (track?.width ?? 0) / 19.35;
  await page.mouse.move(x, box.y + 50);
  await page.mouse.down();
  await page.mouse.move(x - tenth, box.y + 50, { steps: 3 });
  await page.mouse.up();
  const [moved, other] = await savedWords(page);
  expect(moved?.end).toBeCloseTo((before[0]?.end ?? 0) - 0.1, 2);
  expect(moved?.end).toBeLessThan((before[0]?.end ?? 0) - 0.05);
  // The words touch, so the next one begins there.
  expect(before[1]?.start).toBe(before[0]?.end);
  expect(other).toEqual({ ...before[1], start: moved?.end });
  expect(Number(await page.locator('#word-end').inputValue())).toBe(moved?.end);
  expect(await words.nth(0).getAttribute('aria-label')).toContain(` to ${moved?.end.toFixed(2)} s`);

  // So it does a typed number; and all goes back.
  await page.locator('#word-start').fill('0.1');
  await page.keyboard.press('Enter');
  expect((await savedWords(page))[0]?.start).toBe(0.1);
  await page.getByRole('button', { name: 'Undo all moves' }).click();
  expect(await savedWords(page)).toEqual(before);

  expect((await savedAs(page, 'srt'))[1]).toMatch(/^1\n00:00:0\d,\d{3} --> 00:00:0\d,\d{3}\nYes five\.\n$/);
  const [ctmName, ctm] = await savedAs(page, 'ctm');
  expect(ctmName).toBe('yes-five.ctm');
  expect(ctm).toMatch(/^yes-five 1 \d\.\d{3} \d\.\d{3} Yes [01]\.\d{4}\nyes-five 1 .* five\. [01]\.\d{4}\n$/);
  expect((await savedAs(page, 'audacity'))[1]).toMatch(/^\d\.\d{6}\t\d\.\d{6}\tYes\n/);
  expect((await savedAs(page, 'eaf'))[1]).toContain('<ANNOTATION_VALUE>five.</ANNOTATION_VALUE>');
  expect(JSON.parse((await savedAs(page, 'json'))[1])).toMatchObject({
    text: 'Yes five.',
    words: [{ text: 'Yes' }, {}],
  });

  // Chromium reads the captions as we meant them.
  const [, karaoke] = await savedAs(page, 'karaoke');
  expect(karaoke).toMatch(/\nYes <00:00:0\d\.\d{3}>five\.\n$/);
  expect(await cuesInBrowser(page, karaoke)).toEqual([
    { start: expect.closeTo(before[0]?.start ?? 0, 2) as number, text: 'Yes five.', stamps: 1 },
  ]);
  expect(complaints).toEqual([]);
  await page.context().close();
});

/** What the browser's own parser makes of WebVTT; `stamps` counts the times inside. */
const cuesInBrowser = (page: Page, vtt: string) =>
  page.evaluate(async (text) => {
    const video = document.createElement('video');
    const track = document.createElement('track');
    const url = URL.createObjectURL(new Blob([text], { type: 'text/vtt' }));
    track.src = url;
    video.append(track);
    document.body.append(video);
    track.track.mode = 'hidden';
    await new Promise((resolve, reject) => {
      track.addEventListener('load', resolve);
      track.addEventListener('error', () => reject(new Error('the track is refused')));
    });
    const cues = [...(track.track.cues ?? [])].map((cue) => {
      const { childNodes, textContent } = (cue as VTTCue).getCueAsHTML();
      const stamps = [...childNodes].filter(({ nodeType }) => nodeType === Node.PROCESSING_INSTRUCTION_NODE);
      return { start: cue.startTime, text: textContent, stamps: stamps.length };
    });
    video.remove();
    URL.revokeObjectURL(url);
    return cues;
  }, vtt);

test('audio and text are dropped together; what the model cannot spell is told', async () => {
  const { page, complaints } = await open();
  const dropped = await page.evaluateHandle(async () => {
    const response = await fetch('../audio/nine-nine.ogg');
    const transfer = new DataTransfer();
    transfer.items.add(new File([await response.blob()], 'talk.ogg', { type: 'audio/ogg' }));
    transfer.items.add(new File(['Nine … nine!'], 'talk.txt', { type: 'text/plain' }));
    return transfer;
  });
  await page.dispatchEvent('body', 'drop', { dataTransfer: dropped });
  await expect.poll(() => page.locator('#status').textContent(), TIMEOUT).toMatch(/^3 words in /);
  expect(await page.locator('#audio-name').textContent()).toMatch(/^talk\.ogg, 1\.\d\d s$/);
  expect(await page.locator('.word.inferred').allTextContents()).toEqual(['…']);
  expect(complaints).toEqual([]);
  await page.context().close();
});

test('text that does not fit the audio, and audio that is none, are explained, and the page works on', async () => {
  const { page, complaints } = await open();
  await page.locator('#file').setInputFiles({
    ...{ name: 'notes.mp3', mimeType: 'audio/mpeg', buffer: Buffer.from('not audio at all') },
  });
  const alert = page.getByRole('alert');
  await expect.poll(() => alert.innerText(), TIMEOUT).toContain('Cannot read notes.mp3');
  expect(await page.getByRole('button', { name: 'Align', exact: true }).isDisabled()).toBe(true);
  await page.locator('#file').setInputFiles(`${ROOT}examples/audio/yes-five.flac`);
  await page.getByLabel('What is said').fill('five '.repeat(200));
  await expect.poll(() => page.locator('#status').textContent(), TIMEOUT).toContain('what is said');
  await page.getByRole('button', { name: 'Align', exact: true }).click();
  await expect.poll(() => alert.innerText(), TIMEOUT).toMatch(/Cannot align yes-five\.flac[\s\S]*frames/);
  expect(await page.locator('#results').isVisible()).toBe(false);
  await trySample(page, 'Ogg', 2);
  expect(await alert.innerText()).toBe('');
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
  await trySample(page, 'Seven digits', 7);
  await page.locator('.word').first().click();
  await expectNoSidewaysScroll(page);
  expect(complaints).toEqual([]);
  await page.context().close();
});
