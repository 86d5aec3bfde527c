/** The page of the server: a file goes in, its text comes while it is recognised; beside it what waits, and how fast the server is. */
import { readEvents } from './read-events.ts';
import { queueText, speedText, valueOf } from './server-state.ts';

/** Between two looks at the server. */
const LOOK_MILLISECONDS = 2000;

function element<Kind extends HTMLElement>(id: string, kind: abstract new () => Kind): Kind {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`The page has no ${id}.`);
  return found;
}

const drop = element('drop', HTMLLabelElement);
const picker = element('file', HTMLInputElement);
const keyForm = element('key-form', HTMLFormElement);
const keyInput = element('key', HTMLInputElement);
const statusLine = element('status', HTMLElement);
const textBox = element('text', HTMLElement);

/** Of this page only: it is gone with it. */
let key = '';
/** The file that waits for a key. */
let waiting: File | undefined;
let running: AbortController | undefined;

const headers = (): Record<string, string> => (key === '' ? {} : { authorization: `Bearer ${key}` });

function show(message: string, isError = false): void {
  statusLine.textContent = message;
  statusLine.classList.toggle('error', isError);
}

async function transcribe(file: File): Promise<void> {
  running?.abort();
  const own = new AbortController();
  running = own;
  textBox.textContent = '';
  show(`${file.name}: is sent`);
  const form = new FormData();
  form.append('file', file);
  form.append('stream', 'true');
  const model = element('model', HTMLElement).dataset.id;
  if (model !== undefined) form.append('model', model);
  try {
    const response = await fetch('v1/audio/transcriptions', {
      method: 'POST',
      body: form,
      headers: headers(),
      signal: own.signal,
    });
    if (response.status === 401) {
      waiting = file;
      askForKey();
      return;
    }
    if (!response.ok || response.body === null) {
      show(messageOf(await response.json()), true);
      return;
    }
    await showEvents(file.name, response.body);
  } catch (error) {
    if (!own.signal.aborted) show(error instanceof Error ? error.message : String(error), true);
  }
}

async function showEvents(name: string, body: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
  let isDone = false;
  for await (const event of readEvents(body)) {
    if ('comment' in event) {
      if (event.comment.startsWith('queued')) show(`${name}: waits behind ${event.comment.slice(7)}`);
      continue;
    }
    const { type, delta, text, usage, error } = event.data;
    if (error !== undefined) {
      show(messageOf(event.data), true);
      return;
    }
    if (type === 'transcript.text.delta') {
      textBox.append(String(delta));
      show(`${name}: is recognised`);
    } else if (type === 'transcript.text.done') {
      isDone = true;
      textBox.textContent = String(text);
      show(`${name}: ${secondsOf(usage)} of sound`);
    }
  }
  if (!isDone) show(`${name}: the answer broke off`, true);
}

function secondsOf(usage: unknown): string {
  const seconds =
    typeof usage === 'object' && usage !== null && 'seconds' in usage ? Number(usage.seconds) : 0;
  return `${seconds.toFixed(1)} s`;
}

function messageOf(answer: unknown): string {
  const { error } = answer as { readonly error?: { readonly message?: unknown } };
  return typeof error?.message === 'string' ? error.message : 'The server failed.';
}

function askForKey(): void {
  keyForm.hidden = false;
  keyInput.focus();
  show(key === '' ? '' : 'The server does not know this key.', key !== '');
}

async function look(): Promise<void> {
  try {
    const models = await fetch('v1/models', { headers: headers() });
    if (models.status === 401) {
      if (keyForm.hidden) askForKey();
      return;
    }
    const { data } = (await models.json()) as {
      readonly data: readonly { readonly id: string; readonly status: string }[];
    };
    const box = element('model', HTMLElement);
    const [first] = data;
    if (first) {
      box.dataset.id = first.id;
      box.textContent = `${first.id} (${first.status})`;
    }
    const response = await fetch('metrics', { headers: headers() });
    // Where metrics have a port of their own, there is nothing to show.
    if (!response.ok) return;
    const metrics = await response.text();
    element('waiting', HTMLElement).textContent = queueText(
      valueOf(metrics, 'unispeech_queue_jobs'),
      valueOf(metrics, 'unispeech_queue_audio_seconds'),
    );
    element('speed', HTMLElement).textContent = speedText(valueOf(metrics, 'unispeech_speed'));
  } catch {
    element('waiting', HTMLElement).textContent = 'no answer';
  }
}

picker.addEventListener('change', () => {
  const [file] = picker.files ?? [];
  if (file) void transcribe(file);
  // The same file may be chosen again.
  picker.value = '';
});
for (const type of ['dragenter', 'dragover', 'dragleave', 'drop'])
  document.addEventListener(type, (event) => {
    event.preventDefault();
    drop.classList.toggle('over', type === 'dragenter' || type === 'dragover');
  });
document.addEventListener('drop', ({ dataTransfer }) => {
  const [file] = dataTransfer?.files ?? [];
  if (file) void transcribe(file);
});
keyForm.addEventListener('submit', (event) => {
  event.preventDefault();
  key = keyInput.value;
  keyForm.hidden = true;
  keyInput.value = '';
  show('');
  void look();
  if (waiting) void transcribe(waiting);
  waiting = undefined;
});

void look();
setInterval(() => {
  if (document.visibilityState === 'visible') void look();
}, LOOK_MILLISECONDS);
