/** Reads JSON files of a model folder. Its errors name the file and the key. */
import { isRecord, messageOf } from './checks.ts';
import { describeValue, UniSpeechError } from './errors.ts';
import { MAX_CONFIG_BYTE_LENGTH, type ModelFiles } from './files.ts';
import { parsePythonJson } from './parse-json.ts';
import { STAND_IN_BYTE_LENGTH, standInOf } from './stand-in.ts';

/** The object in a JSON file. Absent keys read as `undefined`. */
export class JsonFile {
  readonly value: Readonly<Record<string, unknown>>;

  /** @param name of the file, or of the part of it that `value` holds; shown in errors. */
  constructor(
    readonly name: string,
    value: unknown,
  ) {
    if (!isRecord(value))
      throw new UniSpeechError(
        'bad-config',
        `${name} must hold an object, but it is ${describeValue(value)}.`,
      );
    this.value = value;
  }

  keys(): string[] {
    return Object.keys(this.value);
  }

  get(key: string): unknown {
    return Object.hasOwn(this.value, key) ? this.value[key] : undefined;
  }

  /** The value of a key if it is an object. */
  object(key: string): JsonFile | undefined {
    const value = this.get(key);
    return value === undefined || value === null ? undefined : new JsonFile(`${this.name}, "${key}"`, value);
  }

  /** A string, or null if the file says null. */
  string(key: string): string | null | undefined {
    const value = this.get(key);
    if (value === undefined || value === null || typeof value === 'string') return value;
    throw this.wrong(key, 'a string');
  }

  /** A boolean; null counts as absent. */
  boolean(key: string): boolean | undefined {
    const value = this.get(key) ?? undefined;
    if (value === undefined || typeof value === 'boolean') return value;
    throw this.wrong(key, 'true or false');
  }

  /** Makes an error that says what the key should hold. */
  wrong(key: string, expected: string): UniSpeechError {
    const value = this.get(key);
    const found =
      Array.isArray(value) && value.length > 0 && value.length <= 16
        ? `[${value.map(describeValue).join(', ')}]`
        : describeValue(value);
    return new UniSpeechError(
      'bad-config',
      `${this.name}: "${key}" is ${found}, but it must be ${expected}.`,
    );
  }
}

/**
 * Reads a JSON file, or resolves to `undefined` if there is none. NaN and Infinity are accepted as numbers, because Python writes them.
 * @param maxByteLength default: the limit for configurations.
 * @throws UniSpeechError `bad-config` if it is not JSON, or too long.
 */
export async function readJson(
  files: ModelFiles,
  fileName: string,
  signal?: AbortSignal,
  maxByteLength = MAX_CONFIG_BYTE_LENGTH,
): Promise<unknown> {
  const text = await files.readText(fileName, signal, maxByteLength);
  if (text === undefined) return undefined;
  try {
    return parsePythonJson(text);
  } catch (cause) {
    const reason = messageOf(cause);
    const standIn = standInOf(text.slice(0, STAND_IN_BYTE_LENGTH));
    throw new UniSpeechError(
      'bad-config',
      `${files.location}/${fileName} is ${standIn?.what ?? `not valid JSON: ${reason}`}.`,
      standIn?.fix ?? 'Download the file again.',
      { cause },
    );
  }
}

/** The object in a file of a model, or `undefined` if there is no such file. Arguments and errors are those of `readJson`. */
export async function readJsonFile(
  files: ModelFiles,
  fileName: string,
  signal?: AbortSignal,
  maxByteLength?: number,
): Promise<JsonFile | undefined> {
  const value = await readJson(files, fileName, signal, maxByteLength);
  return value === undefined ? undefined : new JsonFile(`${files.location}/${fileName}`, value);
}
