/** `unispeech-server batch` and `work`: the commands of archives, with engines of this machine. */
import { rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { UniSpeechError } from 'unispeech-webgpu/captions';
import { makeBatchSpool, removeLeftSpools } from './base/left-spools.ts';
import { BATCH_USAGE, type EngineWords, parseBatchCommand } from './batch/batch-options.ts';
import { runBatchCommand } from './batch/commands.ts';
import { engineTranscriber } from './batch/engine-transcriber.ts';
import type { OpenedEngine } from './batch/surroundings.ts';
import { createEnginePool } from './engine/create-pool.ts';

const MODEL_ID = 'model';
/** For clips under way when the command ends: it waits for those that count by itself. */
const GRACE_MILLISECONDS = 1000;

/**
 * Sets the exit code of the process.
 * @param words from `batch` or `work` on.
 * @param childModule the script of an engine process, if not that of this package.
 */
export async function runBatch(words: readonly string[], childModule?: string): Promise<void> {
  if (words.includes('--help') || words.includes('-h')) {
    console.log(BATCH_USAGE);
    return;
  }
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      // Whoever asks twice does not want to wait.
      if (stop.signal.aborted) process.exit(130);
      stop.abort();
    });
  try {
    process.exitCode = await runBatchCommand(parseBatchCommand(words), {
      openEngine: (engine) => openEngine(engine, childModule),
      showProgress,
      say,
      signal: stop.signal,
    });
  } catch (error) {
    // An error of the system, such as a full disk, has a code, too.
    if (!(error instanceof Error && 'code' in error)) throw error;
    say(`unispeech-server: ${error.message}`);
    process.exitCode = error instanceof UniSpeechError && error.code === 'bad-option' ? 2 : 1;
  }
  // A queue server that is away would be waited for.
  if (stop.signal.aborted) process.exit();
}

async function openEngine(
  { model, dtype, devices, concurrency }: EngineWords,
  childModule: string | undefined,
): Promise<OpenedEngine> {
  await removeLeftSpools(os.tmpdir());
  const folder = await makeBatchSpool(os.tmpdir());
  const pool = createEnginePool({
    models: [{ id: MODEL_ID, location: model, dtype }],
    devices,
    spoolFolder: path.join(folder, 'clips'),
    childModule,
    // Whatever the source gives is taken: it gives no more than `concurrency` files at once.
    queueSeconds: Number.MAX_SAFE_INTEGER,
    deadlineMilliseconds: 0,
    keepAliveMilliseconds: -1,
    decodesAtOnce: Math.min(concurrency, os.availableParallelism(), 4),
    onLog: say,
  });
  const close = async (): Promise<void> => {
    await pool.stop(GRACE_MILLISECONDS);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await pool.start();
    const reason = pool.models[0]?.failure ?? pool.notReady;
    if (reason !== undefined) throw new UniSpeechError('no-device', reason);
  } catch (error) {
    await close();
    throw error;
  }
  return { transcriber: engineTranscriber(pool, MODEL_ID), close };
}

/** A line that the next one replaces, where a person looks. */
function showProgress(line: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${line}`);
}

function say(line: string): void {
  process.stderr.write(process.stderr.isTTY ? `\r\u001b[K${line}\n` : `${line}\n`);
}
