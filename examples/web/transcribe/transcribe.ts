/** The Transcribe page: audio in by file, sample or microphone; text, timeline and timings out. */
import { modelFromFiles } from 'unispeech-webgpu';
import { BUNDLED_MODEL, SAMPLES, sampleUrl } from '../shared/catalog.ts';
import { droppedFiles, isModelDrop } from '../shared/chosen-folder.ts';
import { byId, make } from '../shared/dom.ts';
import { ErrorBox, isAbort } from '../shared/error-box.ts';
import { onFileDrop } from '../shared/file-drops.ts';
import { formatMilliseconds } from '../shared/format.ts';
import { agreeOnModel } from '../shared/model-consent.ts';
import { type ModelChoice, ModelField } from '../shared/model-field.ts';
import { PageJob } from '../shared/page-job.ts';
import { BusyBar } from '../shared/progress.ts';
import { type Audio, decodeBlob, decodeUrl, SAMPLE_RATE } from './audio.ts';
import { offerToDelete, showKeptModels } from './kept-models.ts';
import { classifyAndShow } from './label-list.ts';
import { showLiveText } from './live-text.ts';
import { Recorder } from './recorder.ts';
import { Recognizer, type ShownTranscript } from './recognizer.ts';
import { computeSpectrogram } from './spectrogram.ts';
import { Timeline } from './timeline.ts';
import { showKernels, showStages } from './timing-panel.ts';
import { TranscriptPanel } from './transcript-panel.ts';

const errors = new ErrorBox(byId('error', HTMLElement));
const busy = new BusyBar(byId('busy', HTMLElement));
const status = byId('status', HTMLElement);
const results = byId('results', HTMLElement);
const modelField = new ModelField();
const { location: locationField } = modelField;
const modelFields = [modelField.select, locationField, modelField.dtype];
const againButton = byId('again', HTMLButtonElement);
const recordButton = byId('record', HTMLButtonElement);

const say = (text: string): void => {
  status.textContent = text;
};
const recognizer = new Recognizer();
const recorder = new Recorder();
const transcriptPanel = new TranscriptPanel(errors, say);
const timeline = new Timeline();

/** The latest audio that could be read, for another run with another model. */
let audio: Audio | undefined;
/** The model fields that the shown text came from. */
let shownModelForm: string | undefined;
/** The folder that was dropped or chosen as the model; a typed location takes its place. */
let folder: { readonly location: string; readonly files: readonly File[] } | undefined;
const job = new PageJob({
  errors,
  busy,
  status,
  results,
  onBegin: () => {
    timeline.stop();
    say('');
  },
  onEnd: offerAgain,
});

const transcribe = (name: string, read: (signal: AbortSignal) => Promise<Audio>): void =>
  job.run(`Cannot transcribe ${name}`, `Reading ${name} …`, (signal) => readAndTranscribe(read, signal));

async function readAndTranscribe(
  read: (signal: AbortSignal) => Promise<Audio>,
  signal: AbortSignal,
): Promise<void> {
  const choice = chosenModel();
  // The choice may change while the audio is read.
  const asks = modelField.isOther;
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
    if (modelField.isOther && !recognizer.isLoaded(choice)) return;
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

const chosenModel = (): ModelChoice => modelField.choice(folder?.location);

/** There is something to run again when audio is there that the chosen model has not read. */
function offerAgain(): void {
  byId('location-field', HTMLElement).hidden = !modelField.isOther;
  byId('model-hint', HTMLElement).textContent = modelField.isOther ? '' : BUNDLED_MODEL.hint;
  if (!modelField.isOther) byId('summary', HTMLElement).hidden = true;
  const isNamed = !modelField.isOther || folder !== undefined || locationField.value.trim() !== '';
  againButton.hidden = audio === undefined || !isNamed || modelForm() === shownModelForm;
}

/** The model fields as they stand. */
const modelForm = (): string => [folder?.location, ...modelFields.map(({ value }) => value)].join('\n');

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
  modelField.chooseOther();
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
      job.begin((stop) => listen(stream, stop));
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
for (const field of modelFields) field.addEventListener('input', offerAgain);
locationField.addEventListener('keydown', ({ key }) => {
  if (key === 'Enter') transcribeAgain();
});
onFileDrop((dropped) => {
  if (isModelDrop(dropped)) {
    void droppedFiles(dropped).then(useFolder, (error: unknown) =>
      errors.show('Cannot read the folder', error),
    );
    return;
  }
  const [file] = dropped.files;
  if (file) readFile(file);
});
