import type { AudioClip, ModelFiles, WarningCallback } from './files.ts';
import type { ByteStream, SoundStream } from './sound-stream.ts';

export interface OpenFilesOptions {
  /** Whether files are stored for the next load and read from there. */
  readonly cache?: boolean | undefined;
  /** The folder where they are stored, in Node. */
  readonly cacheDir?: string | null | undefined;
  /** Whether nothing may be requested. */
  readonly localFilesOnly?: boolean | null | undefined;
  /** Branch, tag or commit of a Hugging Face repository. */
  readonly revision?: string | null | undefined;
  /** What grants access to the repository: see `PretrainedOptions`. */
  readonly token?: string | boolean | null | undefined;
  /** A connection that brings no byte for this long counts as dropped. */
  readonly stallTimeoutMs?: number | undefined;
  readonly onWarning?: WarningCallback | undefined;
}

export interface AudioDecodeOptions {
  /** Longer audio is an error: before it is decoded or, if its headers do not tell the length, before it fills the memory. */
  readonly maxSeconds?: number | undefined;
  /** Return one channel, the mean of all, mixed block by block. Default: false, which returns every channel. */
  readonly mono?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  /**
   * Where the sound has to begin at the latest, in frames of a file of this rate in Hz. Files that can be jumped in begin there, and `skippedFrames` says so; others
   * at their start.
   */
  readonly wantedFrame?: ((sampleRate: number) => number) | undefined;
}

export interface DecodeAheadOptions extends Omit<AudioDecodeOptions, 'mono' | 'wantedFrame'> {
  /** In Hz. */
  readonly sampleRate: number;
  /** Whether others follow. A single file pays only if it is long. */
  readonly isOneOfMany: boolean;
}

/** Stores small texts for the next load: the measurements of an adapter. */
export interface TuningStore {
  /** The text under a name; undefined if there is none, or if it cannot be read. */
  read(name: string): Promise<string | undefined>;
  /** Whether `write` is likely to work. */
  isWritable(): Promise<boolean>;
  /**
   * Stores a text completely or not at all.
   * @returns the place where it is stored, to be shown to people.
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
  /** Advice for a user whose machine offers no adapter. */
  readonly noAdapterFix: string;
  /**
   * The files of a model: a URL, a Hugging Face id, or a path (of a folder in Node, relative to the page in browsers).
   * @throws UniSpeechError `bad-option`.
   */
  openModelFiles(location: string | URL, options?: OpenFilesOptions): ModelFiles;
  readonly tuningStore: TuningStore;
  /**
   * The bytes of an audio file given by path or URL: `http:`, `https:`, `data:`, `blob:`, in Node also `file:`. It is opened when the
   * iteration begins.
   * @throws UniSpeechError `bad-input`.
   */
  openAudioFile(location: string | URL, signal?: AbortSignal): ByteStream;
  /** Loads the code that decodes audio files before it is needed, where that takes time. */
  prepareAudioFiles?(): Promise<void>;
  /**
   * Decodes an audio file while its bytes come: WAV, AIFF, FLAC, MP3, Ogg Vorbis or Ogg Opus, and what else the platform knows.
   * Browsers hold a file whole for Web Audio: all that WebCodecs lacks, and formats that the engine does not know itself.
   * @param name shown in errors.
   */
  readonly streamAudio: (bytes: ByteStream, name: string, options?: AudioDecodeOptions) => SoundStream;
  /**
   * Decodes a file in another thread, ahead of whoever takes the sound: mono, at the rate of the options. Undefined where that is not possible or
   * does not pay.
   */
  readonly decodeAhead?: (
    location: string | URL,
    name: string,
    options: DecodeAheadOptions,
  ) => SoundStream | undefined;
  /**
   * Decodes a whole audio file.
   * @param name shown in errors.
   * @throws UniSpeechError `bad-audio`.
   */
  decodeAudio(bytes: Uint8Array, name: string, options?: AudioDecodeOptions): Promise<AudioClip>;
}
