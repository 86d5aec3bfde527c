/** An empty page that runs scripts given as text, with the bundle imported. */
import type { Browser, Page } from 'playwright-core';
import type { Site } from './site.ts';

export const BLANK = { body: '<!doctype html><meta charset="utf-8"><title>blank</title>' };
export const MODEL = '/examples/models/unispeech-tiny-en';
export const CLIP = '/examples/audio/yes-five.flac';

/** A page of its own at `/blank.html`, which the site must have. */
export async function openBlank(browser: Browser, site: Site): Promise<Page> {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${site.url}/blank.html`);
  return page;
}

/**
 * Runs statements in the page; what they return comes back. They see the bundle's exports as `engine`, the model and the clip
 * as `MODEL` and `CLIP`, and `load(options)`, which makes a pipeline whose warnings are listed in `warnings`.
 */
export function runScript<T>(page: Page, statements: string): Promise<T> {
  return page.evaluate<T>(`(async () => {
    const engine = await import('/dist/unispeech.js');
    const MODEL = ${JSON.stringify(MODEL)};
    const CLIP = ${JSON.stringify(CLIP)};
    const warnings = [];
    const load = (options) => engine.pipeline('automatic-speech-recognition', MODEL, {
      progress_callback: (info) => { if (info.status === 'warning') warnings.push(info.code + ': ' + info.message); },
      ...options,
    });
    const failure = async (work) => {
      try { await work(); return 'no error'; } catch ({ code, message }) { return { code, message }; }
    };
    ${statements}
  })()`);
}
