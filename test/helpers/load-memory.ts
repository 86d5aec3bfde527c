/**
 * Run in a process of its own: loads a model folder and prints how much memory that took, as JSON. The baseline is the process with
 * an open device and this model's kernels compiled and checked, so that the driver's compiler does not count.
 */
import { platform } from '#platform';
import { ensureVulkan } from '../../scripts/software-vulkan.mjs';
import { openSharedContext } from '../../src/gpu/context.ts';
import { trustedPlan } from '../../src/graph/trusted-plan.ts';
import { peakResidentByteLength, residentByteLength } from '../../bench/lib/memory.ts';
import { AutoConfig } from '../../src/speech/auto.ts';
import { UniSpeechForCTC } from '../../src/speech/unispeech-models.ts';
import { CTC_HEAD } from '../../src/speech/heads/ctc.ts';
import { planClip } from '../../src/speech/core/model-plans.ts';
import { loadArchitecture } from '../../src/speech/heads/architecture.ts';

ensureVulkan();
const context = await openSharedContext(platform);
const folder = process.argv[2] ?? '';
const architecture = await loadArchitecture(await AutoConfig.from_pretrained(folder), CTC_HEAD);
await trustedPlan(
  context,
  () => planClip(architecture, context.capabilities, 1),
  (_, message) => console.error(message),
);
const baselineByteLength = residentByteLength();

const model = await UniSpeechForCTC.from_pretrained(folder);
const peakByteLength = peakResidentByteLength();
console.log(
  JSON.stringify({
    baselineByteLength,
    peakByteLength,
    weightByteLength: model.runner.weights.byteLength,
    heapByteLength: process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed,
  }),
);
await model.dispose();
context.release();
