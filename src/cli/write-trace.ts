/** Writes a trace file completely or not at all. */
import { rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { messageOf } from '../base/checks.ts';
import { UniSpeechError } from '../base/errors.ts';
import type { Trace } from '../profile/index.ts';

/**
 * Checks that the trace can be written. Call it before the work that is traced.
 * @throws UniSpeechError `not-found` if the folder of `file` does not exist, `bad-option` if `file` is a folder itself.
 */
export async function checkTraceFile(file: string): Promise<void> {
  const folder = path.dirname(file);
  const [place, target] = await Promise.all([folder, file].map((each) => stat(each).catch(() => undefined)));
  if (!place?.isDirectory()) {
    throw new UniSpeechError(
      'not-found',
      `The trace ${file} cannot be written: there is no folder ${folder}.`,
      'Make the folder, or choose another place.',
    );
  }
  if (target?.isDirectory())
    throw new UniSpeechError(
      'bad-option',
      `The trace ${file} cannot be written: that is a folder.`,
      'Give the name of a file.',
    );
}

/** @throws UniSpeechError. An existing file of that name then stays unchanged. */
export async function writeTrace(file: string, trace: Trace): Promise<void> {
  await checkTraceFile(file);
  const partialFile = `${file}.${process.pid}.partial`;
  try {
    await writeFile(partialFile, `${JSON.stringify(trace)}\n`);
    await rename(partialFile, file);
  } catch (cause) {
    await rm(partialFile, { force: true });
    const reason = messageOf(cause);
    throw new UniSpeechError('bad-option', `The trace ${file} cannot be written: ${reason}.`, undefined, {
      cause,
    });
  }
}
