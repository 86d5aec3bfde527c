/** The part of the page that tells of one model: by its id, its URL, or its folder. */
import { summarizeModel } from 'unispeech-webgpu/doctor';
import { droppedFiles, isModelDrop } from '../shared/chosen-folder.ts';
import { byId, make } from '../shared/dom.ts';
import { ErrorBox } from '../shared/error-box.ts';
import { showModel } from '../shared/model-panel.ts';

/** Makes the form answer, and the page take folders. */
export function answerModelQuestions(): void {
  const place = byId('model-answer', HTMLElement);
  const errors = new ErrorBox(byId('model-error', HTMLElement));
  let stop: AbortController | undefined;

  /** A later question takes the place of an earlier one. */
  async function answer(find: () => Promise<string | readonly File[]>): Promise<void> {
    stop?.abort();
    const { signal } = (stop = new AbortController());
    errors.clear();
    place.replaceChildren(make('p', { className: 'muted small' }, 'Looking at the model …'));
    try {
      const summary = await summarizeModel(await find(), { signal });
      if (!signal.aborted) showModel(place, summary);
    } catch (error) {
      if (signal.aborted) return;
      place.replaceChildren();
      errors.show('Cannot tell', error);
    }
  }

  byId('model-form', HTMLFormElement).addEventListener('submit', (event) => {
    event.preventDefault();
    const location = byId('model-location', HTMLInputElement).value.trim();
    void answer(() => Promise.resolve(location));
  });
  const chooser = byId('model-folder', HTMLInputElement);
  chooser.addEventListener('change', () => {
    const files = [...(chooser.files ?? [])];
    // Choosing the same folder again must be a change, too.
    chooser.value = '';
    if (files.length > 0) void answer(() => Promise.resolve(files));
  });
  document.addEventListener('dragover', (event) => {
    if (event.dataTransfer?.types.includes('Files')) event.preventDefault();
  });
  document.addEventListener('drop', (event) => {
    const { dataTransfer } = event;
    if (!dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    const isModel = isModelDrop(dataTransfer);
    const dropped = droppedFiles(dataTransfer);
    void answer(() => {
      if (!isModel)
        throw new Error('This is no model: drop a folder with config.json and the weights in it.');
      return dropped;
    });
  });
}
