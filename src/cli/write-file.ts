/** Writes a file completely or not at all. */
import { stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { messageOf } from '../base/checks.ts';
import { UniSpeechError } from '../base/errors.ts';
import { writeWhole } from '../platform/whole-files.ts';

/** A file to be made, and what it is in messages: `the trace`. */
export interface OutputFile {
  readonly file: string;
  readonly what: string;
}

const cannotWrite = ({ file, what }: OutputFile, reason: string): string =>
  `${what.charAt(0).toUpperCase()}${what.slice(1)} ${file} cannot be written: ${reason}.`;

/**
 * Checks that a file can be written. Call it before the work that makes its content.
 * @throws UniSpeechError `not-found` if the folder of `file` does not exist, `bad-option` if `file` is a folder itself.
 */
export async function checkOutputFile(output: OutputFile): Promise<void> {
  const { file } = output;
  const folder = path.dirname(file);
  const [place, target] = await Promise.all([folder, file].map((each) => stat(each).catch(() => undefined)));
  if (!place?.isDirectory()) {
    throw new UniSpeechError(
      'not-found',
      cannotWrite(output, `there is no folder ${folder}`),
      'Make the folder, or choose another place.',
    );
  }
  if (target?.isDirectory())
    throw new UniSpeechError(
      'bad-option',
      cannotWrite(output, 'that is a folder'),
      'Give the name of a file.',
    );
}

/**
 * @param content parts that follow each other in the file.
 * @throws UniSpeechError. An existing file of that name then stays unchanged.
 */
export async function writeWholeFile(
  output: OutputFile,
  content: Iterable<string | Uint8Array>,
): Promise<void> {
  await checkOutputFile(output);
  try {
    await writeWhole(output.file, (temporary) => writeFile(temporary, content));
  } catch (cause) {
    throw new UniSpeechError('bad-option', cannotWrite(output, messageOf(cause)), undefined, { cause });
  }
}
