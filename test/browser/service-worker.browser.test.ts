/** The build of one file in a service worker, where `import()` is forbidden: a module that transcribes when a page asks it to. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Browser } from 'playwright-core';
import { launchChromium } from '../../scripts/headless-chromium.mjs';
import { serveSite, type Site } from './helpers/site.ts';

const SERVICE_WORKER = `
import { pipeline } from '/dist/standalone/unispeech.js';
let loading;
const transcribe = async (clip) => {
  loading ??= pipeline('automatic-speech-recognition', '/examples/models/unispeech-tiny-en');
  const recognize = await loading;
  return (await recognize(clip)).text;
};
addEventListener('message', (event) => {
  const { clip, port } = event.data;
  event.waitUntil(transcribe(clip).then(
    (text) => port.postMessage(text),
    (error) => port.postMessage(String(error)),
  ));
});
addEventListener('install', () => skipWaiting());
addEventListener('activate', (event) => event.waitUntil(clients.claim()));
`;

let browser: Browser;
let site: Site;
beforeAll(async () => {
  browser = await launchChromium();
  site = await serveSite({
    pages: {
      '/page.html': { body: '<!doctype html><meta charset="utf-8">' },
      '/service-worker.js': {
        body: SERVICE_WORKER,
        headers: { 'Content-Security-Policy': "default-src 'self'; script-src 'self'" },
      },
    },
  });
});
afterAll(async () => {
  await browser.close();
  await site.close();
});

test('transcribes in a service worker', async () => {
  const page = await browser.newPage();
  await page.goto(`${site.url}/page.html`);
  const texts = await page.evaluate(async () => {
    await navigator.serviceWorker.register('/service-worker.js', { type: 'module' });
    const { active } = await navigator.serviceWorker.ready;
    const ask = (clip: string): Promise<unknown> =>
      new Promise((resolve) => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = ({ data }: MessageEvent<unknown>) => resolve(data);
        active?.postMessage({ clip, port: port2 }, [port2]);
      });
    return [await ask('/examples/audio/four-four.wav'), await ask('/examples/audio/yes-five.flac')];
  });
  expect(texts[0]).toBe('FOUR FOUR');
  // Chromium has no decoder of compressed audio there: neither OfflineAudioContext nor WebCodecs.
  expect(texts[1]).toContain(
    'yes-five.flac cannot be decoded as FLAC: this browser does not decode flac in a worker. Decode it on the page',
  );
  await page.close();
});
