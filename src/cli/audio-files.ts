/** What the commands that read audio share: a pipeline that loads with a progress bar, and the audio behind a name. */
import { shownLocation } from '../base/shown-location.ts';
import { pipeline } from '../pipelines/pipeline.ts';
import type { PipelineTask, Tasks } from '../pipelines/registry.ts';
import { withUnigrams } from './decoder-choice.ts';
import { describeError } from './describe-error.ts';
import { printable } from './printable.ts';
import { terminalProgress } from './terminal-progress.ts';
import type { ModelCommand } from './audio-command.ts';
import type { TranscribeCommand } from './transcribe-command.ts';

export const writeNote = (line: string): void => void process.stderr.write(`unispeech: ${line}\n`);

/**
 * Warnings go to standard error.
 * @param onDamaged also called with warnings about damaged audio.
 * @param note writes a line, if not to standard error.
 */
export async function openPipeline<Task extends PipelineTask>(
  task: Task,
  {
    model,
    dtype,
    language,
    decoder,
    unigramsFile,
  }: ModelCommand & Partial<Pick<TranscribeCommand, 'language' | 'decoder' | 'unigramsFile'>>,
  signal: AbortSignal,
  onDamaged?: (message: string) => void,
  note = writeNote,
): Promise<Tasks[Task]['pipeline']> {
  const search = await withUnigrams(decoder, unigramsFile, signal);
  const progress = terminalProgress();
  const loading = pipeline(task, model, {
    signal,
    dtype: dtype ?? null,
    target_lang: language,
    decoder: search,
    progress_callback: (info) => {
      if (info.status !== 'warning') {
        progress.callback?.(info);
        return;
      }
      note(printable(info.message));
      if (info.code === 'damaged-audio') onDamaged?.(info.message);
    },
  });
  return loading.finally(() => progress.clear());
}

/**
 * Handles files one after the other. One that fails is reported on standard error, and the others go on.
 * @returns the exit code.
 * @throws the signal's reason.
 */
export async function eachFile(
  files: readonly string[],
  signal: AbortSignal,
  handle: (file: string, audio: ReturnType<typeof audioOf>) => Promise<void>,
): Promise<number> {
  let exitCode = 0;
  for (const file of files) {
    try {
      await handle(file, audioOf(file, signal));
    } catch (error) {
      signal.throwIfAborted();
      writeNote(failureOf(file, error));
      exitCode = 1;
    }
  }
  return exitCode;
}

export const failureOf = (file: string, error: unknown): string =>
  `${printable(shownLocation(file))}: ${describeError(error)}`;

/** @param file a path, a URL, or `-` for standard input, which is read as it comes. */
export function audioOf(file: string, signal: AbortSignal): string | NodeJS.ReadStream {
  const { stdin } = process;
  if (file !== '-') return file;
  // Nothing may ever come, and the process would wait for it.
  signal.addEventListener('abort', () => stdin.destroy(), { once: true });
  return stdin;
}
