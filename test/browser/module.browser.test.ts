/** The bundle as it is, without a build step: module scripts under several policies, and module workers. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Browser } from 'playwright-core';
import { launchChromium } from '../../scripts/headless-chromium.mjs';
import { ROOT, serveSite, type Site } from './helpers/site.ts';

const transcribe = (clip: string): string => `
import { pipeline } from '/dist/unispeech.js';
const recognize = await pipeline('automatic-speech-recognition', '/examples/models/unispeech-tiny-en');
const { text } = await recognize('/examples/audio/${clip}');
await recognize.dispose();
`;
const page = (script: string, policy?: string) => ({
  body: `<!doctype html><meta charset="utf-8"><script type="module" src="${script}"></script>`,
  ...(policy !== undefined && { headers: { 'Content-Security-Policy': policy } }),
});

const STRICT = "default-src 'self'; script-src 'self'";

let browser: Browser;
let site: Site;
beforeAll(async () => {
  browser = await launchChromium();
  const inline = `${transcribe('yes-five.flac')}document.title = text;`;
  site = await serveSite({
    pages: {
      '/page.js': { body: inline },
      '/worker.js': {
        body: `${transcribe('four-four.wav')}postMessage(text);`,
        // A worker goes by the policy of its own script.
        headers: { 'Content-Security-Policy': STRICT },
      },
      '/start-worker.js': {
        body: `
          const worker = new Worker('/worker.js', { type: 'module' });
          worker.onmessage = ({ data }) => { document.title = data; };
          worker.onerror = ({ message }) => { throw new Error('the worker failed: ' + message); };`,
      },
      '/plain.html': {
        body: `<!doctype html><meta charset="utf-8"><script type="module">${inline}</script>`,
      },
      '/blank.html': { body: '<!doctype html><meta charset="utf-8">' },
      '/strict.html': page('/page.js', STRICT),
      // What Chromium prescribes for the pages of an extension; its headless shell cannot load one.
      '/extension.html': page('/page.js', "script-src 'self'; object-src 'self'"),
      '/strict-worker.html': page('/start-worker.js', STRICT),
    },
  });
});
afterAll(async () => {
  await browser.close();
  await site.close();
});

test.each([
  ['/plain.html', 'YES FIVE'],
  ['/strict.html', 'YES FIVE'],
  ['/extension.html', 'YES FIVE'],
  ['/strict-worker.html', 'FOUR FOUR'],
])('transcribes on %s', async (path, text) => {
  const opened = await browser.newPage();
  const errors: string[] = [];
  opened.on('pageerror', (error) => errors.push(String(error)));
  opened.on('console', (message) => {
    // Files that a model may leave out: browsers log every 404 by themselves.
    if (!message.text().includes('404')) errors.push(message.text());
  });
  await opened.goto(site.url + path);
  const whenDone = opened.waitForFunction(() => document.title !== '', undefined, { timeout: 100_000 });
  await Promise.race([whenDone, expect.poll(() => errors, { timeout: 100_000 }).not.toEqual([])]);
  expect(errors).toEqual([]);
  expect(await opened.title()).toBe(text);
  await opened.close();
});

test("the README's example", async () => {
  const readme = await readFile(path.join(ROOT, 'README.md'), 'utf8');
  const [, example = ''] = /```js\n([^`]*\.\/unispeech\.js[^`]*)```/.exec(readme) ?? [];
  expect(example).toContain('pipeline(');
  const script = example
    .replace('./unispeech.js', '/dist/unispeech.js')
    .replace('owner/model', '/examples/models/unispeech-tiny-en');
  const opened = await browser.newPage();
  await opened.goto(`${site.url}/blank.html`);
  // What the example takes as given: a file input in which a file was chosen, and a listener.
  const text = await opened.evaluate(
    async ([source, clip]) => {
      const bytes = await (await fetch(clip)).blob();
      Object.assign(globalThis, {
        fileInput: { files: [new File([bytes], 'clip.flac')] },
        showProgress: () => undefined,
      });
      const script = document.createElement('script');
      script.type = 'module';
      script.textContent = `${source}; document.title = text;`;
      document.head.append(script);
      while (document.title === '') await new Promise((resolve) => setTimeout(resolve, 50));
      return document.title;
    },
    [script, '/examples/audio/yes-five.flac'] as const,
  );
  expect(text).toBe('YES FIVE');
  await opened.close();
});
