/** What a batch is made of: the files of a folder, or the lines of a manifest. Read one by one, so that a list of any length takes no memory. */
import { createReadStream } from 'node:fs';
import { opendir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { UniSpeechError } from 'unispeech-webgpu/captions';

/** Options of one item, beside those of the batch. Plain data: they travel through the queue and count in the key of the output. */
export interface ItemOptions {
  /** The units whose times are in the output. Default: `word`. */
  readonly timestamps?: 'word' | 'char';
}

/** A file to transcribe. Plain data. */
export interface BatchItem {
  /** The folder that `file` is relative to, on the machine that made the list. */
  readonly root: string;
  /** Relative to `root`, with `/` between folders. */
  readonly file: string;
  /** Where the output goes, relative to the output folder, with `/`, without the ending `.json`. */
  readonly output: string;
  readonly options: ItemOptions;
}

/** What the core, or ffmpeg behind it, may be able to read. A manifest may name any file. */
const AUDIO_ENDINGS = new Set(
  '.wav .wave .flac .mp3 .ogg .oga .opus .aif .aiff .aifc .m4a .mp4 .aac .webm .mkv .mka .mov .wma .amr .ac3'.split(
    ' ',
  ),
);

/** A line longer than this is not one of a manifest. */
const MAX_LINE_LENGTH = 64 * 1024;

/**
 * The items of a folder, with its subfolders, or of a manifest: a path a line, or JSON `{ "uri", "id"?, "options"? }` a line. Paths are relative to
 * the manifest. Empty lines do not count.
 * @throws UniSpeechError `not-found`, or `bad-input` that names the line.
 */
export async function* readItems(location: string): AsyncGenerator<BatchItem, void, undefined> {
  const place = path.resolve(location);
  const found = await stat(place).catch(() => undefined);
  if (found?.isDirectory()) yield* filesOf(place, '');
  else if (found?.isFile()) yield* linesOf(place);
  else
    throw new UniSpeechError(
      'not-found',
      `There is no file or folder ${location}.`,
      'Give a folder of audio, or a manifest: a text file with a path a line.',
    );
}

/** @param visited real paths of folders: links may lead in a circle. */
async function* filesOf(
  root: string,
  folder: string,
  visited = new Set<string>(),
): AsyncGenerator<BatchItem, void, undefined> {
  const place = await realpath(path.join(root, folder));
  if (visited.has(place)) return;
  visited.add(place);
  for await (const entry of await opendir(place)) {
    const file = folder === '' ? entry.name : `${folder}/${entry.name}`;
    // A link that leads nowhere is a file that cannot be read: a failure with its name.
    const target = entry.isSymbolicLink()
      ? ((await stat(path.join(root, file)).catch(() => undefined)) ?? FILE)
      : entry;
    if (target.isDirectory()) yield* filesOf(root, file, visited);
    else if (target.isFile() && AUDIO_ENDINGS.has(path.extname(entry.name).toLowerCase()))
      yield { root, file, output: file, options: {} };
  }
}

const FILE = { isDirectory: () => false, isFile: () => true };

async function* linesOf(manifest: string): AsyncGenerator<BatchItem, void, undefined> {
  const root = path.dirname(manifest);
  let number = 0;
  for await (const line of createInterface({ input: createReadStream(manifest), crlfDelay: Infinity })) {
    number += 1;
    if (line.trim() !== '') yield itemOfLine(number === 1 ? line.replace(/^\ufeff/, '') : line, root, number);
  }
}

/**
 * @param number of the line, from 1.
 * @throws UniSpeechError `bad-input`.
 */
export function itemOfLine(line: string, root: string, number: number): BatchItem {
  if (line.length > MAX_LINE_LENGTH)
    throw badLine(number, `has ${line.length} characters`, `at most ${MAX_LINE_LENGTH}`);
  const { uri, id, options } = line.trimStart().startsWith('{') ? parsedLine(line, number) : { uri: line };
  if (typeof uri !== 'string' || uri === '') throw badLine(number, 'has no "uri"', 'the path of a file');
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(uri))
    throw badLine(number, `names ${JSON.stringify(uri.slice(0, 80))}`, 'the path of a file, not an address');
  const file = path.relative(root, path.resolve(root, uri)).split(path.sep).join('/');
  return { root, file, output: outputOf(id, file, number), options: optionsOf(options, number) };
}

function parsedLine(line: string, number: number): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw badLine(number, 'begins with { but is not JSON', '{ "uri", "id"?, "options"? }');
  }
  return value as Readonly<Record<string, unknown>>;
}

/** What lies outside of the root keeps its names, without the way up: an output is never outside of its folder. */
function outputOf(id: unknown, file: string, number: number): string {
  if (id === undefined)
    return file
      .split('/')
      .filter((name) => name !== '..' && name !== '')
      .join('/');
  const isPlain =
    typeof id === 'string' &&
    id.length <= 512 &&
    !/[\\\0]/.test(id) &&
    id.split('/').every((name) => name !== '' && name !== '.' && name !== '..');
  if (!isPlain) throw badLine(number, 'has an "id" that is no name', 'a relative path without ..');
  return id;
}

function optionsOf(options: unknown, number: number): ItemOptions {
  if (options === undefined) return {};
  const { timestamps, ...others } = Object(options) as Readonly<Record<string, unknown>>;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined)
    throw badLine(number, `has the option ${JSON.stringify(unknown.slice(0, 40))}`, '"timestamps"');
  if (timestamps === undefined) return {};
  if (timestamps !== 'word' && timestamps !== 'char')
    throw badLine(number, 'has other "timestamps"', '"word" or "char"');
  return { timestamps };
}

const badLine = (number: number, found: string, expected: string): UniSpeechError =>
  new UniSpeechError('bad-input', `Line ${number} of the manifest ${found}, expected ${expected}.`);

/**
 * Reads a whole list once, so that a bad line is an error before any work.
 * @returns how many items there are.
 * @throws UniSpeechError as `readItems`; `not-found` where there are none; `bad-input` where two items have one output, as the second would replace the first.
 */
export async function checkItems(location: string): Promise<number> {
  const outputs = new Set<string>();
  for await (const { file, output } of readItems(location)) {
    if (outputs.has(output))
      throw new UniSpeechError(
        'bad-input',
        `The output of ${file} would be ${output}.json, which is that of another line.`,
        'Give each line an "id" of its own, or name each file once.',
      );
    outputs.add(output);
  }
  if (outputs.size === 0)
    throw new UniSpeechError(
      'not-found',
      `There is no audio in ${location}.`,
      `Of a folder, files with these endings are taken: ${[...AUDIO_ENDINGS].join(' ')}. A manifest has a path a line.`,
    );
  return outputs.size;
}
