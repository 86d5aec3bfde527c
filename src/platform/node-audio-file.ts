/** Reads audio files in Node, from the disk or from a URL. */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { readAll } from '../audio/byte-stream.ts';
import { isRecord, messageOf } from '../base/checks.ts';
import type { Platform } from '../base/platform.ts';
import type { RandomBytes } from '../base/sound-stream.ts';
import { httpAudio, unreadable } from './http-audio.ts';
import { fileUrlPath, schemeOf } from './node-location.ts';

/** Fewer bytes would take more calls, and more would only wait. */
const READ_BYTES = 2 ** 18;

/** Iterating the blocks throws UniSpeechError `not-found`, `bad-input`, `network`; the signal's reason. */
export const openAudioFile: Platform['openAudioFile'] = (location, signal) => {
  const text = String(location);
  const scheme = schemeOf(text);
  if (scheme !== undefined && scheme !== 'file')
    return httpAudio(text, signal, 'Check the address and the connection.');
  const path = scheme === undefined ? text : fileUrlPath(text, 'bad-input');
  return {
    blocks: readFromDisk(path, text, signal),
    path,
    openRandom: () => openOnDisk(path, text, signal),
  };
};

/** @param location shown in errors. */
async function* readFromDisk(
  path: string,
  location: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { file, explained } = await openFile(path, location, signal);
  try {
    for (;;) {
      const { bytesRead, buffer } = await explained(file.read(new Uint8Array(READ_BYTES)));
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

/** The same file, to be read in any place. */
async function openOnDisk(
  path: string,
  location: string,
  signal: AbortSignal | undefined,
): Promise<RandomBytes> {
  const { file, byteLength, explained } = await openFile(path, location, signal);
  const next = async (place: number, maxByteLength: number): Promise<Uint8Array> => {
    const block = new Uint8Array(maxByteLength);
    const { bytesRead } = await explained(file.read(block, 0, maxByteLength, place));
    return block.subarray(0, bytesRead);
  };
  async function* blocks(offset: number, end: number): AsyncGenerator<Uint8Array, void, undefined> {
    for (let place = offset; place < end;) {
      const block = await next(place, Math.min(READ_BYTES, end - place));
      if (block.length === 0) return;
      place += block.length;
      yield block;
    }
  }
  return {
    byteLength,
    read: (offset, length) => readAll(blocks(offset, offset + length), location),
    from: (offset) => blocks(offset, Infinity),
    close: () => file.close(),
  };
}

/** @returns the open file, and what turns errors of the system into ours. */
async function openFile(path: string, location: string, signal: AbortSignal | undefined) {
  const explained = async <T>(work: Promise<T>): Promise<T> => {
    try {
      signal?.throwIfAborted();
      return await work;
    } catch (cause) {
      signal?.throwIfAborted();
      throw unreadable(location, reasonOf(cause), undefined, 'not-found', cause);
    }
  };
  // A file that is opened for nobody would stay open.
  signal?.throwIfAborted();
  // Without this flag, which Windows lacks, opening a pipe would wait until somebody writes to it.
  const file = await explained(open(path, constants.O_RDONLY | constants.O_NONBLOCK));
  try {
    const stats = await explained(file.stat());
    if (!stats.isFile()) {
      const what = stats.isDirectory() ? 'it is a folder' : 'it is a pipe or a device';
      throw unreadable(location, what, 'Give a file, or its bytes.');
    }
    return { file, byteLength: stats.size, explained };
  } catch (error) {
    await file.close();
    throw error;
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'this process may not read it',
  EPERM: 'this process may not read it',
};

const reasonOf = (cause: unknown): string =>
  REASONS[isRecord(cause) ? String(cause.code) : ''] ?? messageOf(cause);
