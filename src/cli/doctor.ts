/** `unispeech doctor`: reports what the engine sees of this machine, and whether its kernels compute correctly here; or what a model is and takes. */
import { examineMachine } from '../doctor/examine.ts';
import { describeSummary, formatModelSummary } from '../doctor/describe-summary.ts';
import { summarizeModel } from '../doctor/model-summary.ts';
import { reportSections } from '../doctor/format-report.ts';
import type { MachineReport } from '../doctor/report.ts';
import { huggingFaceUrl } from '../files/location.ts';
import { hubSettings } from '../platform/hub/hub-settings.ts';
import { printableJson, printableLines } from './printable.ts';

/**
 * Prints the report part by part. Returns the exit code, which is 1 if models cannot run here.
 * @throws the signal's reason.
 */
export async function doctor(json: boolean, signal: AbortSignal): Promise<number> {
  let printedCount = 0;
  /** Parts are printed in order. A finished part waits for the earlier ones. */
  const printSettled = (report: MachineReport): void => {
    const sections = reportSections(report);
    for (let next = sections[printedCount]; next?.isSettled; next = sections[++printedCount])
      process.stdout.write(`## ${next.title}\n\n${printableLines(next.body)}\n\n`);
  };
  if (!json) process.stdout.write('# unispeech doctor\n\n');
  const report = await examineMachine({ signal, ...(!json && { onUpdate: printSettled }) });
  const { kernels, verdict } = report;
  const passed =
    verdict.level !== 'no' &&
    kernels.status === 'done' &&
    kernels.value.results.every((result) => result.passed);
  if (json) process.stdout.write(`${printableJson({ passed, ...report }, 2)}\n`);
  else
    process.stdout.write(
      `${printableLines([verdict.sentence, verdict.advice].filter(Boolean).join('\n'))}\n`,
    );
  return passed ? 0 : 1;
}

/**
 * Prints what a model is, what it takes and whether it fits this machine. No weights are downloaded. Returns the exit code, which is 1 if the
 * model cannot run here.
 * @throws UniSpeechError as `summarizeModel` does; the signal's reason.
 */
export async function explainModel(model: string, json: boolean, signal: AbortSignal): Promise<number> {
  const isOffline = huggingFaceUrl(model) !== undefined && hubSettings({}).offlineBy !== undefined;
  const summary = await summarizeModel(model, {
    signal,
    ...(isOffline && { local_files_only: true }),
  });
  const { level } = describeSummary(summary);
  process.stdout.write(
    json ? `${printableJson({ level, ...summary }, 2)}\n` : printableLines(formatModelSummary(summary)),
  );
  return level === 'no' ? 1 : 0;
}
