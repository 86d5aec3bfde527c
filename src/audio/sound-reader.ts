/** Reads a file of uncompressed or barely compressed sound while its bytes come in blocks. */
import type { SoundBlock } from '../base/sound-stream.ts';

/** Takes bytes in blocks of any size and gives sound at the file's rate. What the sound is does not depend on the sizes of the blocks. */
export interface SoundReader {
  /** The block may be kept until its sound was given. @throws UniSpeechError as `finish()`, where it is certain by now. */
  push(bytes: Uint8Array): void;
  /** No bytes follow. @throws UniSpeechError `bad-audio`; `unsupported` for encodings that another decoder may know. */
  finish(): void;
  /** The sound that is certain and was not taken before; all of it after `finish()`. */
  take(): readonly SoundBlock[];
  /** Says which parts of the file are damaged or missing, one sentence each; complete after `finish()`. */
  readonly warnings: readonly string[];
  /** Length of the whole in seconds, where a header tells it by now. The sound may turn out shorter or longer. */
  readonly declaredSeconds: number | undefined;
}
