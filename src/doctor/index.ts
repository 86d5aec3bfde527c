/**
 * Will it run here? Examines a machine, tests every kernel, and makes a report for a bug report.
 *
 *     import { examineMachine, formatReport } from 'unispeech-webgpu/doctor';
 *     const report = await examineMachine({ onUpdate: ({ verdict }) => console.log(verdict.sentence) });
 *     console.log(formatReport(report)); // Markdown, for a bug report
 */
export { examineMachine, type ExamineOptions } from './examine.ts';
export { formatReport } from './format-report.ts';
export type {
  AdapterFacts,
  ClipPlan,
  DeviceFacts,
  KernelTest,
  LimitRow,
  MachineReport,
  ModelFit,
  ModelSize,
  Outcome,
  Part,
  PartError,
  RuntimeFacts,
  SpeedFacts,
  StorageFacts,
  Verdict,
} from './report.ts';
export type { StoredFile, StoredModel } from '../base/model-storage.ts';
export type { SelfTestResult } from '../../kernels/self-test.ts';
