/** The Pronounce page: a phrase and somebody who says it in; a score of each sound out. */
import { pronunciation, type PronunciationResult } from 'unispeech-webgpu/phones';
import { BUNDLED_MODEL, SAMPLES, sampleUrl } from '../shared/catalog.ts';
import { byId, make } from '../shared/dom.ts';
import { ErrorBox } from '../shared/error-box.ts';
import { onFileDrop } from '../shared/file-drops.ts';
import { formatPosition } from '../shared/format.ts';
import { ModelField } from '../shared/model-field.ts';
import { PageJob } from '../shared/page-job.ts';
import { BusyBar } from '../shared/progress.ts';
import { WorkerModel, type WorkerRecognizer } from '../shared/worker-model.ts';
import { type Audio, decodeBlob, decodeUrl, Player, SAMPLE_RATE } from '../transcribe/audio.ts';
import { Recorder } from '../transcribe/recorder.ts';
import { percent, phoneChips } from './phone-chips.ts';
import { lettersAsUnits, parseLexicon, spelledOut } from './units.ts';

const LETTER_HINT =
  'This model reads letters, so each letter stands for a sound: good enough to see how it works. Load a model of phonemes to practise.';
const PHONEME_HINT =
  'Phonemes with spaces between them, as the model spells them, and | between words; or words, with a list below.';

const errors = new ErrorBox(byId('error', HTMLElement));
const busy = new BusyBar(byId('busy', HTMLElement));
const status = byId('status', HTMLElement);
const results = byId('results', HTMLElement);
const expectedField = byId('expected', HTMLInputElement);
const lexiconField = byId('lexicon', HTMLTextAreaElement);
const modelField = new ModelField();
const againButton = byId('again', HTMLButtonElement);
const recordButton = byId('record', HTMLButtonElement);
const playButton = byId('play', HTMLButtonElement);

const model = new WorkerModel();
const recorder = new Recorder();
const player = new Player(() => {
  playButton.textContent = 'Play all';
});
let audio: Audio | undefined;
/** Whether the model that was asked last reads letters. */
let isLetters = true;
const job = new PageJob({
  errors,
  busy,
  status,
  results,
  onBegin: () => player.stop(),
  onEnd: () => {
    againButton.disabled = audio === undefined;
  },
});

/** Stops what is under way, then reads and scores. */
function begin(name: string, read: (signal: AbortSignal) => Promise<Audio>): void {
  job.run(`Cannot score ${name}`, `Reading ${name} …`, async (signal) => {
    audio = await read(signal);
    byId('audio-name', HTMLElement).textContent = `${audio.name}, ${formatPosition(audio.seconds)}`;
    await score(audio, signal);
  });
}

async function score(heard: Audio, signal: AbortSignal): Promise<void> {
  const recognize = await model.loadChosen(modelField, busy, 'score how it is pronounced', signal);
  busy.say('Listening …');
  const result = await pronounced(recognize, heard, signal);
  results.hidden = false;
  player.load(heard);
  show(result);
  status.textContent = 'Choose a sound to hear it, or say the phrase once more.';
}

/** Models of letters score letters. */
async function pronounced(
  recognize: WorkerRecognizer,
  { samples }: Audio,
  signal: AbortSignal,
): Promise<PronunciationResult> {
  const sound = { raw: samples, sampling_rate: SAMPLE_RATE };
  const { units, labels } = await recognize.emissionInfo();
  showUnits(units);
  if (units === 'characters') {
    const expected = spelledOut(expectedField.value, labels);
    return pronunciation(lettersAsUnits(recognize), sound, expected, { signal });
  }
  return pronunciation(recognize, sound, expectedField.value, {
    lexicon: parseLexicon(lexiconField.value),
    signal,
  });
}

function showUnits(units: 'characters' | 'phonemes'): void {
  isLetters = units === 'characters';
  byId('expected-label', HTMLElement).textContent = isLetters ? 'Words' : 'Phonemes, or words';
  byId('expected-hint', HTMLElement).textContent = isLetters ? LETTER_HINT : PHONEME_HINT;
  byId('lexicon-field', HTMLElement).hidden = isLetters;
}

function show(result: PronunciationResult): void {
  byId('score', HTMLElement).textContent = percent(result.score);
  const wrong = result.phones.filter(({ error }) => error !== null).length + result.insertions.length;
  const differences = wrong === 1 ? 'one sound was' : `${wrong} sounds were`;
  byId('verdict', HTMLElement).textContent =
    wrong === 0 ? 'every sound was heard as it should be.' : `${differences} heard differently.`;
  byId('words', HTMLElement).replaceChildren(
    ...phoneChips(result, isLetters, (start, end) => player.play(start, end)),
  );
  byId('heard', HTMLElement).textContent = result.heard === '' ? 'nothing' : result.heard;
}

async function toggleRecording(): Promise<void> {
  try {
    if (!recorder.isRecording) {
      recordButton.disabled = true;
      errors.clear();
      await recorder.start();
      recordButton.textContent = 'Stop';
      status.textContent = 'Recording. Press the button again when you have spoken.';
    } else {
      const recording = await recorder.stop();
      recordButton.textContent = 'Record';
      begin('your recording', () => decodeBlob(recording, 'your recording'));
    }
  } catch (error) {
    errors.show('Cannot record', error);
  } finally {
    recordButton.disabled = false;
  }
}

const readFile = (file: File): void => begin(file.name, () => decodeBlob(file, file.name));

showUnits('characters');
modelField.select.addEventListener('input', () => {
  const { isOther } = modelField;
  byId('location-field', HTMLElement).hidden = !isOther;
  byId('summary', HTMLElement).hidden = true;
  byId('model-hint', HTMLElement).textContent = isOther
    ? 'Best a model of phonemes, such as microsoft/unispeech-1350-en-90-it-ft-1h.'
    : BUNDLED_MODEL.hint;
  showUnits(isOther ? 'phonemes' : 'characters');
});
byId('model-hint', HTMLElement).textContent = BUNDLED_MODEL.hint;
for (const { value, label } of SAMPLES.slice(1)) {
  const button = make('button', { type: 'button' }, label);
  button.addEventListener('click', () => {
    // The names of the clips are what is said in them.
    expectedField.value = value.replace(/\.\w+$/, '').replaceAll('-', ' ');
    begin(value, (signal) => decodeUrl(sampleUrl(value), value, signal));
  });
  document.querySelector('.samples')?.append(button);
}
const fileInput = byId('file', HTMLInputElement);
fileInput.addEventListener('change', () => {
  const [file] = fileInput.files ?? [];
  if (file) readFile(file);
  // Choosing the same file again must be a change, too.
  fileInput.value = '';
});
recordButton.addEventListener('click', () => void toggleRecording());
againButton.addEventListener('click', () => {
  const heard = audio;
  if (heard) begin(heard.name, () => Promise.resolve(heard));
});
playButton.addEventListener('click', () => {
  if (player.position !== undefined) player.stop();
  else if (audio) {
    player.play(0, audio.seconds);
    playButton.textContent = 'Stop';
  }
});
onFileDrop(({ files: [file] }) => {
  if (file) readFile(file);
});
