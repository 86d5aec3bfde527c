/** Node and Chromium hear the same in every demo clip: the same text, and the same token in every frame. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Browser } from 'playwright-core';
import { launchChromium } from '../../scripts/headless-chromium.mjs';
import { runNode } from '../helpers/run-node.ts';
import type { FrameIds, frameIds } from './helpers/frame-ids.mjs';
import { ROOT, serveSite, type Site } from './helpers/site.ts';

interface Clip {
  readonly file: string;
  readonly text: string;
}

const [, ...rows] = readFileSync(path.join(ROOT, 'examples/audio/MANIFEST.tsv'), 'utf8').trim().split('\n');
const clips: readonly Clip[] = rows.map((row) => {
  const [file = '', , , , text = ''] = row.split('\t');
  return { file, text };
});
const names = clips.map(({ file }) => file);

const NODE_SCRIPT = `
const engine = await import('./dist/node.js');
const { frameIds } = await import('./test/browser/helpers/frame-ids.mjs');
const results = await frameIds(engine, (name) => 'examples/' + name, ${JSON.stringify(names)});
console.log(JSON.stringify(results));
`;

/** What `/expose.js` makes global. */
interface InPage {
  readonly engine: Parameters<typeof frameIds>[0];
  readonly frameIds: typeof frameIds;
}
const EXPOSE = `
import * as engine from '/dist/unispeech.js';
import { frameIds } from '/test/browser/helpers/frame-ids.mjs';
Object.assign(globalThis, { engine, frameIds });
document.title = 'ready';
`;

let browser: Browser;
let site: Site;
beforeAll(async () => {
  browser = await launchChromium();
  site = await serveSite({
    pages: {
      '/expose.js': { body: EXPOSE },
      '/page.html': {
        body: '<!doctype html><meta charset="utf-8"><script type="module" src="/expose.js"></script>',
      },
    },
  });
});
afterAll(async () => {
  await browser.close();
  await site.close();
});

async function inChromium(): Promise<FrameIds[]> {
  const page = await browser.newPage();
  await page.goto(`${site.url}/page.html`);
  await page.waitForFunction(() => document.title === 'ready', undefined, { timeout: 60_000 });
  const results = await page.evaluate(async (all) => {
    const { engine, frameIds } = globalThis as unknown as InPage;
    return frameIds(engine, (name) => `/examples/${name}`, all);
  }, names);
  await page.close();
  return results;
}

test('the demo clips: same text, same token in every frame', async () => {
  const node = await runNode(['--input-type=module', '-e', NODE_SCRIPT]);
  expect(node.exitCode, node.stderr).toBe(0);
  const expected = JSON.parse(node.stdout) as FrameIds[];
  expect(expected).toHaveLength(11);
  for (const [index, { text, ids }] of expected.entries()) {
    expect(text).toBe(clips[index]?.text);
    expect(ids.length).toBeGreaterThan(50);
    expect(new Set(ids).size).toBeGreaterThan(3);
  }
  expect(await inChromium()).toEqual(expected);
});
