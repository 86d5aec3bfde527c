/** The page of the kernel suite: runs what the visitor chose on their own GPU, and shows the results as they come. */
import { platform } from '#platform';
import { byId, make } from '../../examples/web/shared/dom.ts';
import { ErrorBox } from '../../examples/web/shared/error-box.ts';
import { UniSpeechError } from '../../src/base/errors.ts';
import { openContext } from '../../src/gpu/context.ts';
import { formatReport } from '../kernels/report.ts';
import type { KernelResults } from '../kernels/results.ts';
import { runSuite } from '../kernels/suite.ts';
import { showBars } from './bars.ts';
import { ChoiceForm } from './choice-form.ts';
import { KINDS, markPath } from './kinds.ts';
import { groupsOf, onlyGroup } from './measured.ts';
import { readParams, writeParams } from './params.ts';
import { showTable } from './results-table.ts';
import { RooflineView } from './roofline-view.ts';
import { RunProgress } from './run-progress.ts';
import { showSummary } from './summary.ts';
import { svg } from './svg.ts';

const startButton = byId('start', HTMLButtonElement);
const resultsSection = byId('results', HTMLElement);
const groupSelect = byId('group', HTMLSelectElement);
const copied = byId('copied', HTMLElement);
const download = byId('download', HTMLAnchorElement);
const jsonDetails = byId('json-details', HTMLDetailsElement);
const jsonText = byId('json', HTMLElement);
const errors = new ErrorBox(byId('errors', HTMLElement));
const roofline = new RooflineView(byId('roofline', HTMLElement), byId('readout', HTMLElement));
const progress = new RunProgress();
const form = new ChoiceForm(rememberChoice, () => (stop ? stop.abort() : void run()));

let latest: KernelResults | undefined;
/** What stops the run under way, if one is. */
let stop: AbortController | undefined;

/** The choice stays in the address, so that it can be passed on. */
function rememberChoice(): void {
  const params = String(writeParams(form.read()));
  history.replaceState(null, '', params === '' ? location.pathname : `?${params}`);
}

async function run(): Promise<void> {
  const running = new AbortController();
  stop = running;
  rememberChoice();
  errors.clear();
  setBusy(true);
  progress.begin();
  let outcome = '';
  try {
    const context = (await openContext(platform)).retain();
    try {
      running.signal.throwIfAborted();
      const { cases } = await runSuite(context, form.read(), {
        environment: browserEnvironment(),
        signal: running.signal,
        onStart: progress.report,
        onResults: show,
      });
      if (cases.length === 0) outcome = 'No case or kernel has that text in its name.';
    } finally {
      context.release();
    }
  } catch (error) {
    outcome = 'Stopped before the end.';
    if (!running.signal.aborted) errors.show('Cannot measure on this GPU', forThisPage(error));
    if (!running.signal.aborted) outcome = '';
  } finally {
    progress.end(outcome);
    stop = undefined;
    setBusy(false);
  }
}

function setBusy(isBusy: boolean): void {
  form.isEnabled = !isBusy;
  startButton.textContent = isBusy ? 'Stop' : latest ? 'Measure again' : 'Start';
  startButton.classList.toggle('primary', !isBusy);
  resultsSection.ariaBusy = String(isBusy);
}

/** The engine's own advice is to load a model again; here there is none. */
function forThisPage(error: unknown): unknown {
  if (!(error instanceof UniSpeechError && error.code === 'device-lost')) return error;
  return new UniSpeechError(
    'device-lost',
    error.sentence,
    'Start again: that opens a new device. If it is lost once more, measure shorter audio: drivers take the GPU away from work that lasts too long.',
  );
}

const browserEnvironment = () => ({
  date: new Date().toISOString().slice(0, 10),
  browser: navigator.userAgent,
  coreCount: navigator.hardwareConcurrency,
});

function show(results: KernelResults): void {
  latest = results;
  resultsSection.hidden = false;
  copied.textContent = '';
  const json = `${JSON.stringify(results, undefined, 2)}\n`;
  jsonText.textContent = json;
  URL.revokeObjectURL(download.href);
  download.href = URL.createObjectURL(new Blob([json], { type: 'application/json' }));
  byId('command', HTMLElement).textContent = results.command;
  showSummary(byId('summary', HTMLElement), results);
  showTable(byId('table', HTMLTableElement), results);
  showGroups(results);
  showPlots();
}

/** With cases of several models and lengths the plots may show those of one alone. */
function showGroups(results: KernelResults): void {
  const groups = groupsOf(results);
  byId('group-field', HTMLElement).hidden = groups.length < 2;
  const { value } = groupSelect;
  groupSelect.replaceChildren(
    new Option('all chosen kernels', ''),
    ...groups.map((group) => new Option(group, group, false, group === value)),
  );
}

function showPlots(): void {
  if (!latest) return;
  const shown = onlyGroup(latest, groupSelect.value);
  byId('subject', HTMLElement).textContent = [
    shown.environment.description || shown.environment.adapter,
    groupsOf(shown).join(', '),
  ].join(', ');
  roofline.show(shown);
  showBars(byId('bars', HTMLElement), shown);
}

/** Puts text on the clipboard, or offers the JSON to be copied by hand where the browser does not let pages do that. */
async function copy(text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    copied.textContent = `${what} copied.`;
  } catch {
    jsonDetails.open = true;
    getSelection()?.selectAllChildren(jsonText);
    jsonText.focus();
    copied.textContent = 'The browser did not let the page copy: the JSON is selected below.';
  }
}

byId('copy', HTMLButtonElement).addEventListener('click', () => {
  if (latest) void copy(`${JSON.stringify(latest, undefined, 2)}\n`, 'JSON');
});
byId('copy-table', HTMLButtonElement).addEventListener('click', () => {
  if (latest) void copy(formatReport(latest, true), 'Markdown table');
});
groupSelect.addEventListener('change', showPlots);
byId('legend', HTMLElement).replaceChildren(
  ...KINDS.filter(({ id }) => id !== 'move').map(({ id, label }) => {
    const mark = svg('path', { class: `kind-${id}`, d: markPath(id, 5), transform: 'translate(8 8)' });
    const picture = svg('svg', { width: 16, height: 16, 'aria-hidden': 'true' }, mark);
    return make('li', {}, picture, label);
  }),
);
const { choice, problems } = readParams(new URLSearchParams(location.search));
form.write(choice);
if (problems.length > 0) errors.show('Part of the address was not understood', new Error(problems.join(' ')));
setBusy(false);
