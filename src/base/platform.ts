import type { AudioClip, ModelFiles, WarningCallback } from './files.ts';

export interface OpenFilesOptions {
  /** Whether the files are kept in the browser's storage and read from there. */
  readonly cache?: boolean | undefined;
  /** Branch, tag or commit of a Hugging Face id. */
  readonly revision?: string | null | undefined;
  /** A connection that brings no byte for so long counts as dropped. */
  readonly stallTimeoutMs?: number | undefined;
  readonly onWarning?: WarningCallback | undefined;
}

export interface AudioDecodeOptions {
  /** Longer audio is an error before it is decoded, or where its headers do not tell, before it fills the memory. */
  readonly maxSeconds?: number | undefined;
  /** One channel, the mean of all, mixed block by block. Default false: every channel. */
  readonly mono?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Small texts that are kept for the next load: what was measured on an adapter. */
export interface TuningStore {
  /** What is kept under a name; undefined where there is nothing, or nothing can be read. */
  read(name: string): Promise<string | undefined>;
  /** Whether `write` is likely to work. */
  isWritable(): Promise<boolean>;
  /**
   * Keeps a text as a whole or not at all.
   * @returns where it is kept, for people.
   * @throws whatever the system throws.
   */
  write(name: string, text: string): Promise<string>;
}

/** The few things that Node and browsers do differently. Everything else of the engine is shared. */
export interface Platform {
  readonly name: 'node' | 'browser';
  /**
   * The WebGPU entry point.
   * @throws UniSpeechError `no-webgpu` with the fix for this platform.
   */
  requestGpu(): Promise<GPU>;
  /** What to tell a user whose machine offers no adapter. */
  readonly noAdapterFix: string;
  /**
   * The files of a model: a URL, a Hugging Face id, or a path (of a folder in Node, relative to the page in browsers).
   * @throws UniSpeechError `bad-option`.
   */
  openModelFiles(location: string | URL, options?: OpenFilesOptions): ModelFiles;
  readonly tuningStore: TuningStore;
  /** The bytes of an audio file given by path or URL: `http:`, `https:`, `data:`, `blob:`, in Node also `file:`. */
  readAudioFile(location: string | URL, signal?: AbortSignal): Promise<Uint8Array>;
  /**
   * Decodes a whole audio file: WAV, AIFF, FLAC, MP3, Ogg Vorbis or Ogg Opus in Node.
   * @param name shown in errors.
   * @throws UniSpeechError `bad-audio`.
   */
  decodeAudio(bytes: Uint8Array, name: string, options?: AudioDecodeOptions): Promise<AudioClip>;
}
