/** The example pages, built and served as `npm run web` does, for browser tests. */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { launchChromium } from '../../../scripts/headless-chromium.mjs';
import { ROOT } from './site.ts';

interface Pages {
  /** Without a slash at its end. */
  readonly url: string;
  close(): void;
}

/** Builds the pages into a folder of their own and serves it on a free port. */
async function servePages(): Promise<Pages> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'unispeech-pages-'));
  execFileSync(process.execPath, ['examples/web/build.mjs', '--outdir', folder], {
    cwd: ROOT,
    stdio: 'inherit',
  });
  const server = spawn(process.execPath, ['examples/web/serve.mjs', '--port', '0', '--dir', folder], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await new Promise<string>((resolve, reject) => {
    server.stdout.on('data', (text: Buffer) => {
      const found = /http:\/\/localhost:\d+/.exec(text.toString());
      if (found) resolve(found[0]);
    });
    server.on('exit', (code) => reject(new Error(`the server ended with ${String(code)}`)));
  });
  return {
    url,
    close() {
      server.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A page and what it complained of so far. */
export interface OpenedPage {
  readonly page: Page;
  readonly complaints: readonly string[];
}

/** Opens a page; `path` with a slash in front. */
export type OpenPage = (
  path: string,
  options?: BrowserContextOptions,
  script?: string,
) => Promise<OpenedPage>;

/**
 * A browser and the pages for the tests of one file.
 * @param chromiumArgs further arguments of the browser.
 */
export function usePages(...chromiumArgs: string[]): OpenPage {
  let browser: Browser;
  let pages: Pages;
  beforeAll(async () => {
    browser = await launchChromium({ args: chromiumArgs });
    pages = await servePages();
  });
  afterAll(async () => {
    await browser.close();
    pages.close();
  });
  return (path, options, script) => openPage(browser, pages.url + path, options, script);
}

/**
 * A page and what it complained of: script errors, and everything on its console but missing files.
 * @param script runs before the page's own.
 */
async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
  script = '',
): Promise<OpenedPage> {
  const context = await browser.newContext({ acceptDownloads: true, ...options });
  await context.addInitScript(script);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    // Files that a model may leave out: browsers log every 404 by themselves.
    if (!message.text().includes('404')) complaints.push(message.text());
  });
  await page.goto(url);
  return { page, complaints };
}

/**
 * A script that notes in the page what an expression gives whenever the document has changed: what is shown for a moment
 * only is found on any machine, while looks from here may come too late.
 */
export const noteTexts = (expression: string): string => `{
  const texts = [];
  const note = () => {
    const text = String(${expression});
    if (texts.at(-1) !== text) texts.push(text);
  };
  note();
  new MutationObserver(note).observe(document, {
    subtree: true, childList: true, attributes: true, characterData: true,
  });
  globalThis.noted = texts;
}`;

/** What the latest `noteTexts` has noted so far; no text twice in a row. */
export const notedTexts = (page: Page): Promise<string[]> => page.evaluate<string[]>('noted');

/** Fails when anything reaches beyond the window's right edge. */
export async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const [contentWidth, windowWidth] = await page.evaluate((): [number, number] => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return [scrollWidth, clientWidth];
  });
  expect(contentWidth).toBeLessThanOrEqual(windowWidth);
}

/** Saves the shown words in a format; returns the name and content of the file. */
export async function savedAs(page: Page, format: string): Promise<readonly [name: string, content: string]> {
  await page.getByLabel('Format').selectOption(format);
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Save the words' }).click(),
  ]);
  return [file.suggestedFilename(), readFileSync(await file.path(), 'utf8')];
}
