/** The files of a model in a folder on disk. */
import { constants, fstatSync, readSync, type Stats } from 'node:fs';
import { type FileHandle, open, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { isRecord } from '../base/checks.ts';
import { UniSpeechError } from '../base/errors.ts';
import { type ByteSource, MAX_TEXT_BYTE_LENGTH, type ModelFiles, textTooLong } from '../base/files.ts';
import { checkModelFileName, LANGUAGE_MODEL_FOLDER } from '../base/file-name.ts';

const FOLDER_FIX =
  'Give the folder that holds config.json and the weights, a URL, or a Hugging Face id such as owner/name.';

/**
 * Gives access to the files directly in `folder`. File names must not contain a path.
 * @param folderFix what to do where there is no such folder.
 * @throws UniSpeechError from its methods: `not-found` when there is no such folder or a file cannot be opened,
 * `bad-input` for a file name with a path in it, `bad-checkpoint` when a file ends before a read does.
 */
export function folderFiles(folder: string, folderFix = FOLDER_FIX): ModelFiles {
  /** The result of `access`, or undefined if the folder has no such file. */
  const ifPresent = async <T>(
    fileName: string,
    signal: AbortSignal | undefined,
    access: (filePath: string) => Promise<T>,
  ): Promise<T | undefined> => {
    checkModelFileName(fileName, folder);
    signal?.throwIfAborted();
    const filePath = path.join(folder, fileName);
    try {
      return await access(filePath);
    } catch (cause) {
      signal?.throwIfAborted();
      if (cause instanceof UniSpeechError) throw cause;
      await checkFolder(folder, folderFix);
      if (hasCode(cause, 'ENOENT')) return undefined;
      throw new UniSpeechError('not-found', `${filePath} cannot be read: ${String(cause)}.`, undefined, {
        cause,
      });
    }
  };
  return {
    location: folder,
    open: (fileName, signal) => ifPresent(fileName, signal, openFile),
    readText: (fileName, signal, maxByteLength = MAX_TEXT_BYTE_LENGTH) =>
      ifPresent(fileName, signal, async (filePath) => {
        const source = await openFile(filePath);
        try {
          const { byteLength } = source;
          if (byteLength > maxByteLength) throw textTooLong(filePath, maxByteLength, byteLength);
          // A TextDecoder removes a byte order mark, which JSON.parse would reject.
          return new TextDecoder().decode(await source.read(0, byteLength, signal));
        } finally {
          await source.close();
        }
      }),
    async listLanguageModel(signal) {
      signal?.throwIfAborted();
      try {
        return await readdir(path.join(folder, LANGUAGE_MODEL_FOLDER));
      } catch (cause) {
        await checkFolder(folder, folderFix);
        if (hasCode(cause, 'ENOENT') || hasCode(cause, 'ENOTDIR')) return [];
        throw new UniSpeechError(
          'not-found',
          `${path.join(folder, LANGUAGE_MODEL_FOLDER)} cannot be read: ${String(cause)}.`,
          undefined,
          { cause },
        );
      }
    },
  };
}

async function checkFolder(folder: string, fix: string): Promise<void> {
  const found = await stat(folder).catch(() => undefined);
  if (found?.isDirectory()) return;
  throw new UniSpeechError(
    'not-found',
    found ? `${folder} is a file, expected a model's folder.` : `There is no folder ${folder}.`,
    fix,
  );
}

async function openFile(filePath: string): Promise<ByteSource> {
  // Without O_NONBLOCK (which Windows lacks and does not need), opening a pipe would wait until somebody writes to it.
  const handle = await open(filePath, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) {
      throw new UniSpeechError(
        'not-found',
        `${filePath} is not a file but ${stats.isDirectory() ? 'a folder' : 'a pipe, socket or device'}.`,
        'Give the folder of a model.',
      );
    }
    return fileSource(filePath, handle, stats);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

function fileSource(name: string, handle: FileHandle, opened: Stats): ByteSource {
  const endsAt = (found: number, expected: number): UniSpeechError =>
    new UniSpeechError(
      'bad-checkpoint',
      `${name} ends at byte ${found}, expected bytes up to ${expected}.`,
      'The file became shorter while it was read: fetch it again.',
    );
  return {
    name,
    byteLength: opened.size,
    async read(byteOffset, readByteLength, signal, into = new ArrayBuffer(readByteLength)) {
      const bytes = new Uint8Array(into, 0, readByteLength);
      for (let filled = 0; filled < readByteLength;) {
        signal?.throwIfAborted();
        const { bytesRead } = await handle.read(bytes, filled, readByteLength - filled, byteOffset + filled);
        if (bytesRead === 0) throw endsAt(byteOffset + filled, byteOffset + readByteLength);
        filled += bytesRead;
      }
      signal?.throwIfAborted();
      return bytes;
    },
    readSync(byteOffset, into) {
      if (handle.fd < 0) throw new UniSpeechError('disposed', `${name} is read no more: it was closed.`);
      try {
        for (let filled = 0; filled < into.byteLength;) {
          const length = into.byteLength - filled;
          const byteLength = readSync(handle.fd, into, filled, length, byteOffset + filled);
          if (byteLength === 0) throw endsAt(byteOffset + filled, byteOffset + into.byteLength);
          filled += byteLength;
        }
      } catch (cause) {
        if (cause instanceof UniSpeechError) throw cause;
        throw new UniSpeechError('bad-checkpoint', `${name} cannot be read: ${String(cause)}.`, undefined, {
          cause,
        });
      }
      const { size, mtimeMs } = fstatSync(handle.fd);
      if (size !== opened.size || mtimeMs !== opened.mtimeMs)
        throw new UniSpeechError(
          'bad-checkpoint',
          `${name} was changed while it was read.`,
          'Load it again.',
        );
    },
    close: () => handle.close(),
  };
}

const hasCode = (error: unknown, code: string): boolean => isRecord(error) && error.code === code;
