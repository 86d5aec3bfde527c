/** Recognises a second of samples in a page, and tells what came for it and what of that ran. */
import type { Browser } from 'playwright-core';
import type { Site } from '../../test/browser/helpers/site.ts';
import type { CoveredScript } from './spans.ts';

/** @param address of a page of the app, on the site. @throws Error if a script came that is not in the coverage. */
export async function coverRecognition(
  browser: Browser,
  site: Site,
  address: string,
): Promise<readonly CoveredScript[]> {
  // A context of its own: nothing is in the storage.
  const page = await browser.newPage();
  const first = site.requests.length;
  await page.coverage.startJSCoverage({ resetOnNavigation: false });
  await page.goto(site.url + address);
  await page.waitForFunction(() => document.title.startsWith('samples'), undefined, { timeout: 100_000 });
  const scripts = (await page.coverage.stopJSCoverage()).flatMap(({ url, source, functions }) =>
    source === undefined ? [] : [{ url, source, functions }],
  );
  await page.close();
  const came = site.requests.slice(first).flatMap((request) => /^GET (\S+\.js)$/.exec(request)?.[1] ?? []);
  const missing = came.filter((script) => !scripts.some(({ url }) => url === site.url + script));
  if (missing.length > 0) throw new Error(`no coverage of ${missing.join(', ')}`);
  return scripts;
}
