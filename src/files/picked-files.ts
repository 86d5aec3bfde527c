/** Files that the user of a page dropped or chose, as the files of a model. */
import { checkModelFileName, LANGUAGE_MODEL_FOLDER } from '../base/file-name.ts';
import { MAX_TEXT_BYTE_LENGTH, type ModelFiles, textTooLong } from '../base/files.ts';
import { UniSpeechError } from '../base/errors.ts';
import { blobSource } from './blob-source.ts';

const SCHEME = 'picked:';
const pickedByAddress = new Map<string, ModelFiles>();

/**
 * Gives files of the user an address, which stands for a model in `from_pretrained` and `pipeline`, as object URLs do for a file. It is good for
 * as long as the page (or the worker) that made it. Nothing is copied, sent or stored.
 * @param files those of one folder, such as the `files` of an input with `webkitdirectory`; those of inner folders are left out, but for `language_model`.
 * @throws UniSpeechError `not-found` if config.json is not among them.
 */
export function modelFromFiles(files: Iterable<File>): URL {
  const address = new URL(`${SCHEME}${pickedByAddress.size}/`);
  pickedByAddress.set(address.href, filesOfFolder([...files]));
  return address;
}

/** What `modelFromFiles` gave an address; undefined for other locations. */
export const pickedFiles = (location: string | URL): ModelFiles | undefined =>
  pickedByAddress.get(String(location));

/** Files that a program made have no path in some runtimes. */
const foldersOf = ({
  webkitRelativePath = '',
}: {
  readonly webkitRelativePath?: string;
}): readonly string[] => webkitRelativePath.split('/').slice(0, -1);
const depthOf = (file: File): number => foldersOf(file).length;

/** @throws UniSpeechError `not-found`. */
export function filesOfFolder(files: readonly File[]): ModelFiles {
  const configs = files.filter(({ name }) => name === 'config.json');
  const [config] = configs.sort((a, b) => depthOf(a) - depthOf(b));
  if (config === undefined)
    throw new UniSpeechError(
      'not-found',
      `There is no config.json among the ${files.length} chosen files.`,
      'Choose the folder of a model, with config.json and the weights directly in it.',
    );
  const folder = foldersOf(config).join('/');
  const inner = foldersOf(config).concat(LANGUAGE_MODEL_FOLDER).join('/');
  const byName = new Map<string, File>();
  const languageModel: string[] = [];
  for (const file of files) {
    const place = foldersOf(file).join('/');
    if (place === folder) byName.set(file.name, file);
    if (place !== inner) continue;
    byName.set(`${LANGUAGE_MODEL_FOLDER}/${file.name}`, file);
    languageModel.push(file.name);
  }
  const location = folder === '' ? 'the chosen folder' : folder;
  const find = (fileName: string, signal: AbortSignal | undefined): File | undefined => {
    checkModelFileName(fileName, location);
    signal?.throwIfAborted();
    return byName.get(fileName);
  };
  return {
    location,
    async open(fileName, signal) {
      const file = find(fileName, signal);
      return Promise.resolve(file && blobSource(file, file.name));
    },
    async readText(fileName, signal, maxByteLength = MAX_TEXT_BYTE_LENGTH) {
      const file = find(fileName, signal);
      if (file && file.size > maxByteLength) throw textTooLong(fileName, maxByteLength, file.size);
      return file?.text();
    },
    listLanguageModel: () => Promise.resolve(languageModel),
  };
}
