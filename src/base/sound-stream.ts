/** Audio files while they are read, as bytes and as sound. */

/** The bytes of a file as they come, from wherever they come. */
export interface ByteStream {
  /**
   * Blocks of any size, which never change. They can be iterated once; leaving the loop early closes the file.
   * Iterating throws UniSpeechError, and the reason of an aborted signal.
   */
  readonly blocks: AsyncIterable<Uint8Array>;
  /** Of all blocks, where it is known before they are read. */
  readonly byteLength?: number | undefined;
  /**
   * Opens the same file for reading in any place; undefined where that turns out to be impossible, as with a server that knows no ranges. Whoever opens it closes it.
   * Absent for what comes once.
   */
  readonly openRandom?: (() => Promise<RandomBytes | undefined>) | undefined;
  /** Where the file is on this machine, for programs that read it themselves. */
  readonly path?: string | undefined;
}

/** A file that can be read in any place. Reading throws UniSpeechError, and the reason of an aborted signal. */
export interface RandomBytes {
  readonly byteLength: number;
  /** Fewer bytes where the file ends before. */
  read(offset: number, byteLength: number): Promise<Uint8Array>;
  /** All bytes from a place on. One of them may run, and nothing else meanwhile. */
  from(offset: number): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

/** A block of decoded sound, as it is in the file. */
export interface SoundBlock {
  /** One array per channel, all of the same length. Whoever takes the block may keep them. */
  readonly channels: readonly Float32Array[];
  /** In Hz. It may change from one block to the next, where recordings were joined. */
  readonly sampleRate: number;
}

/** The sound of a file as it comes. It can be iterated once; leaving the loop early closes the file behind it. */
export interface SoundStream extends AsyncIterable<SoundBlock> {
  /** Length of the whole in seconds, where a header tells it by now. The sound may turn out shorter or longer. */
  readonly declaredSeconds: number | undefined;
  /** Says which parts of the sound are damaged or missing, one sentence each; complete when the iteration is over. */
  readonly warnings: readonly string[];
  /** How many frames of the file lie before the first block, which were not asked for; known by then. Default: none. */
  readonly skippedFrames?: number | undefined;
}
