/** The Transcribe page. */
import { pipeline } from 'unispeech-webgpu';
import { BUNDLED_MODEL, sampleUrl } from '../shared/catalog.ts';
import { byId } from '../shared/dom.ts';
import { ErrorBox } from '../shared/error-box.ts';
import { LoadProgress } from '../shared/progress.ts';

const errors = new ErrorBox(byId('error', HTMLElement));
const progress = new LoadProgress(byId('progress', HTMLElement));
try {
  const stop = new AbortController();
  progress.begin(() => stop.abort());
  const recognize = await pipeline('automatic-speech-recognition', BUNDLED_MODEL.url, {
    progress_callback: progress.report,
    signal: stop.signal,
  });
  progress.end();
  const { text } = await recognize(sampleUrl('yes-five.flac'));
  byId('status', HTMLElement).textContent = text;
} catch (error) {
  errors.show('Cannot transcribe', error);
}
