/**
 * Run in a process of its own: loads a model folder and prints how much memory that took, as JSON. The baseline is the process with
 * an open device and one kernel compiled, so that the driver's own libraries do not count.
 */
import { platform } from '#platform';
import { ensureVulkan } from '../../scripts/software-vulkan.mjs';
import { openSharedContext } from '../../src/gpu/context.ts';
import { runCall } from '../../src/gpu/run-call.ts';
import { planMaskFrames } from '../../kernels/elementwise.ts';
import { peakResidentByteLength, residentByteLength } from '../../bench/lib/memory.ts';
import { UniSpeechForCTC } from '../../src/model/models.ts';

ensureVulkan();
const context = await openSharedContext(platform);
const call = planMaskFrames({ frames: 1, channels: 4 }, context.capabilities);
await runCall(context, call, [new Float32Array(4), new Uint32Array(1), new Float32Array(4), 4]);
const baselineByteLength = residentByteLength();

const model = await UniSpeechForCTC.from_pretrained(process.argv[2] ?? '');
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
