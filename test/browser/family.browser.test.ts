/** Models of four types in Chromium: every output is that of the reference. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from '../../scripts/headless-chromium.mjs';
import { Tensor } from '../../src/base/tensor.ts';
import { argumentsOf, familyCases } from '../helpers/family-goldens.ts';
import { argmax, relativeError } from '../helpers/golden.ts';
import type { runGolden } from './helpers/run-golden.mjs';
import { serveSite, type Site } from './helpers/site.ts';

const NAMES = [
  'w2v2_i_xvector_batch',
  'hubert_d_seqcls_weighted_stable',
  'wavlm_b_ctc_stable_batch',
  'sew_a_ctc_batch',
];

/** What the page makes global. */
interface InPage {
  readonly engine: Parameters<typeof runGolden>[0];
  readonly runGolden: typeof runGolden;
}
const EXPOSE = `
import * as engine from '/dist/unispeech.js';
import { runGolden } from '/test/browser/helpers/run-golden.mjs';
Object.assign(globalThis, { engine, runGolden });
document.title = 'ready';
`;

let browser: Browser;
let site: Site;
let page: Page;
beforeAll(async () => {
  browser = await launchChromium();
  site = await serveSite({
    pages: { '/page.html': { body: `<!doctype html><script type="module">${EXPOSE}</script>` } },
  });
  page = await browser.newPage();
  await page.goto(`${site.url}/page.html`);
  await page.waitForFunction(() => document.title === 'ready', undefined, { timeout: 60_000 });
});
afterAll(async () => {
  await browser.close();
  await site.close();
});

test.each(NAMES)('%s', async (name) => {
  const golden = familyCases.find((each) => each.name === name);
  if (golden === undefined) throw new Error(`there is no golden ${name}`);
  const { output_hidden_states: _, output_attentions: __, ...tensors } = argumentsOf(golden);
  const inputs = Object.fromEntries(
    Object.entries(tensors).map(([key, { type, data, dims }]) => [
      key,
      {
        type: type === 'int32' ? ('int32' as const) : ('float32' as const),
        data: Array.from(data, Number),
        dims,
      },
    ]),
  );
  const outputs = await page.evaluate(
    async ({ folder, className, inputs }) => {
      const { engine, runGolden } = globalThis as unknown as InPage;
      return runGolden(engine, folder, className, inputs);
    },
    { folder: `/test/reference/goldens/family/${name}`, className: golden.architecture, inputs },
  );
  const expected = golden.expected.names.filter((key) => !key.includes(':'));
  expect(Object.keys(outputs).sort()).toEqual([...expected].sort());
  for (const key of expected) {
    const { data, dims } = outputs[key] ?? { data: [], dims: [] };
    const actual = new Tensor('float32', Float32Array.from(data), dims);
    const wanted = golden.expected.tensor(key);
    const shaped = dims.length === 0 ? new Tensor('float32', wanted.data as Float32Array, []) : wanted;
    expect(relativeError(actual, shaped), key).toBeLessThan(1e-4);
    if (key === 'logits') expect(argmax(actual), key).toEqual(argmax(wanted));
  }
});
