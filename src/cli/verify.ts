/** `unispeech verify`: whether two files are of one speaker. */
import { audioOf, openPipeline } from './audio-files.ts';
import { describeError } from './describe-error.ts';
import { printableJson } from './printable.ts';
import type { VerifyCommand } from './speaker-commands.ts';

/** As in cmp and grep: 1 is an answer, so what fails is 2. */
const DIFFERENT = 1;
const FAILED = 2;

/** @returns the exit code: 0 for one speaker, 1 for two, 2 if that could not be told. @throws the signal's reason. */
export async function verify(command: VerifyCommand, signal: AbortSignal): Promise<number> {
  try {
    await using verifyAudio = await openPipeline('speaker-verification', command, signal);
    const [first, second] = command.files;
    const verdict = await verifyAudio.compare(audioOf(first, signal), audioOf(second, signal), {
      threshold: command.threshold,
      ...(command.maxSeconds !== undefined && { max_duration_s: command.maxSeconds }),
      signal,
    });
    const { similarity, same } = verdict;
    process.stdout.write(
      command.json
        ? `${printableJson({ files: command.files, ...verdict })}\n`
        : `${similarity.toFixed(4)}  ${same ? 'same speaker' : 'different speakers'}\n`,
    );
    return same ? 0 : DIFFERENT;
  } catch (error) {
    signal.throwIfAborted();
    process.stderr.write(`unispeech: ${describeError(error)}\n`);
    return FAILED;
  }
}
