/** The page "Will it run here?": examines this machine and shows the findings as they come. */
import { examineMachine, formatReport, type MachineReport } from 'unispeech-webgpu/doctor';
import { byId } from '../shared/dom.ts';
import { showPart } from './elements.ts';
import { answerModelQuestions } from './model-question.ts';
import {
  adapterPanel,
  featuresPanel,
  kernelsPanel,
  kernelsSummary,
  limitsPanel,
  modelsPanel,
  programPanel,
  storagePanel,
} from './panels.ts';

const verdict = byId('verdict', HTMLElement);
const sentence = byId('sentence', HTMLElement);
const advice = byId('advice', HTMLElement);
const browsers = byId('browsers', HTMLElement);
const copyButton = byId('copy', HTMLButtonElement);
const againButton = byId('again', HTMLButtonElement);
const copied = byId('copied', HTMLElement);
const details = byId('text', HTMLDetailsElement);
const reportText = byId('report', HTMLElement);
const summary = byId('kernels-summary', HTMLElement);
const place = (id: string): HTMLElement => byId(id, HTMLElement);

let latest: MachineReport | undefined;
/** What stops the examination under way, if one is. */
let stop: AbortController | undefined;

function show(report: MachineReport): void {
  latest = report;
  const { adapter, device, kernels, models, speed } = report;
  verdict.dataset.level = report.verdict.level;
  setText(sentence, report.verdict.sentence);
  advice.hidden = report.verdict.advice === undefined;
  setText(advice, report.verdict.advice ?? '');
  browsers.hidden = !(adapter.status === 'failed' && adapter.error.code === 'no-webgpu');
  // Without an adapter the verdict says it all.
  for (const panel of document.querySelectorAll<HTMLElement>('.needs-gpu'))
    panel.hidden = adapter.status === 'failed';
  showPart(place('adapter'), adapter, adapterPanel);
  showPart(place('features'), adapter, (facts) =>
    featuresPanel(facts, device.status === 'done' ? device.value : undefined),
  );
  showPart(place('limits'), report.limits, limitsPanel);
  showPart(place('models'), models, (fits) =>
    modelsPanel(fits, speed.status === 'done' ? speed.value : undefined),
  );
  showPart(place('kernels'), kernels, kernelsPanel);
  const isTested = kernels.status === 'running' || kernels.status === 'done';
  summary.textContent = isTested ? kernelsSummary(kernels.value) : '';
  showPart(place('program'), report.runtime, programPanel);
  showPart(place('storage'), report.storage, storagePanel);
  reportText.textContent = formatReport(report);
}

/** Texts of status roles are read aloud whenever they are set, so only changes set them. */
function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

async function examine(): Promise<void> {
  const running = new AbortController();
  stop = running;
  verdict.dataset.busy = 'true';
  againButton.textContent = 'Stop';
  copied.textContent = '';
  try {
    show(await examineMachine({ onUpdate: show, signal: running.signal }));
  } catch (error) {
    const isStopped = running.signal.aborted;
    setText(sentence, isStopped ? 'Stopped before the end.' : `The examination failed: ${String(error)}`);
  } finally {
    stop = undefined;
    verdict.dataset.busy = 'false';
    againButton.textContent = 'Examine again';
  }
}

/** Puts the report on the clipboard, or selects its text where the browser does not let pages do that. */
async function copyReport(): Promise<void> {
  if (latest === undefined) return;
  try {
    await navigator.clipboard.writeText(formatReport(latest));
    copied.textContent = 'Copied. Paste it into a bug report.';
  } catch {
    details.open = true;
    getSelection()?.selectAllChildren(reportText);
    reportText.focus();
    copied.textContent = 'The browser did not let the page copy: the text is selected below.';
  }
}

copyButton.addEventListener('click', () => void copyReport());
againButton.addEventListener('click', () => {
  if (stop) stop.abort();
  else void examine();
});
answerModelQuestions();
void examine();
