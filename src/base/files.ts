/** Interfaces through which higher layers read model files, whether they come from a folder, a URL or a cache. */
import { UniSpeechError } from './errors.ts';

/** Random access to the bytes of one file. */
export interface ByteSource {
  /** Shown in errors: the file's path or URL. */
  readonly name: string;
  readonly byteLength: number;
  /** True where a read far ahead costs all that lies before it: a server without ranges. */
  readonly isSequential?: boolean;
  /**
   * Reads exactly `byteLength` bytes at `byteOffset`. The result belongs to the caller.
   * @param into memory of at least `byteLength` bytes to reuse for the result; a source may ignore it.
   */
  read(byteOffset: number, byteLength: number, signal?: AbortSignal, into?: ArrayBuffer): Promise<Uint8Array>;
  /**
   * Fills `into` without waiting, for look-ups in the middle of a computation. Only sources that can have this method.
   * @throws UniSpeechError `bad-checkpoint` where the file ends before, or was changed since it was opened; `disposed` behind `close`.
   */
  readSync?(byteOffset: number, into: Uint8Array): void;
  /** Stores the whole file where it can be read without waiting, and opens it there; closes this source. Only sources that can have this method. */
  stored?(signal?: AbortSignal): Promise<ByteSource>;
  /**
   * Reads the parts that nobody has read yet. Only sources that store or check the whole file have this method.
   * @param onRead called with the byte count of each part.
   * @throws UniSpeechError `bad-checkpoint` if the file does not match its server's description.
   */
  finish?(signal?: AbortSignal, onRead?: (byteLength: number) => void): Promise<void>;
  close(): Promise<void>;
}

/** Maximum byte length of a configuration. The largest real ones have a few hundred thousand bytes, mostly class names. */
export const MAX_CONFIG_BYTE_LENGTH = 4 * 2 ** 20;
/** Maximum byte length of other files that are read as a whole: vocabularies (1.3 MB for 1,162 languages) and shard indices. */
export const MAX_TEXT_BYTE_LENGTH = 16 * 2 ** 20;

/** The error of `readText`. @param found the file's byte length; undefined if the end was not reached. */
export function textTooLong(name: string, maxByteLength: number, found?: number): UniSpeechError {
  return new UniSpeechError(
    'bad-config',
    `${name} has ${found ?? `more than ${maxByteLength}`} bytes, but at most ${maxByteLength} are read of a file of its kind.`,
    'Check that it is the file of the model that its name says.',
  );
}

/** The files of one model: a folder on disk or a base URL. */
export interface ModelFiles {
  /** The user's location without secrets, shown in errors. */
  readonly location: string;
  /** The user's location for progress events. Default: `location`. */
  readonly id?: string | undefined;
  /** Advice for a missing file, if the source knows better advice than its reader. */
  readonly missingFix?: string | undefined;
  /** Opens a file for ranged reads, or resolves to `undefined` if there is none of this name. */
  open(fileName: string, signal?: AbortSignal): Promise<ByteSource | undefined>;
  /**
   * The text of a small file without a byte order mark, or `undefined` if there is none of this name.
   * @param maxByteLength default `MAX_TEXT_BYTE_LENGTH`. A longer file is not read at all if its length is known. Otherwise, if it is
   * compressed or endless, reading stops at this length.
   * @throws UniSpeechError `bad-config` (`textTooLong`).
   */
  readText(fileName: string, signal?: AbortSignal, maxByteLength?: number): Promise<string | undefined>;
  /**
   * The names of the files in `LANGUAGE_MODEL_FOLDER`, none if there is no such folder; undefined where that cannot be known, as of a server without lists.
   * `open` and `readText` take these names behind that of the folder and a slash.
   */
  listLanguageModel?(signal?: AbortSignal): Promise<readonly string[] | undefined>;
}

/** Progress of loading, in the shape of transformers.js (`utils/core.js`). */
export type ProgressInfo =
  | { readonly status: 'initiate' | 'download' | 'done'; readonly name: string; readonly file: string }
  | {
      readonly status: 'progress';
      readonly name: string;
      readonly file: string;
      /** 0 to 100. */
      readonly progress: number;
      /** Bytes loaded so far. */
      readonly loaded: number;
      readonly total: number;
    }
  | {
      readonly status: 'progress_total';
      readonly name: string;
      readonly progress: number;
      readonly loaded: number;
      readonly total: number;
      /** Measured over the last seconds. */
      readonly bytesPerSecond?: number;
      readonly stage?: LoadStage;
      readonly files: Readonly<Record<string, { readonly loaded: number; readonly total: number }>>;
    }
  | {
      /** A problem was worked around, and the load or the call continues. */
      readonly status: 'warning';
      readonly name: string;
      readonly code: WarningCode;
      readonly message: string;
    }
  | { readonly status: 'ready'; readonly task: string; readonly model: string };

/** The work that a load is waiting for. */
export type LoadStage = 'download' | 'compile' | 'check' | 'tune';

export type WarningCode =
  /** The browser's storage or the cache folder is full or closed. The model is used without being stored. */
  | 'cache-full'
  | 'cache-unavailable'
  /** A stored file did not match its checksum and was fetched again. */
  | 'cache-corrupt'
  /** A kernel variant gave a wrong answer on this adapter, and another one is used. */
  | 'kernel-dropped'
  /** The GPU device was lost, and everything was set up again. */
  | 'device-rebuilt'
  /** The files do not say how the last hidden state of a head that weighs them is meant, and the older convention is assumed. */
  | 'classic-hidden-states'
  /** The model comes with a language model, which the engine does not use. */
  | 'language-model-unused'
  /** A language model has no list of words, so the beginning of every word counts as unknown. */
  | 'no-unigrams'
  | 'unexpected-tensors'
  /** Prefixes that training wrappers add were removed from tensor names. */
  | 'renamed-tensors'
  /** Part of an audio file is damaged or missing, and is replaced by silence. */
  | 'damaged-audio';

/** Called by a part of the engine to report a problem that it worked around. */
export type WarningCallback = (code: WarningCode, message: string) => void;

export type ProgressCallback = (info: ProgressInfo) => void;

/** Decoded audio with samples in [-1, 1]. */
export interface AudioClip {
  /** One array per channel, all of the same length. */
  readonly channels: readonly Float32Array[];
  readonly sampleRate: number;
  /** Tells which parts of the file were damaged or missing, and how they were replaced: one sentence each, with seconds. */
  readonly warnings?: readonly string[] | undefined;
}
