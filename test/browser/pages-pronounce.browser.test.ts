/** The Pronounce page, driven as a user would: samples, other phrases, the microphone, a model of phonemes, mishaps. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { expectNoSidewaysScroll, usePages } from './helpers/pages.ts';
import { ROOT } from './helpers/site.ts';

const TIMEOUT = { timeout: 200_000 };
const openPage = usePages(
  // The fake microphone plays a file, again and again.
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
  `--use-file-for-fake-audio-capture=${ROOT}examples/audio/four-four.wav`,
  '--autoplay-policy=no-user-gesture-required',
);
const open = (options = {}) => openPage('/pronounce/index.html', options);

const isScored = (page: Page): Promise<void> =>
  expect.poll(() => page.locator('#status').textContent(), TIMEOUT).toMatch(/^Choose a sound/);
const chips = (page: Page): Promise<(string | null)[]> =>
  page.locator('.chip').evaluateAll((all) => all.map((chip) => chip.querySelector('b')?.textContent ?? null));

test('a phrase that is said as it should be, and one that is not', async () => {
  const { page, complaints } = await open();
  await page.getByRole('button', { name: 'FLAC', exact: true }).click();
  await isScored(page);
  expect(await page.locator('#expected').inputValue()).toBe('yes five');
  expect(await chips(page)).toEqual(['Y', 'E', 'S', 'F', 'I', 'V', 'E']);
  expect(await page.locator('.chip[data-level=good]').count()).toBe(7);
  expect(await page.locator('#verdict').textContent()).toBe('every sound was heard as it should be.');
  expect(await page.locator('#expected-hint').textContent()).toContain('reads letters');
  const good = parseInt((await page.locator('#score').textContent()) ?? '', 10);
  expect(good).toBeGreaterThan(80);

  // The same sound beside another phrase: NINE was meant, FIVE is heard.
  await page.locator('#expected').fill('Yes, nine!');
  await page.getByRole('button', { name: 'Score it again' }).click();
  await expect.poll(() => page.locator('.said-word').last().innerText(), TIMEOUT).toContain('NINE');
  await isScored(page);
  expect(parseInt((await page.locator('#score').textContent()) ?? '', 10)).toBeLessThan(good - 15);
  expect(await page.locator('.chip[data-level=poor]').count()).toBeGreaterThan(0);
  expect(await page.locator('#words').innerText()).toMatch(/as [FV]|left out|added/);
  expect(await page.locator('#verdict').textContent()).toMatch(/heard differently\.$/);
  await page.locator('button.chip').first().click();
  expect(complaints).toEqual([]);
  await page.context().close();
});

test('what is said into the microphone is scored', async () => {
  const { page, complaints } = await open({ permissions: ['microphone'] });
  await page.locator('#expected').fill('four');
  await page.getByRole('button', { name: 'Record' }).click();
  await page.getByRole('button', { name: 'Stop' }).waitFor(TIMEOUT);
  await page.waitForTimeout(1500);
  await page.getByRole('button', { name: 'Stop' }).click();
  await isScored(page);
  expect((await chips(page)).length).toBeGreaterThanOrEqual(4);
  expect(await page.locator('#audio-name').textContent()).toMatch(/^your recording, \d\.\d\d s$/);
  expect(complaints).toEqual([]);
  await page.context().close();
});

test('a phrase that the model cannot spell, and audio that is none, are explained, and the page works on', async () => {
  const { page, complaints } = await open();
  await page.locator('#file').setInputFiles({
    ...{ name: 'notes.mp3', mimeType: 'audio/mpeg', buffer: Buffer.from('not audio at all') },
  });
  const alert = page.getByRole('alert');
  await expect.poll(() => alert.innerText(), TIMEOUT).toContain('Cannot score notes.mp3');
  await page.locator('#expected').fill('…');
  await page.locator('#file').setInputFiles(`${ROOT}examples/audio/yes-five.flac`);
  await expect.poll(() => alert.innerText(), TIMEOUT).toContain('nothing to say');
  await page.locator('#expected').fill('yes five');
  await page.getByRole('button', { name: 'Score it again' }).click();
  await isScored(page);
  expect(await alert.innerText()).toBe('');
  expect(complaints).toEqual([]);
  await page.context().close();
});

test('on a phone in dark colours nothing scrolls sideways', async () => {
  const { page, complaints } = await open({
    ...{ viewport: { width: 360, height: 780 }, colorScheme: 'dark' as const, hasTouch: true },
  });
  await expectNoSidewaysScroll(page);
  await page.getByRole('button', { name: 'Digits and a word' }).click();
  await isScored(page);
  await expectNoSidewaysScroll(page);
  expect(complaints).toEqual([]);
  await page.context().close();
});
