/**
 * Takes the pictures of the example pages in `docs/`: each page in light and dark at 1280 pixels and on a phone.
 * Run `npm run web:build` first. `node scripts/screenshots.mjs [PAGE ...]` takes those of some pages only.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { launchChromium } from './headless-chromium.mjs';
import { smallPng } from './lib/small-png.mjs';

const ROOT = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const TIMEOUT = { timeout: 120_000 };

/**
 * What is done on each page before its picture is taken. `query` is added to its address, `focus` is what a phone's picture
 * begins with, `last` what the others end with where the whole page would be too long.
 */
const PAGES = {
  transcribe: {
    focus: '#results',
    async prepare(page) {
      await page.getByRole('button', { name: 'Seven digits' }).click();
      await page.locator('#status', { hasText: 'words in' }).waitFor(TIMEOUT);
    },
  },
  align: {
    focus: '#results',
    async prepare(page) {
      await page.getByRole('button', { name: 'Digits and a word' }).click();
      await page.locator('#status', { hasText: 'words in' }).waitFor(TIMEOUT);
      await page
        .locator('.word')
        .nth(2)
        .evaluate((word) => word.focus());
    },
  },
  pronounce: {
    focus: '#results',
    async prepare(page) {
      await page.getByRole('button', { name: 'FLAC' }).click();
      const scored = page.locator('#status', { hasText: 'Choose a sound' });
      await scored.waitFor(TIMEOUT);
      // Not what is said: NINE was meant, FIVE is heard.
      await page.locator('#expected').fill('Yes nine');
      await page.getByRole('button', { name: 'Score it again' }).click();
      await page.locator('.said-word', { hasText: 'NINE' }).waitFor(TIMEOUT);
      await page.waitForFunction(() => globalThis.document.querySelector('#results').ariaBusy === 'false');
    },
  },
  doctor: {
    focus: '#verdict',
    async prepare(page) {
      await page.locator('#verdict[data-busy=false]').waitFor(TIMEOUT);
    },
  },
  bench: {
    query: '?seconds=1&rounds=15',
    focus: '.panel:has(#roofline)',
    last: '#bars',
    async prepare(page) {
      await page.getByRole('button', { name: 'Start' }).click();
      const again = page.getByRole('button', { name: 'Measure again' });
      await again.waitFor({ timeout: 600_000 });
      // A run that was disturbed says so; its figures belong in no picture.
      for (let tries = 1; tries < 5 && (await page.locator('#summary .doubtful').count()) > 0; tries++) {
        await again.click();
        await again.waitFor({ timeout: 600_000 });
      }
    },
  },
  inside: {
    focus: '#results',
    async prepare(page) {
      await page.locator('#results[aria-busy=false]').waitFor(TIMEOUT);
    },
  },
};

const desktop = { viewport: { width: 1280, height: 900 } };
const VIEWS = {
  '': desktop,
  '-dark': { ...desktop, colorScheme: 'dark' },
  '-phone': { viewport: { width: 360, height: 780 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true },
};

/** From the top of the page to a little below an element; nothing without one. */
async function clipTo(page, selector) {
  if (!selector) return {};
  const { y, height } = await page.locator(selector).boundingBox();
  return { clip: { x: 0, y: 0, width: page.viewportSize().width, height: Math.ceil(y + height) + 40 } };
}

const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(PAGES);
const server = spawn(process.execPath, ['examples/web/serve.mjs', '--port', '0'], { cwd: ROOT });
const url = await new Promise((resolve) => {
  server.stdout.on('data', (text) => resolve(/http:\/\/localhost:\d+/.exec(String(text))?.[0]));
});
const browser = await launchChromium();
mkdirSync(path.join(ROOT, 'docs'), { recursive: true });
for (const name of names) {
  for (const [suffix, view] of Object.entries(VIEWS)) {
    const page = await browser.newPage(view);
    const { query = '', focus, last, prepare } = PAGES[name];
    await page.goto(`${url}/${name}/index.html${query}`);
    await prepare(page);
    // Nothing under the pointer, nothing focused.
    await page.mouse.move(0, 0);
    await page.evaluate(() => globalThis.document.activeElement.blur());
    const isPhone = suffix === '-phone';
    if (isPhone) await page.locator(focus).evaluate((element) => element.scrollIntoView());
    await page.waitForTimeout(300);
    const file = `docs/${name}${suffix}.png`;
    const png = smallPng(
      await page.screenshot({ fullPage: !isPhone, ...(await clipTo(page, !isPhone && last)) }),
    );
    writeFileSync(path.join(ROOT, file), png);
    console.log(`${file} ${png.length} bytes`);
    await page.close();
  }
}
await browser.close();
server.kill();
