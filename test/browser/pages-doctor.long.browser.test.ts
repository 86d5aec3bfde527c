/** The page "Will it run here?" where kernels are wrong: every kernel is tested once more, which takes half a minute. */
import { expect, test } from 'vitest';
import { level, useDoctorPage, whenExamined } from './helpers/doctor-page.ts';

const open = useDoctorPage();

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
