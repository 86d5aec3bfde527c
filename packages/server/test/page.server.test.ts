/** The page of the server in Chromium: a file is dropped, its text comes, and queue and speed stand beside it. */
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchChromium } from '../../../scripts/headless-chromium.mjs';
import { repositoryFolder } from '../../../test/helpers/run-node.ts';
import { type ServerProcess, useBuiltServer } from './helpers/built-server.ts';

const FILE = path.join(repositoryFolder, 'examples/audio/yes-five.flac');
const KEY = 'a-key-for-the-page';
const builtServer = useBuiltServer();
let server: ServerProcess;
let browser: Browser;

beforeAll(async () => {
  [server, browser] = await Promise.all([builtServer.start(), launchChromium()]);
}, 180_000);
afterAll(async () => browser.close());

/** The page, and whatever its console says. */
async function opened(url: string): Promise<{ readonly page: Page; readonly complaints: string[] }> {
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(url) && !request.url().startsWith('data:')) complaints.push(request.url());
  });
  await page.goto(url);
  return { page, complaints };
}

test('a chosen file is transcribed, with the state of the server beside it', async () => {
  const { page, complaints } = await opened(server.url);
  await page.locator('#model', { hasText: 'unispeech-tiny-en (loaded)' }).waitFor();
  await page.setInputFiles('#file', FILE);
  await page.locator('#status', { hasText: '1.9 s of sound' }).waitFor();
  expect(await page.locator('#text').textContent()).toBe('YES FIVE');
  await page.locator('#waiting', { hasText: /nothing/ }).waitFor();
  await page.locator('#speed', { hasText: /× as fast/ }).waitFor();
  expect(complaints).toEqual([]);
  await page.close();
});

test('a dropped file is transcribed, and an error is shown', async () => {
  const { page, complaints } = await opened(server.url);
  const drop = async (name: string, bytes: readonly number[]): Promise<void> => {
    const transfer = await page.evaluateHandle(
      ([fileName, content]) => {
        const data = new DataTransfer();
        data.items.add(new File([Uint8Array.from(content)], fileName));
        return data;
      },
      [name, bytes] as const,
    );
    await page.dispatchEvent('#drop', 'drop', { dataTransfer: transfer });
  };
  const { readFile } = await import('node:fs/promises');
  await drop('yes-five.flac', [...(await readFile(FILE))]);
  await page.locator('#text', { hasText: 'YES FIVE' }).waitFor();
  expect(complaints).toEqual([]);
  await drop('<b>no audio</b>.txt', [...Buffer.from('this is text')]);
  await page.locator('#status.error', { hasText: 'audio' }).waitFor();
  expect(await page.locator('#status b').count()).toBe(0);
  await page.close();
});

test('a server with a key asks for it, and then goes on', async () => {
  const own = await builtServer.start(['--api-key', KEY]);
  const { page } = await opened(own.url);
  await page.locator('#key-form').waitFor({ state: 'visible' });
  await page.setInputFiles('#file', FILE);
  await page.fill('#key', 'not-the-key-at-all');
  await page.click('#key-form button');
  await page.locator('#status.error', { hasText: 'does not know this key' }).waitFor();
  await page.fill('#key', KEY);
  await page.click('#key-form button');
  await page.locator('#text', { hasText: 'YES FIVE' }).waitFor();
  await page.close();
}, 120_000);
