/** Examines the machine part by part, and reports each finding when it is known. */
import { modelStorage, platform } from '#platform';
import { runSelfTestCase, selfTestCases, type SelfTestResult } from '../../kernels/self-test.ts';
import { rejectUnknownOptions } from '../base/errors.ts';
import { checkCallback, checkSignal } from '../base/option-checks.ts';
import { VERSION } from '../base/version.ts';
import type { GpuCapabilities } from '../gpu/capabilities.ts';
import { openContext, type GpuContext } from '../gpu/context.ts';
import { storedTuning } from '../speech/core/tuning.ts';
import { compareLimits, fitModel } from './fit.ts';
import { describeDevice, examineAdapter, examineRuntime, examineStorage } from './machine.ts';
import { NOMINAL_MODELS } from './model-sizes.ts';
import { attempt, valueOf } from './part.ts';
import type { Findings, MachineReport, ModelFit, Part, StorageFacts } from './report.ts';
import { measureSpeed } from './speed.ts';
import { judge } from './verdict.ts';

export interface ExamineOptions {
  /** Called with the report so far after every finding and every tested kernel. */
  readonly onUpdate?: ((report: MachineReport) => void) | undefined;
  /** Ends the examination; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

const PENDING = { status: 'pending' } as const;
const skipped = (reason: string) => ({ status: 'skipped', reason }) as const;

/** Lets a page paint and react between two steps. */
const breathe = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

/**
 * Reports what the engine sees of this machine, and whether its kernels compute correctly here. Opens its own device and
 * destroys it at the end. A part that fails says so in the report and does not throw.
 * @throws UniSpeechError `bad-option`; the signal's reason.
 */
export async function examineMachine(options: ExamineOptions = {}): Promise<MachineReport> {
  rejectUnknownOptions(options, ['onUpdate', 'signal'], 'examineMachine');
  const { onUpdate, signal } = options;
  checkCallback('onUpdate', onUpdate);
  checkSignal(signal);
  let findings: Findings = {
    runtime: PENDING,
    adapter: PENDING,
    device: PENDING,
    limits: PENDING,
    models: PENDING,
    kernels: PENDING,
    speed: PENDING,
    storage: PENDING,
  };
  const report = (): MachineReport => ({ version: VERSION, ...findings, verdict: judge(findings) });
  const found = async (more: Partial<Findings>): Promise<void> => {
    findings = { ...findings, ...more };
    onUpdate?.(report());
    await breathe();
    signal?.throwIfAborted();
  };

  signal?.throwIfAborted();
  await found({ runtime: await attempt(() => examineRuntime(platform)) });
  await found({ storage: await storagePart() });
  await found({ adapter: await attempt(() => examineAdapter(platform)) });
  const reason = 'There is no device.';
  if (findings.adapter.status !== 'done') {
    await found({ device: skipped('There is no adapter.'), ...withoutDevice(reason) });
    return report();
  }
  const opened = await attempt(async () => (await openContext(platform)).retain());
  if (opened.status === 'failed') {
    await found({ device: opened, ...withoutDevice(reason) });
    return report();
  }
  const context = opened.value;
  try {
    const tuned = await storedTuning(context, platform.tuningStore);
    const capabilities = { ...context.capabilities, tuned };
    await found({ device: await attempt(() => describeDevice(context.device, capabilities)) });
    await found({ limits: await attempt(() => compareLimits(capabilities)) });
    await found({ models: await attempt(() => fitModels(capabilities)) });
    await testKernels(context, found);
    const models = valueOf(findings.models);
    await found({
      speed: models ? await attempt(() => measureSpeed(context, models)) : skipped('No model was planned.'),
    });
  } finally {
    context.release();
  }
  return report();
}

const withoutDevice = (reason: string): Partial<Findings> => ({
  limits: skipped(reason),
  models: skipped(reason),
  kernels: skipped(reason),
  speed: skipped(reason),
});

async function storagePart(): Promise<Part<StorageFacts>> {
  const part = await attempt(() => examineStorage(modelStorage));
  if (part.status === 'failed') return part;
  const { value } = part;
  return value ? { status: 'done', value } : skipped('Only browsers have storage of this kind.');
}

async function fitModels(capabilities: GpuCapabilities): Promise<readonly ModelFit[]> {
  const fits: ModelFit[] = [];
  for (const model of NOMINAL_MODELS) {
    fits.push(fitModel(model, capabilities));
    await breathe();
  }
  return fits;
}

async function testKernels(
  context: GpuContext,
  found: (more: Partial<Findings>) => Promise<void>,
): Promise<void> {
  const prepared = await attempt(() => selfTestCases(context.capabilities));
  if (prepared.status === 'failed') {
    await found({ kernels: prepared });
    return;
  }
  const cases = prepared.value;
  const names = cases.map(({ name }) => name);
  const results: SelfTestResult[] = [];
  await found({ kernels: { status: 'running', value: { names, results: [] } } });
  for (const kernelCase of cases) {
    results.push(await runSelfTestCase(context, kernelCase));
    const status = results.length === cases.length ? 'done' : 'running';
    await found({ kernels: { status, value: { names, results: [...results] } } });
  }
}
