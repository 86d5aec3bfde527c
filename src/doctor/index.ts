/**
 * Will it run here? Examines a machine, tests every kernel, and makes a report for a bug report. Says what a model is and what it takes before
 * its weights are downloaded.
 *
 *     import { examineMachine, formatModelSummary, formatReport, summarizeModel } from 'unispeech-webgpu/doctor';
 *     const report = await examineMachine({ onUpdate: ({ verdict }) => console.log(verdict.sentence) });
 *     console.log(formatReport(report)); // Markdown, for a bug report
 *     console.log(formatModelSummary(await summarizeModel('owner/name')));
 */
export { VERSION } from '../base/version.ts';
export { examineMachine, type ExamineOptions } from './examine.ts';
export { formatReport } from './format-report.ts';
export {
  describeSummary,
  formatModelSummary,
  type SummaryRow,
  type SummaryWords,
} from './describe-summary.ts';
export type { MemoryEstimate, MemoryQuestion } from './estimate-memory.ts';
export {
  summarizeModel,
  type AdapterFit,
  type DtypeFit,
  type ModelSummary,
  type SummaryOptions,
} from './model-summary.ts';
export type { ModelTask } from './model-tasks.ts';
export type { VocabularyFacts } from './read-languages.ts';
export type { WeightFiles } from '../checkpoint/open-checkpoint.ts';
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
