/** Reads audio files in Node, from the disk or from a URL. */
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { isRecord, messageOf } from '../base/checks.ts';
import { UniSpeechError } from '../base/errors.ts';
import type { Platform } from '../base/platform.ts';
import { fetchAudio, unreadable } from './http-audio.ts';
import { fileUrlPath, schemeOf } from './node-location.ts';

/** Fewer bytes would take more calls, and more would only wait. */
const READ_BYTES = 2 ** 18;

/** Iterating the blocks throws UniSpeechError `not-found`, `bad-input`, `network`; the signal's reason. */
export const openAudioFile: Platform['openAudioFile'] = (location, signal) => {
  const text = String(location);
  const scheme = schemeOf(text);
  if (scheme !== undefined && scheme !== 'file')
    return { blocks: fetchAudio(text, signal, 'Check the address and the connection.') };
  const path = scheme === undefined ? text : fileUrlPath(text, 'bad-input');
  return { blocks: readFromDisk(path, text, signal), path };
};

/** @param location shown in errors. */
async function* readFromDisk(
  path: string,
  location: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  let file: FileHandle | undefined;
  try {
    // Without this flag, which Windows lacks, opening a pipe would wait until somebody writes to it.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = await file.stat();
    if (!stats.isFile()) {
      const what = stats.isDirectory() ? 'it is a folder' : 'it is a pipe or a device';
      throw unreadable(location, what, 'Give a file, or its bytes.');
    }
    for (;;) {
      signal?.throwIfAborted();
      const { bytesRead, buffer } = await file.read(new Uint8Array(READ_BYTES));
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } catch (cause) {
    signal?.throwIfAborted();
    if (cause instanceof UniSpeechError) throw cause;
    throw unreadable(location, reasonOf(cause), undefined, 'not-found', cause);
  } finally {
    await file?.close();
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'this process may not read it',
  EPERM: 'this process may not read it',
};

const reasonOf = (cause: unknown): string =>
  REASONS[isRecord(cause) ? String(cause.code) : ''] ?? messageOf(cause);
