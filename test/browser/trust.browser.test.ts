/** Kernels corrupted in the page: the text stays right, or one clear error names the kernel. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Browser } from 'playwright-core';
import { launchChromium } from '../../scripts/headless-chromium.mjs';
import { BLANK, openBlank, runScript } from './helpers/script-page.ts';
import { serveSite, type Site } from './helpers/site.ts';

let browser: Browser;
let site: Site;
beforeAll(async () => {
  browser = await launchChromium();
  site = await serveSite({ pages: { '/blank.html': BLANK } });
});
afterAll(async () => {
  await browser.close();
  await site.close();
});

/** Opens the caller's own `device`; kernels whose label begins with `start` are compiled from `corrupt(code)`. */
const faultyDevice = (start: string, corrupt: string): string => `
const corrupt = ${corrupt};
const adapter = await navigator.gpu.requestAdapter();
const device = await adapter.requestDevice({
  requiredFeatures: [...adapter.features].filter((feature) => feature === 'subgroups'),
});
const corrupted = new Set();
device.createShaderModule = function ({ label, code }) {
  if (label.startsWith('${start}')) corrupted.add(label);
  const changed = corrupted.has(label) ? corrupt(code) : code;
  return GPUDevice.prototype.createShaderModule.call(this, { label, code: changed });
};
let liveBuffers = 0;
device.createBuffer = function (descriptor) {
  const buffer = GPUDevice.prototype.createBuffer.call(this, descriptor);
  liveBuffers++;
  let isAlive = true;
  buffer.destroy = function () {
    if (isAlive) liveBuffers--;
    isAlive = false;
    GPUBuffer.prototype.destroy.call(this);
  };
  return buffer;
};
`;

interface TrustOutcome {
  readonly outcome: unknown;
  readonly warnings: readonly string[];
  readonly corrupted: readonly string[];
  readonly liveBuffers: number;
}

async function transcribeWith(start: string, corrupt: string): Promise<TrustOutcome> {
  const page = await openBlank(browser, site);
  try {
    return await runScript<TrustOutcome>(
      page,
      `${faultyDevice(start, corrupt)}
      let outcome;
      const error = await failure(async () => {
        await using recognize = await load({ device });
        outcome = (await recognize(CLIP)).text;
      });
      outcome ??= error;
      return { outcome, warnings, corrupted: [...corrupted], liveBuffers };`,
    );
  } finally {
    await page.context().close();
  }
}

const ADD_WRONGLY = `(code) => code.replaceAll('+=', '-=').replaceAll('fma(x.w,', 'fma(-x.w,')`;

test.each([
  ['a GEMM that computes wrongly', 'gemm_16x', ADD_WRONGLY, /computes wrongly/],
  ['an attention that computes wrongly', 'attention_', ADD_WRONGLY, /computes wrongly/],
  [
    'an attention that does not compile',
    'attention_',
    '(code) => code + "\\nfn"',
    /did not compile.* at line \d+/,
  ],
])('%s is replaced, and the text is right', async (_, start, corrupt, message) => {
  // Only the first variant of the family, so that its twin is sound.
  const first = `(code) => corrupted.size > 1 ? code : (${corrupt})(code)`;
  const { outcome, warnings, corrupted, liveBuffers } = await transcribeWith(start, first);
  expect(outcome).toBe('YES FIVE');
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toMatch(/^kernel-dropped: /);
  expect(warnings[0]).toMatch(message);
  expect(warnings[0]).toContain(corrupted[0]);
  expect(liveBuffers).toBe(0);
});

test('a wrong kernel without a twin is one clear error that leaves nothing behind', async () => {
  const { outcome, warnings, liveBuffers } = await transcribeWith('layer_norm_', ADD_WRONGLY);
  expect(outcome).toMatchObject({
    code: 'shader-failed',
    message: expect.stringMatching(
      /The kernel layer_norm_\w+ computes wrongly on this adapter .*driver/,
    ) as string,
  });
  expect(warnings).toEqual([]);
  expect(liveBuffers).toBe(0);
});
