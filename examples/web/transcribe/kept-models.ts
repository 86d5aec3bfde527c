/** What the browser keeps of loaded models: how much, and a way to delete it. */
import { modelStorage } from 'unispeech-webgpu';
import { byId } from '../shared/dom.ts';
import { formatBytes } from '../shared/format.ts';

/** Shows the state of now. Storage that the browser closes to this page counts as empty. */
export async function showKeptModels(): Promise<void> {
  const models = await modelStorage.list();
  const byteLength = models.reduce((sum, model) => sum + model.byteLength, 0);
  byId('kept-text', HTMLElement).textContent = `Stored in this browser: ${formatBytes(byteLength)}`;
  byId('kept', HTMLElement).hidden = models.length === 0;
}

/** @param say tells the user what happened. @param fail shows an error. */
export function offerToDelete(say: (message: string) => void, fail: (error: unknown) => void): void {
  byId('delete-kept', HTMLButtonElement).addEventListener('click', () => {
    modelStorage
      .clear()
      .then(showKeptModels)
      .then(() => say('Deleted. The model that is loaded goes on working until you leave the page.'))
      .catch(fail);
  });
}
