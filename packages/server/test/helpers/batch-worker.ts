/**
 * A worker of a queue in a process of its own, with a transcriber that does what the audio file says, as JSON: the queue is tested here, not the engine.
 * `{ "text", "milliseconds"?, "meets"?, "blocks"?, "kills"?, "throws"?, "failures"? }`. Prints a line for each event.
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BullSource, type TakeOver } from '../../src/batch/bull-source.ts';
import { parseQueueAddress } from '../../src/batch/queue-address.ts';
import { type FileTranscriber, runFiles } from '../../src/batch/run-files.ts';

export interface ScriptedAudio {
  readonly text: string;
  /** How long the work takes. */
  readonly milliseconds?: number;
  /** It goes on when so many workers have begun files of its folder that say this. */
  readonly meets?: number;
  /** The process does nothing else until `FILE.go` is there. */
  readonly blocks?: boolean;
  /** Ends the process, as a crash does. */
  readonly kills?: boolean;
  /** The code of an error. */
  readonly throws?: string;
  /** So many attempts fail with `internal_error` first, of all processes together. */
  readonly failures?: number;
}

export interface BatchWorkerOptions {
  readonly url: string;
  readonly queueName: string;
  readonly outFolder: string;
  readonly root?: string;
  readonly concurrency: number;
  readonly model: { readonly digest: string; readonly dtype: string };
  readonly takeOver: TakeOver;
  readonly closeMilliseconds?: number;
}

const options = JSON.parse(process.argv[2] ?? '') as BatchWorkerOptions;
const stop = new AbortController();
const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

async function meet(folder: string, count: number): Promise<void> {
  const list = path.join(folder, 'workers');
  appendFileSync(list, `${process.pid}\n`);
  while (new Set(readFileSync(list, 'utf8').trim().split('\n')).size < count) await sleep(10);
}

const transcriber: FileTranscriber = {
  async transcribe(file, _, signal) {
    const audio = JSON.parse(readFileSync(file, 'utf8')) as ScriptedAudio;
    say(`begins ${file}`);
    if (audio.kills === true) process.kill(process.pid, 'SIGKILL');
    const { milliseconds = 0, failures = 0, meets = 0 } = audio;
    while (audio.blocks === true && !existsSync(`${file}.go`));
    await sleep(milliseconds);
    if (meets > 0) await meet(path.dirname(file), meets);
    signal.throwIfAborted();
    const log = `${file}.attempts`;
    appendFileSync(log, '.');
    if (existsSync(log) && readFileSync(log, 'utf8').length <= failures)
      throw Object.assign(new Error('The audio asks for a failure.'), { code: 'internal_error' });
    if (audio.throws !== undefined)
      throw Object.assign(new Error('The audio asks for an error.'), { code: audio.throws });
    return { text: audio.text, duration: 1, chunks: [] };
  },
};

const source = new BullSource({
  address: parseQueueAddress(options.url),
  queueName: options.queueName,
  model: options.model,
  concurrency: options.concurrency,
  takeOver: options.takeOver,
  closeMilliseconds: options.closeMilliseconds,
  onTrouble: (message) => {
    say(`trouble ${message}`);
  },
});
const stopping = new AbortController();
process.on('SIGTERM', () => {
  stopping.abort();
  say('stops');
  void source.close().then(() => {
    say('closed');
  });
});
await runFiles({
  source,
  transcriber,
  outFolder: options.outFolder,
  root: options.root,
  model: options.model,
  concurrency: options.concurrency,
  signal: stop.signal,
  onEvent: (event) => {
    say(`${event.type} ${event.job.item.file}`);
  },
});
say('ended');
// As the command does.
if (stopping.signal.aborted) process.exit();
