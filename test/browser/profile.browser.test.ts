/** A forward pass in the Performance panel of DevTools: what the page measures, and what a recording holds of it. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Browser } from 'playwright-core';
import { launchChromium } from '../../scripts/headless-chromium.mjs';
import type { DevToolsEntry, RunProfile } from '../../src/profile/index.ts';
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

interface Shown {
  readonly profile: RunProfile;
  readonly measures: readonly { name: string; startTime: number; duration: number; detail: DevToolsEntry }[];
  readonly trace: { readonly traceEvents: readonly { readonly ph: string; readonly cat?: string }[] };
}

interface TraceFile {
  readonly traceEvents: readonly {
    readonly cat: string;
    readonly name: string;
    readonly args?: { readonly detail?: string; readonly data?: { readonly detail?: string } };
  }[];
}

test('every kernel is a measure with a track, and a recording of the browser holds them', async () => {
  const page = await openBlank(browser, site);
  await browser.startTracing(page, { categories: ['blink.user_timing'] });
  const { profile, measures, trace } = await runScript<Shown>(
    page,
    `const { showInDevTools, traceEvents } = await import('/dist/profile.js');
     const model = await engine.AutoModelForCTC.from_pretrained(MODEL);
     const input_values = Float32Array.from({ length: 16000 }, (_, i) => Math.sin(i * i));
     await model({ input_values });
     const profile = await model.profile({ input_values });
     showInDevTools(profile);
     await model.dispose();
     const measures = performance.getEntriesByType('measure').map(({ name, startTime, duration, detail }) =>
       ({ name, startTime, duration, detail: detail.devtools }));
     return { profile, measures, trace: traceEvents(profile) };`,
  );
  const recording = JSON.parse((await browser.stopTracing()).toString()) as TraceFile;
  await page.context().close();

  expect(profile.steps.length).toBeGreaterThan(40);
  const kernels = measures.filter(({ detail }) => detail.track === 'GPU');
  expect(kernels.map(({ name }) => name).sort()).toEqual(profile.steps.map(({ kernel }) => kernel).sort());
  for (const { detail, startTime, duration } of kernels) {
    expect(detail).toMatchObject({ dataType: 'track-entry', trackGroup: 'unispeech-webgpu' });
    expect(new Map(detail.properties).get('bytes')).toMatch(/^\d+$/);
    expect(new Map(detail.properties).get('flops')).toMatch(/^\d+$/);
    expect(startTime).toBeGreaterThan(0);
    expect(duration).toBeGreaterThanOrEqual(0);
  }
  expect(measures.filter(({ detail }) => detail.track === 'Host').map(({ name }) => name)).toContain(
    'encode',
  );
  expect(trace.traceEvents.filter(({ cat }) => cat === 'gpu')).toHaveLength(profile.steps.length);

  const recorded = recording.traceEvents.filter(
    ({ cat, args }) => cat === 'blink.user_timing' && JSON.stringify(args ?? {}).includes('track-entry'),
  );
  expect(new Set(recorded.map(({ name }) => name))).toEqual(new Set(measures.map(({ name }) => name)));
});
