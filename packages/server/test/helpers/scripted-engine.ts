/** An engine that does what `UNISPEECH_TEST_SCRIPT` says, a `ScriptedEngine` as JSON, and recognises nothing. It stops when what it loads is loaded, as a real one does. */
import { appendFileSync, statSync } from 'node:fs';
import type { FromEngine, ToEngine } from '../../src/engine/messages.ts';
import { MODEL_FACTS } from './model-facts.ts';

export interface ScriptedEngine {
  /** Has a byte for each start. `FILE-batches` has the size of batches that each load was told. */
  readonly startsFile: string;
  /** How the first starts fail: the process ends, or finds no device. */
  readonly failedStarts?: readonly ('exit' | 'no-device')[];
  /** How long each model loads, in the order of the models. */
  readonly loadMilliseconds?: readonly number[];
  readonly answerMilliseconds?: number;
  /** So many first starts hang at their first clip, or all. */
  readonly hangingStarts?: number;
  /** So many clips find no memory, or all. */
  readonly shortages?: number;
}

const script = JSON.parse(process.env.UNISPEECH_TEST_SCRIPT ?? '{}') as ScriptedEngine;
const { startsFile, failedStarts = [], loadMilliseconds = [], answerMilliseconds = 0 } = script;
const { hangingStarts = 0, shortages = 0 } = script;
appendFileSync(startsFile, '.');
const startCount = statSync(startsFile).size;
const failure = failedStarts[startCount - 1];
let clipCount = 0;
const send = (message: FromEngine): void => void process.send?.(message);
const after = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

send({ type: 'started' });
const loads: Promise<void>[] = [];
async function load(modelId: string): Promise<void> {
  await after(loadMilliseconds[loads.length] ?? 0);
  if (failure === 'exit') process.exit(3);
  if (failure === 'no-device') {
    const message = 'The adapter is away.';
    send({ type: 'load-failed', modelId, failure: { kind: 'engine', code: 'no-adapter', message } });
    return;
  }
  send({ type: 'loaded', modelId, facts: MODEL_FACTS, adapter: 'none', speed: 100, maxBatch: 8 });
}

async function answer(message: Extract<ToEngine, { type: 'transcribe' | 'align' }>): Promise<void> {
  // As a driver that never returns.
  if (startCount <= hangingStarts) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  await after(answerMilliseconds);
  const { id } = message;
  clipCount += 1;
  if (clipCount <= shortages) {
    send({ type: 'failed', id, failure: { kind: 'engine', code: 'out-of-memory', message: 'No room.' } });
    return;
  }
  if (message.type === 'transcribe')
    send({ type: 'transcribed', id, clip: { text: 'served' }, warnings: [] });
  else
    send({
      type: 'aligned',
      id,
      clip: { text: message.text, score: 1, words: [], unaligned: [] },
      warnings: [],
    });
}

process.on('message', (message: ToEngine) => {
  if (message.type === 'load') {
    appendFileSync(`${startsFile}-batches`, `${message.maxBatch} `);
    loads.push(load(message.modelId));
  } else if (message.type === 'transcribe' || message.type === 'align') void answer(message);
  else if (message.type === 'stop') void Promise.all(loads).then(() => process.exit(0));
});
process.on('disconnect', () => process.exit(0));
