/** Measures how fast the adapter multiplies matrices, with the kernel that a base model would use. */
import { linearSpec, planGemm } from '../../kernels/gemm.ts';
import type { GpuContext } from '../gpu/context.ts';
import { bindCalls, encodePass } from '../gpu/dispatch.ts';
import type { ModelFit, ModelSize, SpeedFacts } from './report.ts';
import { GPUBufferUsage } from '../gpu/flags.ts';

/** The feed-forward product of a base model over five seconds of audio. */
const PRODUCT = linearSpec({
  rows: 249,
  columns: 3072,
  inner: 768,
  weights: 'f32',
  hasBias: true,
  activation: 'gelu',
  hasActivation: true,
  hasResidual: false,
});
/** Long enough to make submitting and waiting negligible, short enough to go unnoticed. */
const ENOUGH_MILLISECONDS = 100;
const MAX_REPEATS = 1024;

/** @throws UniSpeechError if the kernel does not compile, memory is short, or the device is lost. */
export async function measureSpeed(context: GpuContext, models: readonly ModelFit[]): Promise<SpeedFacts> {
  const { device, pipelines, capabilities } = context;
  const call = planGemm(PRODUCT, capabilities);
  const compiled = await pipelines.compile(call.kernel);
  const { rows, columns, inner } = PRODUCT;
  const created: GPUBuffer[] = [];
  try {
    const dispatches = await context.checked('a product of matrices', () => {
      const elementCounts = [rows * inner, columns * inner, columns, 0, rows * columns];
      const resources = elementCounts.map((count) => {
        const buffer = device.createBuffer({ size: Math.max(16, 4 * count), usage: GPUBufferUsage.STORAGE });
        created.push(buffer);
        return { buffer };
      });
      const { dispatches, uniforms } = bindCalls(device, [{ call, compiled, resources }]);
      created.push(uniforms);
      return dispatches;
    });
    const run = async (repeats: number): Promise<number> => {
      const encoder = device.createCommandEncoder();
      encodePass(encoder, Array.from({ length: repeats }, () => dispatches).flat());
      const start = performance.now();
      device.queue.submit([encoder.finish()]);
      await device.queue.onSubmittedWorkDone();
      return performance.now() - start;
    };
    // The first dispatch of a pipeline may finish its compilation.
    await run(1);
    let repeats = 1;
    let milliseconds = await run(repeats);
    while (milliseconds < ENOUGH_MILLISECONDS && repeats < MAX_REPEATS) {
      repeats *= 2;
      milliseconds = await run(repeats);
    }
    context.assertAlive();
    return speedFacts((call.flops * repeats) / (milliseconds / 1000), models);
  } finally {
    for (const made of created) made.destroy();
  }
}

/** @param flopsPerSecond measured speed. */
export function speedFacts(flopsPerSecond: number, models: readonly ModelFit[]): SpeedFacts {
  const secondsPerSecond = Object.fromEntries(
    models.map(({ size, clips }) => {
      const planned = clips.flatMap((clip) => (clip.status === 'done' ? clip.value : []));
      const flops = planned.reduce((sum, clip) => sum + clip.flops, 0);
      const seconds = planned.reduce((sum, clip) => sum + clip.seconds, 0);
      return [size, flops / seconds / flopsPerSecond];
    }),
  ) as Record<ModelSize, number>;
  return { gflopsPerSecond: flopsPerSecond / 1e9, secondsPerSecond };
}
