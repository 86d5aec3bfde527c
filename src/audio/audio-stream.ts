/** Sound that comes block by block, so that hours of it need the memory of seconds. */

/**
 * Mono sound at one rate. It can be iterated once; leaving the loop early closes the file behind it.
 * Iterating throws UniSpeechError `bad-audio`, `bad-input`, `network`, and the reason of an aborted signal.
 */
export interface AudioStream extends AsyncIterable<Float32Array> {
  /** Shown in errors. */
  readonly name: string;
  /** In Hz. */
  readonly sampleRate: number;
  /** Length of the whole in seconds, where a header or the caller tells it by now. The sound may turn out shorter or longer. */
  readonly declaredSeconds: number | undefined;
  /** Says which parts of the sound are damaged or missing, one sentence each with the name first; complete when the iteration is over. */
  readonly warnings: readonly string[];
}
