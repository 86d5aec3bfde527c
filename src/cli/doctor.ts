/** `unispeech doctor`: what the engine sees of this machine, and whether its kernels compute right here. */
import { platform } from '#platform';
import { runSelfTest } from '../../kernels/self-test.ts';
import { openSharedContext, type GpuContext } from '../gpu/context.ts';
import { UniSpeechConfig } from '../model/config.ts';
import { planClip } from '../model/runner.ts';
import { formatTable } from './table.ts';
import { packageVersion } from './version.ts';

/** Prints the report; returns the exit code. @throws UniSpeechError `no-webgpu` or `no-adapter`, the signal's reason. */
export async function doctor(json: boolean, signal: AbortSignal): Promise<number> {
  const context = await openSharedContext(platform);
  try {
    const facts = describeMachine(context);
    const kernels = chosenKernels(context);
    if (!json) process.stdout.write(`${formatFacts(facts, kernels)}\n\nSelf-test of each kernel:\n`);
    const results = await runSelfTest(context, signal);
    const passed = results.every((result) => result.passed);
    if (json) {
      process.stdout.write(
        `${JSON.stringify({ ...facts, kernels, selfTest: results, passed }, undefined, 2)}\n`,
      );
      return passed ? 0 : 1;
    }
    const rows = results.map((result) => [
      '',
      result.passed ? 'ok' : 'WRONG',
      result.name,
      result.nmse.toExponential(1),
      `${result.milliseconds.toFixed(0)} ms`,
    ]);
    const failures = results.filter((result) => !result.passed).length;
    process.stdout.write(
      `${formatTable([['', '', 'kernel', 'error', 'time'], ...rows], [3, 4])}\n\n` +
        (passed
          ? `All ${results.length} kernels agree with their references.\n`
          : `${failures} of ${results.length} kernels give wrong results on this adapter: update its driver, or report this output.\n`),
    );
    return passed ? 0 : 1;
  } finally {
    context.release();
  }
}

type Facts = ReturnType<typeof describeMachine>;

function describeMachine({ device, capabilities }: GpuContext) {
  const { vendor, architecture, device: deviceName, description } = device.adapterInfo;
  return {
    version: packageVersion(),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    adapter: { description, vendor, architecture, device: deviceName },
    features: [...device.features].sort(),
    /** Null where the adapter has no subgroups, or of a width that varies. */
    subgroupSize: capabilities.subgroupSize ?? null,
    shaderF16: capabilities.shaderF16,
    timestamps: capabilities.timestamps,
    limits: capabilities.limits,
  };
}

/** The kernels that the planner takes on this adapter for models of base size, with either norm. */
function chosenKernels({ capabilities }: GpuContext): readonly string[] {
  const names = ['group', 'layer'].flatMap((feat_extract_norm) => {
    const { steps } = planClip(UniSpeechConfig.fromJson({ feat_extract_norm }), capabilities, 'ctc', 5);
    return steps.map(({ call }) => call.kernel.name);
  });
  return [...new Set(names)].sort();
}

function formatFacts(facts: Facts, kernels: readonly string[]): string {
  const { adapter, limits } = facts;
  const mebibytes = (byteLength: number): string => `${(byteLength / 2 ** 20).toFixed(0)} MiB`;
  const named = [adapter.vendor, adapter.architecture, adapter.device].filter(Boolean).join(', ');
  return formatTable([
    ['unispeech-webgpu', facts.version],
    ['Node', `${facts.node} on ${facts.platform}`],
    ['Adapter', adapter.description || named || 'unnamed'],
    ['Driver', named || 'not told'],
    ['Features', facts.features.join(', ')],
    ['Subgroup size', facts.subgroupSize === null ? 'none fixed' : String(facts.subgroupSize)],
    ['f16 in shaders', facts.shaderF16 ? 'yes' : 'no'],
    ['Largest binding', mebibytes(limits.maxStorageBufferBindingSize)],
    ['Largest buffer', mebibytes(limits.maxBufferSize)],
    ['Workgroup memory', `${limits.maxComputeWorkgroupStorageSize} bytes`],
    ['Workgroup threads', String(limits.maxComputeInvocationsPerWorkgroup)],
    ['Workgroups', `${limits.maxComputeWorkgroupsPerDimension} per dimension`],
    ...kernels.map((name, index) => [index === 0 ? 'Chosen kernels' : '', name]),
  ]);
}
