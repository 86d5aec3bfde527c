/** Reads audio files in Node, from the disk or from a URL. */
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { isRecord, messageOf } from '../base/checks.ts';
import { UniSpeechError } from '../base/errors.ts';
import { fetchAudio, MAX_AUDIO_BYTE_LENGTH, tooLarge, unreadable } from './http-audio.ts';
import { fileUrlPath, schemeOf } from './node-location.ts';

/** @throws UniSpeechError `not-found`, `bad-input`, `bad-audio`, `network`; the signal's reason. */
export async function readAudioFile(location: string | URL, signal?: AbortSignal): Promise<Uint8Array> {
  const text = String(location);
  const scheme = schemeOf(text);
  if (scheme === undefined) return readFromDisk(text, signal);
  if (scheme === 'file') return readFromDisk(fileUrlPath(text, 'bad-input'), signal, text);
  return fetchAudio(text, signal, 'Check the address and the connection.');
}

/** @param location shown in errors. */
export async function readFromDisk(
  path: string,
  signal?: AbortSignal,
  location = path,
  maxByteLength = MAX_AUDIO_BYTE_LENGTH,
): Promise<Uint8Array> {
  let file: FileHandle | undefined;
  try {
    // Without this flag, which Windows lacks, opening a pipe would wait until somebody writes to it.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = await file.stat();
    if (!stats.isFile()) {
      const what = stats.isDirectory() ? 'it is a folder' : 'it is a pipe or a device';
      throw unreadable(location, what, 'Give a file, or its bytes.');
    }
    if (stats.size > maxByteLength) throw tooLarge(location, maxByteLength, stats.size);
    return await file.readFile({ signal });
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
