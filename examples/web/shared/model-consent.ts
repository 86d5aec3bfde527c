/** Another model is shown before it is downloaded, and the download waits for a click. */
import type { ModelSummary } from 'unispeech-webgpu/doctor';
import { byId } from './dom.ts';

/** What this page can do with a model. */
export type PageTask = 'automatic-speech-recognition' | 'audio-classification';

/**
 * Shows what a model is, and waits until its download is wanted.
 * @param model its location, or the files of a dropped folder.
 * @returns what the page can do with it.
 * @throws Error when it cannot run here, or is for something else; what `summarizeModel` throws; the signal's reason.
 */
export async function agreeOnModel(model: string | readonly File[], signal: AbortSignal): Promise<PageTask> {
  const panel = byId('summary', HTMLElement);
  const start = byId('start', HTMLButtonElement);
  panel.hidden = true;
  // The page itself needs none of it while it uses its own model.
  const [{ describeSummary, summarizeModel }, { showModel }] = await Promise.all([
    import('unispeech-webgpu/doctor'),
    import('./model-panel.ts'),
  ]);
  const summary = await summarizeModel(model, { signal });
  showModel(byId('summary-facts', HTMLElement), summary);
  panel.hidden = false;
  start.hidden = true;
  const { level, verdict } = describeSummary(summary);
  if (level === 'no') throw new Error(verdict);
  const task = taskOf(summary);
  start.hidden = false;
  try {
    await clicked(start, signal);
  } finally {
    start.hidden = true;
  }
  return task;
}

/** @throws Error that says what to use instead. */
function taskOf({ className, task }: ModelSummary): PageTask {
  if (task.pipeline === 'automatic-speech-recognition' || task.pipeline === 'audio-classification')
    return task.pipeline;
  const api = task.pipeline === undefined ? `${className}.from_pretrained` : `pipeline('${task.pipeline}')`;
  throw new Error(`This page does not run models for ${task.title}: use ${api} of the package.`);
}

function clicked(button: HTMLButtonElement, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const stop = (): void => {
      button.removeEventListener('click', go);
      reject(signal.reason as Error);
    };
    const go = (): void => {
      signal.removeEventListener('abort', stop);
      resolve();
    };
    signal.addEventListener('abort', stop, { once: true });
    button.addEventListener('click', go, { once: true });
  });
}
