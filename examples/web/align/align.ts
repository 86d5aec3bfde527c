/** The Align page: audio and its text in; each word over the sound, to be heard, moved and saved. */
import { align, type BoundaryMode, type Alignment } from 'unispeech-webgpu/align';
import type { TimedWord } from 'unispeech-webgpu/captions';
import { fillSelect, SAMPLES, sampleUrl } from '../shared/catalog.ts';
import { byId, make } from '../shared/dom.ts';
import { ErrorBox } from '../shared/error-box.ts';
import { onFileDrop } from '../shared/file-drops.ts';
import { formatPosition } from '../shared/format.ts';
import { ModelField } from '../shared/model-field.ts';
import { PageJob } from '../shared/page-job.ts';
import { BusyBar } from '../shared/progress.ts';
import { offerToSave } from '../shared/save-words.ts';
import { WorkerModel } from '../shared/worker-model.ts';
import { type Audio, decodeBlob, decodeUrl, SAMPLE_RATE } from '../transcribe/audio.ts';
import { computeSpectrogram } from '../transcribe/spectrogram.ts';
import { Timeline } from '../transcribe/timeline.ts';
import { moveEdge, type Side } from './word-edits.ts';
import { DOUBTFUL_SCORE, WordPanel } from './word-panel.ts';

const BOUNDARIES: readonly { readonly value: BoundaryMode; readonly label: string }[] = [
  { value: 'audio', label: 'at pauses in the sound' },
  { value: 'extended', label: 'a little beyond their letters' },
  { value: 'frames', label: 'where the model emits letters' },
];

const errors = new ErrorBox(byId('error', HTMLElement));
const busy = new BusyBar(byId('busy', HTMLElement));
const status = byId('status', HTMLElement);
const results = byId('results', HTMLElement);
const textField = byId('script', HTMLTextAreaElement);
const modelField = new ModelField();
const boundarySelect = byId('boundaries', HTMLSelectElement);
const runButton = byId('run', HTMLButtonElement);
const resetButton = byId('reset', HTMLButtonElement);
const wordRow = byId('timeline-words', HTMLElement);

const model = new WorkerModel();
const timeline = new Timeline((pixelsPerSecond) => panel.place(pixelsPerSecond));
const panel: WordPanel = new WordPanel(onMove, (index) => timeline.playWord(index));
let audio: Audio | undefined;
let shown: { readonly audio: Audio; readonly alignment: Alignment } | undefined;
/** As they were edited. */
let words: readonly TimedWord[] = [];
const job = new PageJob({
  errors,
  busy,
  status,
  results,
  onBegin: () => timeline.stop(),
  onEnd: onText,
});

function readAudio(name: string, read: (signal: AbortSignal) => Promise<Audio>, andAlign: boolean): void {
  job.run(`Cannot read ${name}`, `Reading ${name} …`, async (signal) => {
    audio = await read(signal);
    byId('audio-name', HTMLElement).textContent = `${audio.name}, ${formatPosition(audio.seconds)}`;
    const isReady = textField.value.trim() !== '';
    status.textContent = isReady ? 'Ready to align.' : 'Now type or drop what is said in it.';
    if (andAlign && isReady) await alignAudio(audio, signal);
  });
}

async function alignAudio(heard: Audio, signal: AbortSignal): Promise<void> {
  const recognize = await model.loadChosen(modelField, busy, 'align text', signal);
  busy.say(`Aligning ${formatPosition(heard.seconds)} of audio …`);
  const start = performance.now();
  const alignment = await align(
    recognize,
    { raw: heard.samples, sampling_rate: SAMPLE_RATE },
    textField.value,
    {
      boundaries: BOUNDARIES.find(({ value }) => value === boundarySelect.value)?.value,
      star: byId('more-audio', HTMLInputElement).checked ? 'edges' : 'none',
      signal,
    },
  );
  const seconds = (performance.now() - start) / 1000;
  const breathe = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
  const spectrogram = await computeSpectrogram(heard.samples, SAMPLE_RATE, breathe);
  results.hidden = false;
  shown = { audio: heard, alignment };
  words = alignment.words;
  timeline.show(
    heard,
    { characters: alignment.tokens.filter(({ word }) => word !== null), words: timelineWords() },
    spectrogram,
  );
  markDoubtful();
  panel.show(undefined, undefined);
  resetButton.disabled = true;
  showNotes(alignment);
  const count = `${words.length} word${words.length === 1 ? '' : 's'}`;
  status.textContent = `${count} in ${seconds.toFixed(1)} s. Choose one to hear it and to move its edges.`;
}

const timelineWords = () =>
  words.map(({ text, start, end }) => ({ text, start, end, firstCharacter: 0, endCharacter: 0 }));

function markDoubtful(): void {
  for (const [index, button] of [...wordRow.children].entries()) {
    const { score, inferred } = words[index] ?? {};
    button.classList.toggle('doubtful', typeof score === 'number' && score < DOUBTFUL_SCORE);
    button.classList.toggle('inferred', inferred === true);
  }
}

function showNotes({ score, unaligned, untranscribed, warnings = [] }: Alignment): void {
  const listed = (texts: readonly string[]): string =>
    texts.slice(0, 8).join(', ') + (texts.length > 8 ? ` and ${texts.length - 8} more` : '');
  const notes = [
    score === null ? 'Nothing of the text could be scored.' : `Score of all words: ${score.toFixed(2)}.`,
    ...(unaligned.length === 0
      ? []
      : [`Characters that the model does not know: ${listed(unaligned.map(({ text }) => text))}.`]),
    ...(untranscribed.length === 0
      ? []
      : [
          `Speech that the text lacks: ${listed(untranscribed.map(({ text, start }) => `${text || '…'} at ${formatPosition(start)}`))}.`,
        ]),
    ...warnings,
  ];
  byId('notes', HTMLElement).replaceChildren(...notes.map((note) => make('li', {}, note)));
}

function onMove(index: number, side: Side, seconds: number): void {
  if (!shown) return;
  words = moveEdge(words, index, side, seconds, shown.audio.seconds);
  timeline.retime(timelineWords());
  panel.show(index, words[index]);
  resetButton.disabled = false;
}

/** Audio and text may come together, in any order. */
async function takeFiles(files: readonly File[]): Promise<void> {
  const isText = ({ name, type }: File): boolean => type.startsWith('text/') || /\.(txt|md)$/i.test(name);
  const [text] = files.filter(isText);
  const [sound] = files.filter((file) => !isText(file));
  if (text) {
    try {
      setText(await text.text());
    } catch (error) {
      errors.show(`Cannot read ${text.name}`, error);
      return;
    }
  }
  if (sound) readAudio(sound.name, () => decodeBlob(sound, sound.name), text !== undefined);
}

function setText(text: string): void {
  textField.value = text;
  onText();
}

function onText(): void {
  runButton.disabled = audio === undefined || textField.value.trim() === '';
}

fillSelect(boundarySelect, BOUNDARIES);
modelField.select.addEventListener('input', () => {
  byId('location-field', HTMLElement).hidden = !modelField.isOther;
  byId('summary', HTMLElement).hidden = true;
});
for (const { value, label } of SAMPLES) {
  const button = make('button', { type: 'button' }, label);
  button.addEventListener('click', () => {
    // The names of the clips are what is said in them.
    const spoken = value.replace(/\.\w+$/, '').replaceAll('-', ' ');
    setText(`${spoken.charAt(0).toUpperCase()}${spoken.slice(1)}.`);
    readAudio(value, (signal) => decodeUrl(sampleUrl(value), value, signal), true);
  });
  document.querySelector('.samples')?.append(button);
}
const fileInput = byId('file', HTMLInputElement);
fileInput.addEventListener('change', () => {
  const files = [...(fileInput.files ?? [])];
  // Choosing the same file again must be a change, too.
  fileInput.value = '';
  void takeFiles(files);
});
textField.addEventListener('input', onText);
runButton.addEventListener('click', () => {
  const heard = audio;
  if (heard) job.run(`Cannot align ${heard.name}`, 'Aligning …', (signal) => alignAudio(heard, signal));
});
wordRow.addEventListener('focusin', ({ target }) => {
  const index = [...wordRow.children].findIndex((button) => button === target);
  panel.show(index, words[index]);
});
resetButton.addEventListener('click', () => {
  if (!shown) return;
  words = shown.alignment.words;
  timeline.retime(timelineWords());
  const { index } = panel;
  panel.show(index, index === undefined ? undefined : words[index]);
  resetButton.disabled = true;
});
offerToSave(
  errors,
  () =>
    shown && {
      audio: shown.audio,
      words,
      parts: { name: 'tokens', words: shown.alignment.tokens },
      content: { text: shown.alignment.text, words },
    },
);
onFileDrop(({ files }) => void takeFiles([...files]));
