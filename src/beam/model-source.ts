/** What a language model can be read from. */
import { openModelFiles } from '#model-files';
import { isArrayBuffer, isBlob, isRecord, isUrl, isView } from '../base/checks.ts';
import { UniSpeechError } from '../base/errors.ts';
import type { ByteSource } from '../base/files.ts';
import { badOption } from '../base/option-checks.ts';
import type { OpenFilesOptions } from '../base/platform.ts';
import { blobSource } from '../files/blob-source.ts';
import { readsBlobsSync, syncBlobSource } from './sync-blob-source.ts';

/**
 * The file of a language model: a path (in browsers relative to the page), a URL, `owner/name/file` of the Hugging Face hub, a `Blob` or `File`, or its
 * bytes.
 */
export type LanguageModelSource = string | URL | Blob | ArrayBuffer | Uint8Array;

/** @throws UniSpeechError `bad-option` for anything else, `not-found`, `network`. */
export async function openModelSource(
  source: unknown,
  options: OpenFilesOptions,
  signal: AbortSignal | undefined,
): Promise<ByteSource> {
  if (isBlob(source)) {
    const name: unknown = isRecord(source) ? source.name : undefined;
    const open = readsBlobsSync() ? syncBlobSource : blobSource;
    return open(source, typeof name === 'string' ? name : 'the language model');
  }
  if (isArrayBuffer(source)) return bytesSource(new Uint8Array(source));
  if (isView(source, 'Uint8Array')) return bytesSource(source);
  if ((typeof source !== 'string' && !isUrl(source)) || String(source).trim() === '')
    throw badOption('language_model', source, 'the path or URL of a file, a Blob, or bytes');
  const [folder, fileName] = splitLocation(String(source));
  const opened = await openModelFiles(folder, options).open(fileName, signal);
  if (opened) return opened;
  throw new UniSpeechError(
    'not-found',
    `There is no language model ${String(source)}.`,
    'Give the path or URL of an ARPA file (also with gzip) or of a KenLM binary.',
  );
}

/** The folder and the name of a file. A query stays with the folder, as its files get it. */
function splitLocation(location: string): readonly [folder: string, fileName: string] {
  if (/^[a-z][a-z\d+.-]+:\/\//i.test(location)) {
    const [, folder = '', name = '', query = ''] = /^([^?#]*\/)([^?#]*)(.*)$/s.exec(location) ?? [];
    return [folder + query, decodeURIComponent(name)];
  }
  const [, folder, name = ''] = /^(.*[\\/])?([^\\/]*)$/s.exec(location) ?? [];
  return [folder === undefined ? './' : folder.replace(/(.)[\\/]$/s, '$1'), name];
}

const bytesSource = (bytes: Uint8Array): ByteSource => ({
  name: 'the language model',
  byteLength: bytes.byteLength,
  read: (byteOffset, byteLength) => Promise.resolve(bytes.slice(byteOffset, byteOffset + byteLength)),
  close: () => Promise.resolve(),
});
