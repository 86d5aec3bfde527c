/** The Transcribe page: audio in by file, sample or microphone; text, timeline and timings out. */
import { modelFromFiles } from 'unispeech-webgpu';
import { BUNDLED_MODEL, DTYPES, fillSelect, SAMPLES, sampleUrl } from '../shared/catalog.ts';
import { droppedFiles, isModelDrop } from '../shared/chosen-folder.ts';
import { byId, make } from '../shared/dom.ts';
import { ErrorBox, isAbort } from '../shared/error-box.ts';
import { formatMilliseconds } from '../shared/format.ts';
import { BusyBar } from '../shared/progress.ts';
import { type Audio, decodeBlob, decodeUrl, SAMPLE_RATE } from './audio.ts';
import { offerToDelete, showKeptModels } from './kept-models.ts';
import { classifyAndShow } from './label-list.ts';
import { showLiveText } from './live-text.ts';
import { agreeOnModel } from './model-consent.ts';
import { Recorder } from './recorder.ts';
import { type ModelChoice, Recognizer, type ShownTranscript } from './recognizer.ts';
import { computeSpectrogram } from './spectrogram.ts';
import { Timeline } from './timeline.ts';
import { showKernels, showStages } from './timing-panel.ts';
import { TranscriptPanel } from './transcript-panel.ts';

const OTHER_MODEL = 'other';

const errors = new ErrorBox(byId('error', HTMLElement));
const busy = new BusyBar(byId('busy', HTMLElement));
const status = byId('status', HTMLElement);
const results = byId('results', HTMLElement);
const modelSelect = byId('model', HTMLSelectElement);
const locationField = byId('location', HTMLInputElement);
const dtypeSelect = byId('dtype', HTMLSelectElement);
const againButton = byId('again', HTMLButtonElement);
const recordButton = byId('record', HTMLButtonElement);

const say = (text: string): void => {
  status.textContent = text;
};
const recognizer = new Recognizer();
const recorder = new Recorder();
const transcriptPanel = new TranscriptPanel(say);
const timeline = new Timeline();

/** The latest audio that could be read, for another run with another model. */
let audio: Audio | undefined;
/** The model fields that the shown text came from. */
let shownModelForm: string | undefined;
/** The folder that was dropped or chosen as the model; a typed location takes its place. */
let folder: { readonly location: string; readonly files: readonly File[] } | undefined;
/** What is under way: new audio takes its place. */
let job: { readonly stop: AbortController; readonly done: Promise<void> } | undefined;

/** Stops what is under way, and starts something else when that has ended. */
function begin(start: (stop: AbortController) => Promise<void>): void {
  const previous = job;
  previous?.stop.abort();
  const stop = new AbortController();
  const done = (previous?.done ?? Promise.resolve()).then(() => start(stop));
  job = { stop, done };
}

const transcribe = (name: string, read: (signal: AbortSignal) => Promise<Audio>): void =>
  begin((stop) => readAndTranscribe(name, read, stop));

async function readAndTranscribe(
  name: string,
  read: (signal: AbortSignal) => Promise<Audio>,
  stop: AbortController,
): Promise<void> {
  const { signal } = stop;
  errors.clear();
  timeline.stop();
  say('');
  results.ariaBusy = 'true';
  busy.begin(`Reading ${name} …`, () => stop.abort());
  try {
    const choice = chosenModel();
    // The choice may change while the audio is read.
    const asks = isOther();
    const form = modelForm();
    const heard = await read(signal);
    audio = heard;
    shownModelForm = undefined;
    byId('labels', HTMLElement).hidden = true;
    if (!recognizer.isLoaded(choice)) {
      const task = asks ? await agree(choice, signal) : undefined;
      busy.say('Loading the model …');
      if (task === 'audio-classification') {
        await classifyAndShow(choice, heard, busy.report, signal);
        await showKeptModels();
        results.hidden = true;
        say('These are the likeliest of its labels.');
        return;
      }
    }
    await recognizer.load(choice, busy.report, signal);
    await showKeptModels();
    busy.say(`Transcribing ${heard.seconds.toFixed(1)} s of audio …`);
    const transcript = await recognizer.transcribe(heard, signal);
    await show(heard, transcript);
    shownModelForm = form;
    const { length } = transcript.words;
    const unit = transcript.isPhonemes ? 'phoneme' : 'word';
    say(`${length} ${unit}${length === 1 ? '' : 's'} in ${formatMilliseconds(transcript.runMilliseconds)}.`);
  } catch (error) {
    if (isAbort(error)) say('Cancelled.');
    else errors.show(`Cannot transcribe ${name}`, error);
  } finally {
    busy.end();
    results.ariaBusy = 'false';
    offerAgain();
  }
}

/** Shows the model, and waits until somebody wants it. */
function agree({ location }: ModelChoice, signal: AbortSignal): ReturnType<typeof agreeOnModel> {
  busy.say('Nothing is loaded yet. Look at the model, and start it below.');
  return agreeOnModel(folder?.location === location ? folder.files : location, signal);
}

/** Shows text while the recording goes on, which a failure here does not stop. */
async function listen(stream: MediaStream, stop: AbortController): Promise<void> {
  try {
    const choice = chosenModel();
    // Nobody has agreed to its download: that is asked for when the recording ends.
    if (isOther() && !recognizer.isLoaded(choice)) return;
    if (!recognizer.isLoaded(choice)) busy.begin('Loading the model …', () => stop.abort());
    await recognizer.load(choice, busy.report, stop.signal);
    busy.end();
    await showLiveText(recognizer.listen(stream, stop.signal));
  } catch (error) {
    if (!isAbort(error)) errors.show('Cannot show text while you speak', error);
  } finally {
    busy.end();
  }
}

async function show(heard: Audio, transcript: ShownTranscript): Promise<void> {
  const breathe = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
  const spectrogram = await computeSpectrogram(heard.samples, SAMPLE_RATE, breathe);
  results.hidden = false;
  byId('audio-facts', HTMLElement).textContent = `${heard.name}, ${heard.seconds.toFixed(2)} s`;
  transcriptPanel.show(heard, transcript);
  timeline.show(heard, transcript, spectrogram);
  showStages(byId('stages', HTMLTableElement), heard, transcript, recognizer.loadMilliseconds);
  showKernels(byId('kernels', HTMLElement), transcript);
}

const isOther = (): boolean => modelSelect.value === OTHER_MODEL;

/** @throws Error when the user chose another model and did not say which. */
function chosenModel(): ModelChoice {
  const dtype = DTYPES.find(({ value }) => value === dtypeSelect.value)?.value ?? 'auto';
  if (!isOther()) return { location: BUNDLED_MODEL.url, dtype };
  const location = folder?.location ?? locationField.value.trim();
  if (location === '') {
    locationField.focus();
    throw new Error('No model is named: type its URL or Hugging Face id, or choose the one of this page.');
  }
  return { location, dtype };
}

/** There is something to run again when audio is there that the chosen model has not read. */
function offerAgain(): void {
  byId('location-field', HTMLElement).hidden = !isOther();
  byId('model-hint', HTMLElement).textContent = isOther() ? '' : BUNDLED_MODEL.hint;
  if (!isOther()) byId('summary', HTMLElement).hidden = true;
  const isNamed = !isOther() || folder !== undefined || locationField.value.trim() !== '';
  againButton.hidden = audio === undefined || !isNamed || modelForm() === shownModelForm;
}

/** The model fields as they stand. */
const modelForm = (): string =>
  [folder?.location, ...[modelSelect, locationField, dtypeSelect].map(({ value }) => value)].join('\n');

/** Takes a folder as the model, and runs it if there is audio. */
function useFolder(files: readonly File[]): void {
  try {
    folder = { location: modelFromFiles(files).href, files };
  } catch (error) {
    errors.show('Cannot use these files', error);
    return;
  }
  const [path = ''] = files.map(({ webkitRelativePath }) => webkitRelativePath.split('/')[0]);
  byId('folder-name', HTMLElement).textContent = path || `${files.length} files`;
  modelSelect.value = OTHER_MODEL;
  locationField.value = '';
  offerAgain();
  if (audio) transcribeAgain();
  else say('The folder is the model now: choose audio for it.');
}

function transcribeAgain(): void {
  const known = audio;
  if (known) transcribe(known.name, () => Promise.resolve(known));
}

const readFile = (file: File): void => transcribe(file.name, () => decodeBlob(file, file.name));

async function toggleRecording(): Promise<void> {
  try {
    if (!recorder.isRecording) {
      recordButton.disabled = true;
      errors.clear();
      const stream = await recorder.start();
      countSeconds();
      say('Recording. Press the button again when you have spoken.');
      begin((stop) => listen(stream, stop));
    } else {
      const recording = await recorder.stop();
      transcribe('recording', () => decodeBlob(recording, 'recording'));
    }
  } catch (error) {
    errors.show('Cannot record', error);
  } finally {
    recordButton.disabled = false;
  }
}

/** Shows on the button how long the recording is, until it ends. */
function countSeconds(): void {
  const start = performance.now();
  recordButton.classList.add('recording');
  const tick = (): void => {
    if (!recorder.isRecording) {
      clearInterval(timer);
      recordButton.classList.remove('recording');
      recordButton.textContent = 'Record';
      return;
    }
    const seconds = Math.floor((performance.now() - start) / 1000);
    recordButton.textContent = `Stop (${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')})`;
  };
  const timer = setInterval(tick, 200);
  tick();
}

function acceptDrops(): void {
  const { classList } = document.body;
  const isFile = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false;
  document.addEventListener('dragover', (event) => {
    if (!isFile(event)) return;
    event.preventDefault();
    classList.add('dragging');
  });
  document.addEventListener('dragleave', ({ relatedTarget }) => {
    if (relatedTarget === null) classList.remove('dragging');
  });
  document.addEventListener('drop', (event) => {
    if (!isFile(event)) return;
    event.preventDefault();
    classList.remove('dragging');
    const { dataTransfer } = event;
    if (!dataTransfer) return;
    if (isModelDrop(dataTransfer)) {
      void droppedFiles(dataTransfer).then(useFolder, (error: unknown) =>
        errors.show('Cannot read the folder', error),
      );
      return;
    }
    const [file] = dataTransfer.files;
    if (file) readFile(file);
  });
}

fillSelect(modelSelect, [BUNDLED_MODEL, { value: OTHER_MODEL, label: 'Another model …' }]);
fillSelect(dtypeSelect, DTYPES);
offerToDelete(say, (error) => errors.show('Cannot delete the stored models', error));
void showKeptModels();
offerAgain();
const fileInput = byId('file', HTMLInputElement);
fileInput.addEventListener('change', () => {
  const [file] = fileInput.files ?? [];
  if (file) readFile(file);
  // Choosing the same file again must be a change, too.
  fileInput.value = '';
});
for (const { value, label } of SAMPLES) {
  const button = make('button', { type: 'button' }, label);
  button.addEventListener('click', () =>
    transcribe(value, (signal) => decodeUrl(sampleUrl(value), value, signal)),
  );
  document.querySelector('.samples')?.append(button);
}
recordButton.addEventListener('click', () => void toggleRecording());
againButton.addEventListener('click', transcribeAgain);
locationField.addEventListener('input', () => {
  folder = undefined;
  byId('folder-name', HTMLElement).textContent = '';
});
const folderInput = byId('folder', HTMLInputElement);
folderInput.addEventListener('change', () => {
  const files = [...(folderInput.files ?? [])];
  folderInput.value = '';
  if (files.length > 0) useFolder(files);
});
for (const field of [modelSelect, dtypeSelect, locationField]) field.addEventListener('input', offerAgain);
locationField.addEventListener('keydown', ({ key }) => {
  if (key === 'Enter') transcribeAgain();
});
acceptDrops();
