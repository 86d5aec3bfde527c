/**
 * The half of the suite that runs under the compile-only device: compiles every kernel, one after another, with a marker
 * line before each, so that what the driver prints on standard error can be told apart.
 */
import { platform } from '#platform';
import { selfTestCases } from '../../kernels/self-test.ts';
import type { GpuCapabilities } from '../../src/gpu/capabilities.ts';
import { openContext } from '../../src/gpu/context.ts';
import type { Kernel } from '../../src/gpu/kernel.ts';
import { CTC_HEAD } from '../../src/speech/heads/ctc.ts';
import { benchConfig } from '../lib/bench-config.ts';
import { planClip } from '../../src/speech/core/model-plans.ts';
import { MARKER } from './marker.ts';
import { loadArchitecture } from '../../src/speech/heads/architecture.ts';

const SECONDS = [1, 5, 15, 30];

/** A kernel and what models use it for; the variants that only the self-test forces have no use. */
interface UsedKernel {
  readonly kernel: Kernel;
  readonly uses: Set<string>;
}

/** The kernels of base- and large-size models and of encoders that have their own, then the other variants that this adapter could run. */
async function kernelsOf(capabilities: GpuCapabilities): Promise<readonly UsedKernel[]> {
  const kernels = new Map<string, UsedKernel>();
  const add = (kernel: Kernel): UsedKernel => {
    const known = kernels.get(kernel.source) ?? { kernel, uses: new Set<string>() };
    kernels.set(kernel.source, known);
    return known;
  };
  for (const model of ['base', 'large', 'sew-base', 'data2vec-base', 'wavlm-base'] as const) {
    const architecture = await loadArchitecture(benchConfig(model), CTC_HEAD);
    for (const seconds of SECONDS) {
      for (const { name, call } of planClip(architecture, capabilities, seconds).steps) {
        add(call.kernel).uses.add(name.replace(/^layer \d+ /, 'layer '));
      }
    }
  }
  for (const { call } of selfTestCases(capabilities)) add(call.kernel);
  return [...kernels.values()];
}

const context = await openContext(platform);
for (const { kernel, uses } of await kernelsOf(context.capabilities)) {
  process.stderr.write(`\n${MARKER}${JSON.stringify({ name: kernel.name, uses: [...uses] })}\n`);
  await context.pipelines.compile(kernel);
  // The driver prints from threads of its own.
  await new Promise((resolve) => setTimeout(resolve, 5));
}
// The device cannot run anything, so taking it down properly would wait for ever.
process.exit(0);
