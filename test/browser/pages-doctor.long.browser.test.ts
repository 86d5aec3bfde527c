/** The page "Will it run here?" from beginning to end, with every kernel: where all are right, and where some are wrong. */
import { expect, test } from 'vitest';
import { VERSION } from '../../src/base/version.ts';
import { level, useDoctorPage, whenExamined } from './helpers/doctor-page.ts';
import { noteTexts, notedTexts } from './helpers/pages.ts';

const open = useDoctorPage();

test('a verdict, every kernel right, and the report on the clipboard', async () => {
  const { page, complaints } = await open(
    { permissions: ['clipboard-read', 'clipboard-write'] },
    noteTexts("document.querySelector('#kernels-summary')?.textContent"),
  );
  await whenExamined(page);
  // A software adapter: it runs, but not on a GPU.
  expect(await level(page)).toBe('slow');
  expect(await page.locator('#sentence').textContent()).toMatch(/^Yes, but slowly: .*processor/);
  expect(await page.locator('#adapter').innerText()).toContain('swiftshader');

  const rows = page.locator('#kernels tbody tr');
  const count = await rows.count();
  expect(count).toBeGreaterThan(10);
  expect(await rows.locator('.result.yes').count()).toBe(count);
  // Kernels were shown one by one, before the last was tested.
  const tested = Array.from({ length: count }, (_, index) => `${index} of ${count} tested …`);
  expect((await notedTexts(page)).slice(-count - 1)).toEqual([...tested, `All ${count} correct`]);
  for (const text of await rows.allInnerTexts()) expect(text).toMatch(/(\de-\d+|\t0)\s+[\d.]+ m?s$/);
  expect(await page.locator('#limits tbody tr').count()).toBe(5);
  expect(await page.locator('#limits .result.yes').count()).toBe(5);
  const models = page.locator('.model');
  expect(await models.count()).toBe(2);
  for (const text of await models.allInnerTexts()) {
    expect(text).toMatch(/fp32[\s\S]*1 s of audio[\s\S]*15 s of audio[\s\S]*for each second of speech/);
    expect(text).toMatch(/gemm_[\s\S]*layer_norm_/);
  }

  await page.getByRole('button', { name: 'Copy report' }).click();
  await expect.poll(() => page.locator('#copied').textContent()).toMatch(/^Copied/);
  const report = await page.evaluate(() => navigator.clipboard.readText());
  expect(report).toContain(`# unispeech-webgpu ${VERSION}: will it run here?\n\n**Yes, but slowly`);
  expect(report).toContain(`All ${count} kernels agree with their references.`);
  expect(report).toBe(await page.locator('#report').textContent());
  expect(complaints).toEqual([]);
  await page.context().close();
});

/** Masking no longer compiles, and one register kernel computes nothing. */
const SPOILED_KERNELS = `
const { createShaderModule } = GPUDevice.prototype;
GPUDevice.prototype.createShaderModule = function (descriptor) {
  const isBroken = descriptor.label === 'mask_frames';
  return createShaderModule.call(this, isBroken ? { ...descriptor, code: descriptor.code + '}' } : descriptor);
};
const { setPipeline, dispatchWorkgroups } = GPUComputePassEncoder.prototype;
let isSpoiled = false;
GPUComputePassEncoder.prototype.setPipeline = function (pipeline) {
  isSpoiled = pipeline.label === 'gemm_64x64_register_gelu';
  setPipeline.call(this, pipeline);
};
GPUComputePassEncoder.prototype.dispatchWorkgroups = function (...counts) {
  dispatchWorkgroups.apply(this, isSpoiled ? [0] : counts);
};
`;

test('kernels that do not compile or compute wrongly are named, and the others still tested', async () => {
  const { page, complaints } = await open({}, SPOILED_KERNELS);
  await whenExamined(page);
  expect(await level(page)).toBe('no');
  // The register kernel has twins that are right; masking has none.
  expect(await page.locator('#sentence').textContent()).toMatch(/ mask_frames\.$/);
  const rows = page.locator('#kernels tbody tr');
  const wrong = await rows.filter({ has: page.locator('.result.no') }).allInnerTexts();
  expect(wrong).toHaveLength(2);
  expect(wrong[0]).toMatch(/_register[\s\S]*wrong/);
  expect(wrong[1]).toMatch(/mask_frames[\s\S]*did not compile[\s\S]*failed/);
  expect(await rows.locator('.result.yes').count()).toBe((await rows.count()) - 2);
  expect(await page.locator('#report').textContent()).toContain('| WRONG');
  // The browser itself logs broken shaders and empty dispatches.
  expect(complaints.filter((text) => !/shader|pipeline|parsing|workgroup count of 0/i.test(text))).toEqual(
    [],
  );
  await page.context().close();
});
