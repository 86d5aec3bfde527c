/** The bundle in plain pages: a module script, and the same under a strict content security policy. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Browser } from 'playwright-core';
import { launchChromium } from '../../scripts/headless-chromium.mjs';
import { serveSite, type Site } from './helpers/site.ts';

const SCRIPT = `
import { pipeline } from '/dist/unispeech.js';
const recognize = await pipeline('automatic-speech-recognition', '/examples/models/unispeech-tiny-en');
const { text } = await recognize('/examples/audio/yes-five.flac');
document.title = text;
await recognize.dispose();
`;
const html = (head: string): string => `<!doctype html><meta charset="utf-8">${head}`;

let browser: Browser;
let site: Site;
beforeAll(async () => {
  browser = await launchChromium();
  site = await serveSite({
    pages: {
      '/plain.html': { body: html(`<script type="module">${SCRIPT}</script>`) },
      '/strict.html': {
        body: html('<script type="module" src="/strict.js"></script>'),
        headers: { 'Content-Security-Policy': "default-src 'self'; script-src 'self'" },
      },
      '/strict.js': { body: SCRIPT },
    },
  });
});
afterAll(async () => {
  await browser.close();
  await site.close();
});

test.each(['/plain.html', '/strict.html'])('transcribes on %s', async (path) => {
  const page = await browser.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => {
    // Files that a model may leave out: browsers log every 404 by themselves.
    if (!message.text().includes('404')) errors.push(message.text());
  });
  await page.goto(site.url + path);
  const whenDone = page.waitForFunction(() => document.title !== '', undefined, { timeout: 100_000 });
  await Promise.race([whenDone, expect.poll(() => errors, { timeout: 100_000 }).not.toEqual([])]);
  expect(errors).toEqual([]);
  expect(await page.title()).toBe('YES FIVE');
  await page.close();
});
