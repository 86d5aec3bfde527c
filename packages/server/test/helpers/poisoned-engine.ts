/**
 * An engine that some clips kill: those that begin with a sample of 0.75. It dies when such a clip runs, as a driver would that fails at it. With
 * `UNISPEECH_TEST_SLOW`, a number of milliseconds, each batch begins so much later.
 */
import { openSync, readSync } from 'node:fs';
import { serveProcess } from '../../src/engine/child/serve-process.ts';
import type { ToEngine } from '../../src/engine/messages.ts';

export const POISON = 0.75;

const poisoned = new Set<string>();
process.on('message', (message: ToEngine) => {
  if (message.type !== 'transcribe') return;
  const first = new Float32Array(1);
  readSync(openSync(message.sound.file, 'r'), new Uint8Array(first.buffer));
  if (first[0] === POISON) poisoned.add(message.id);
});

const slow = new Int32Array(new SharedArrayBuffer(4));
serveProcess((message) => {
  if (message.type !== 'batch' || message.status !== 'begin') return;
  Atomics.wait(slow, 0, 0, Number(process.env.UNISPEECH_TEST_SLOW ?? 0));
  // The front has been told first, as it would be before a crash of the driver.
  if (message.ids.some((id) => poisoned.has(id))) setImmediate(() => process.kill(process.pid, 'SIGKILL'));
});
