/** The page "Inside the model": one clip, layer by layer. */
import { SAMPLES, sampleUrl } from '../shared/catalog.ts';
import { byId, make, redrawOnChange } from '../shared/dom.ts';
import { ErrorBox, isAbort } from '../shared/error-box.ts';
import { formatPosition } from '../shared/format.ts';
import { BusyBar } from '../shared/progress.ts';
import { type Audio, decodeBlob, decodeUrl, Player } from '../transcribe/audio.ts';
import { AttentionView } from './attention-view.ts';
import { clampIndex } from './cross-hair.ts';
import { type Insight, loadModel, type InsightModel, lookInside, MAX_SECONDS, shorten } from './insight.ts';
import { describeLetter } from './letters.ts';
import { strongest } from './scale.ts';
import { TimeView } from './time-view.ts';

const errors = new ErrorBox(byId('error', HTMLElement));
const busy = new BusyBar(byId('busy', HTMLElement));
const status = byId('status', HTMLElement);
const results = byId('results', HTMLElement);
const slider = byId('layer', HTMLInputElement);
const playButton = byId('play', HTMLButtonElement);

let loaded: InsightModel | undefined;
let insight: Insight | undefined;
let layer = 3;
let head = 0;
let query = 0;
let key = 0;
/** What is under way: a new clip takes its place. */
let job: { readonly stop: AbortController; readonly done: Promise<void> } | undefined;

const timeView = new TimeView({ onFrame: chooseFrame, onChange: queueDraw });
const attentionView = new AttentionView({ onHead: chooseHead, onPair: choosePair });
const player = new Player(() => {
  playButton.textContent = 'Play';
});

/** Reads a clip and looks inside, after stopping what is under way. */
function begin(name: string, read: (signal: AbortSignal) => Promise<Audio>): void {
  const previous = job;
  previous?.stop.abort();
  const stop = new AbortController();
  job = { stop, done: work(name, read, stop, previous?.done) };
}

async function work(
  name: string,
  read: (signal: AbortSignal) => Promise<Audio>,
  stop: AbortController,
  previous: Promise<void> | undefined,
): Promise<void> {
  await previous;
  const { signal } = stop;
  errors.clear();
  player.stop();
  results.ariaBusy = 'true';
  for (const button of sampleButtons) button.ariaPressed = String(button.value === name);
  busy.begin(`Reading ${name} …`, () => stop.abort());
  try {
    const whole = await read(signal);
    loaded ??= await loadModel(busy.report, signal);
    busy.say('Running the model …');
    const found = await lookInside(loaded, shorten(whole), signal);
    show(found, whole);
  } catch (error) {
    if (isAbort(error)) status.textContent = 'Cancelled.';
    else errors.show(`Cannot look inside with ${name}`, error);
  } finally {
    busy.end();
    results.ariaBusy = 'false';
  }
}

function show(found: Insight, whole: Audio): void {
  const { audio, text, states, headCount, frameCount } = found;
  insight = found;
  const isCut = audio.samples.length < whole.samples.length;
  const part = isCut
    ? `the first ${MAX_SECONDS} s of ${whole.seconds.toFixed(1)} s`
    : formatPosition(audio.seconds);
  status.textContent = `${audio.name}, ${part}, ${frameCount} frames. The model reads: ${text || 'nothing'}`;
  slider.max = String(states.length - 1);
  layer = Math.min(layer, states.length - 1);
  slider.value = String(layer);
  head = Math.min(head, headCount - 1);
  player.load(audio);
  results.hidden = false;
  showLayer();
  chooseFrame(
    Math.max(
      0,
      found.letters.findIndex(({ isWritten }) => isWritten),
    ),
  );
}

function showLayer(): void {
  if (!insight) return;
  const name =
    layer === 0 ? 'Before the first layer' : `After layer ${layer} of ${insight.states.length - 1}`;
  byId('layer-name', HTMLOutputElement).textContent = name;
  slider.setAttribute('aria-valuetext', name);
  const hasAttention = layer > 0;
  byId('no-attention', HTMLElement).hidden = hasAttention;
  byId('attention', HTMLElement).hidden = !hasAttention;
  byId('attention-caption', HTMLElement).hidden = !hasAttention;
  byId('gaze-figure', HTMLElement).hidden = !hasAttention;
  timeView.show(insight, layer);
  if (hasAttention) {
    attentionView.show(insight, layer);
    chooseHead(head);
  }
  queueDraw();
}

function chooseHead(next: number): void {
  head = next;
  attentionView.choose(head);
  byId('head-summary', HTMLElement).textContent = attentionView.summary();
  queueDraw();
}

/** Chooses the frame that looks; the other one is where it looks most. */
function chooseFrame(frame: number): void {
  if (!insight) return;
  query = clampIndex(frame, insight.frameCount);
  if (layer > 0) key = Math.max(0, strongest(attentionView.gazeOf(query)));
  queueDraw();
}

function choosePair(nextQuery: number, nextKey: number): void {
  query = nextQuery;
  key = nextKey;
  queueDraw();
}

let isDrawQueued = false;

function queueDraw(): void {
  if (isDrawQueued) return;
  isDrawQueued = true;
  requestAnimationFrame(() => {
    isDrawQueued = false;
    draw();
  });
}

function draw(): void {
  if (!insight) return;
  const marks = { query, key: layer > 0 ? key : undefined };
  const { letters, secondsPerFrame } = insight;
  const time = (frame: number): string => formatPosition(frame * secondsPerFrame);
  timeView.draw(marks, layer > 0 ? attentionView.gazeOf(query) : undefined);
  byId('states-reading', HTMLElement).textContent =
    `${timeView.reading(time(query))}. The model ${describeLetter(letters[query])} here.`;
  if (layer === 0) return;
  attentionView.draw(marks);
  byId('gaze-caption', HTMLElement).textContent =
    `Where the frame at ${time(query)} looks, in head ${head + 1} of layer ${layer}: taller means more attention. Dashed: the frame of the cross-hair below.`;
  byId('head-reading', HTMLElement).textContent =
    `The frame at ${time(query)} (${describeLetter(letters[query])}) looks at ${time(key)} ` +
    `(${describeLetter(letters[key])}) with ${attentionView.weight(marks)} of its attention.`;
}

function togglePlay(): void {
  if (!insight) return;
  if (player.position !== undefined) {
    player.stop();
    return;
  }
  player.play(0, insight.audio.seconds);
  playButton.textContent = 'Stop';
  follow();
}

/** The chosen frame goes with the sound. */
function follow(): void {
  const { position } = player;
  if (position === undefined || !insight) return;
  chooseFrame(position / insight.secondsPerFrame);
  requestAnimationFrame(follow);
}

const sampleButtons = SAMPLES.map(({ value, label }) => {
  const button = make('button', { type: 'button', value }, label);
  button.addEventListener('click', () => beginSample(value));
  return button;
});
byId('samples', HTMLElement).append(...sampleButtons);

function beginSample(file: string): void {
  begin(file, (signal) => decodeUrl(sampleUrl(file), file, signal));
}

const fileInput = byId('file', HTMLInputElement);
fileInput.addEventListener('change', () => {
  const [file] = fileInput.files ?? [];
  if (file) begin(file.name, () => decodeBlob(file, file.name));
  // The same file may be chosen again.
  fileInput.value = '';
});
slider.addEventListener('input', () => {
  layer = Number(slider.value);
  showLayer();
  chooseFrame(query);
});
playButton.addEventListener('click', togglePlay);
redrawOnChange(results, () => {
  timeView.repaint();
  attentionView.repaint();
  queueDraw();
});
const [first] = SAMPLES;
if (first) beginSample(first.value);
