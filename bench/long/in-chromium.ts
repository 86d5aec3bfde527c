/** Hours of audio in a page of headless Chromium: peak JavaScript heap and speed. */
import { launchChromium } from '../../scripts/headless-chromium.mjs';
import { serveSite } from '../../test/browser/helpers/site.ts';
import { restingHeapByteLength, withPeakHeap } from '../browser/chromium.ts';
import { hoursOfMp3 } from '../lib/looped-audio.ts';
import { pageScript } from '../lib/page-script.ts';
import { log } from '../lib/run-suite.ts';
import { checkSeconds, type HoursRun } from './hours.ts';
import type {} from './page.ts';

/** What the heap of a page must not exceed, in bytes above the loaded model. */
const MAX_HEAP_BYTES = 100e6;

/** The file is picked as a person would, so the page has it as a `File`. The model is there before the heap is watched. */
export async function measureInChromium(kind: 'decode' | 'stream', hours: number): Promise<HoursRun> {
  const name = `${hours} h, MP3 ${kind === 'decode' ? 'to mono at 16 kHz' : 'through recognize.stream'} in Chromium`;
  log(name);
  const { file, seconds } = hoursOfMp3(hours);
  const site = await serveSite({
    pages: {
      '/long.js': {
        body: await pageScript({ entryPoints: ['bench/long/page.ts'] }),
        type: 'text/javascript',
      },
      '/long.html': {
        body: '<!doctype html><meta charset="utf-8"><title>long</title><input type="file"><script type="module" src="/long.js"></script>',
        type: 'text/html; charset=utf-8',
      },
    },
  });
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(0);
    await page.goto(`${site.url}/long.html`);
    await page.waitForFunction(() => 'long' in globalThis);
    await page.locator('input').setInputFiles(file);
    if (kind === 'stream')
      await page.evaluate((url) => long.load(url), `${site.url}/examples/models/unispeech-tiny-en/`);
    const before = await restingHeapByteLength(page);
    const { value, peakByteLength } = await withPeakHeap(page, () =>
      kind === 'stream' ? page.evaluate(() => long.stream()) : page.evaluate(() => long.decode()),
    );
    checkSeconds(name, value.audioSeconds, seconds);
    const heapByteLength = peakByteLength - before;
    return { name, ...value, heapByteLength, fits: heapByteLength <= MAX_HEAP_BYTES };
  } finally {
    await browser.close();
    await site.close();
  }
}
