/** How the layers above read model files without knowing whether they come from a folder, a URL or a cache. */
import { UniSpeechError } from './errors.ts';

/** Random access to the bytes of one file. */
export interface ByteSource {
  /** Shown in errors: the file's path or URL. */
  readonly name: string;
  readonly byteLength: number;
  /**
   * Reads exactly `byteLength` bytes at `byteOffset`. The result is the caller's own.
   * @param into memory of at least `byteLength` bytes to read into instead of new one; a source may leave it unused.
   */
  read(byteOffset: number, byteLength: number, signal?: AbortSignal, into?: ArrayBuffer): Promise<Uint8Array>;
  /**
   * Reads what nobody asked for, where the file is to be kept or checked as a whole; other sources have no such method.
   * @param onRead called with the bytes of each part.
   * @throws UniSpeechError `bad-checkpoint` when the file is not the one that its server describes.
   */
  finish?(signal?: AbortSignal, onRead?: (byteLength: number) => void): Promise<void>;
  close(): Promise<void>;
}

/** The most bytes of a configuration: the largest real ones have some hundred thousand, most of them names of classes. */
export const MAX_CONFIG_BYTE_LENGTH = 4 * 2 ** 20;
/** The most bytes of any other file that is read as a whole: vocabularies (1.3 MB for 1,162 languages) and indices of shards. */
export const MAX_TEXT_BYTE_LENGTH = 16 * 2 ** 20;

/** The error of `readText`. @param found the bytes of the file; left out where it did not end. */
export function textTooLong(name: string, maxByteLength: number, found?: number): UniSpeechError {
  return new UniSpeechError(
    'bad-config',
    `${name} has ${found ?? `more than ${maxByteLength}`} bytes, but at most ${maxByteLength} are read of a file of its kind.`,
    'Check that it is the file of the model that its name says.',
  );
}

/** The files of one model: a folder on disk or a base URL. */
export interface ModelFiles {
  /** Shown in errors: what the user gave, without what grants access. */
  readonly location: string;
  /** In progress events: what the user gave. `location` where it is left out. */
  readonly id?: string | undefined;
  /** What to do about a file that is needed and not there, where the source knows better than its reader. */
  readonly missingFix?: string | undefined;
  /** Opens a file for ranged reads, or resolves to `undefined` when there is none of this name. */
  open(fileName: string, signal?: AbortSignal): Promise<ByteSource | undefined>;
  /**
   * The text of a small file without a byte order mark, or `undefined` when there is none of this name.
   * @param maxByteLength default `MAX_TEXT_BYTE_LENGTH`. Nothing beyond it is read: of a file whose length is known, nothing
   * at all, of one that is compressed or does not end, no more than that.
   * @throws UniSpeechError `bad-config` (`textTooLong`).
   */
  readText(fileName: string, signal?: AbortSignal, maxByteLength?: number): Promise<string | undefined>;
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
      /** Bytes so far. */
      readonly loaded: number;
      readonly total: number;
    }
  | {
      readonly status: 'progress_total';
      readonly name: string;
      readonly progress: number;
      readonly loaded: number;
      readonly total: number;
      /** Over the last seconds. */
      readonly bytesPerSecond?: number;
      readonly stage?: LoadStage;
      readonly files: Readonly<Record<string, { readonly loaded: number; readonly total: number }>>;
    }
  | {
      /** Something was worked around: the load or the call goes on. */
      readonly status: 'warning';
      readonly name: string;
      readonly code: WarningCode;
      readonly message: string;
    }
  | { readonly status: 'ready'; readonly task: string; readonly model: string };

/** What a load is waiting for. */
export type LoadStage = 'download' | 'compile' | 'check' | 'tune';

export type WarningCode =
  /** The browser's storage is full or closed: the model is used without being kept. */
  | 'cache-full'
  | 'cache-unavailable'
  /** A kept file did not match its checksum and was fetched again. */
  | 'cache-corrupt'
  /** A kernel variant gave a wrong answer on this adapter and another one is used. */
  | 'kernel-dropped'
  /** The GPU device was lost and everything was made anew. */
  | 'device-rebuilt'
  | 'unexpected-tensors'
  /** Names of tensors lost what wrappers of training put in front of them. */
  | 'renamed-tensors'
  /** Part of an audio file is damaged or missing: silence stands for it. */
  | 'damaged-audio';

/** How a part of the engine reports what it worked around. */
export type WarningCallback = (code: WarningCode, message: string) => void;

export type ProgressCallback = (info: ProgressInfo) => void;

/** Decoded audio, samples in [-1, 1]. */
export interface AudioClip {
  /** One array a channel, all of one length. */
  readonly channels: readonly Float32Array[];
  readonly sampleRate: number;
  /** What of its file was damaged or missing, and what stands for it: one sentence each, with seconds. */
  readonly warnings?: readonly string[] | undefined;
}
