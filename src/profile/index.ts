/**
 * Shows where the time of a forward pass goes: tables, traces, and tracks in DevTools.
 *
 *     import { kernelShares, showInDevTools, traceEvents } from 'unispeech-webgpu/profile';
 *     await model(inputs); // the first run of a shape also prepares it
 *     const profile = await model.profile(inputs);
 *     console.table(kernelShares(profile.steps));
 *     showInDevTools(profile); // while the Performance panel records
 *     const json = JSON.stringify(traceEvents(profile)); // for https://ui.perfetto.dev
 *
 * On an adapter without timestamps a profile has no steps, only the host's activities.
 */
export { type CountedStep, kernelFamily, type KernelShare, kernelShares } from './kernel-shares.ts';
export { type Trace, type TraceArgs, type TraceEvent, traceEvents } from './trace-events.ts';
export { type DevToolsEntry, showInDevTools } from './dev-tools.ts';
export type { RunProfile, TimedStep } from '../speech/core/batch-parts.ts';
export type { HostSpan } from '../graph/run.ts';
