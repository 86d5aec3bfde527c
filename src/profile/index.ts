/**
 * Where the time of a forward pass goes: tables, traces, tracks of DevTools.
 *
 *     import { kernelShares, showInDevTools, traceEvents } from 'unispeech-webgpu/profile';
 *     await model(inputs); // the first run of a shape also prepares it
 *     const profile = await model.profile(inputs);
 *     console.table(kernelShares(profile.steps));
 *     showInDevTools(profile); // with a recording of the Performance panel under way
 *     const json = JSON.stringify(traceEvents(profile)); // for https://ui.perfetto.dev
 *
 * Where the adapter has no timestamps a profile has no steps, only what the host did.
 */
export { type CountedStep, kernelFamily, type KernelShare, kernelShares } from './kernel-shares.ts';
export { type Trace, type TraceArgs, type TraceEvent, traceEvents } from './trace-events.ts';
export { type DevToolsEntry, showInDevTools } from './dev-tools.ts';
export type { RunProfile, TimedStep } from '../speech/core/runner.ts';
export type { HostSpan } from '../graph/run.ts';
