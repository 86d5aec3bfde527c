/** Errors of the pool itself. What a model, a file or an option is to blame for stays the `UniSpeechError` that the engine threw. */

export type EngineErrorCode =
  /** More waits than can be served in time. */
  | 'queue_full'
  /** The job waited longer than it may. */
  | 'deadline_exceeded'
  /** The clip ended the engine's process, alone: it would do so again. */
  | 'engine_crashed'
  /** No engine can be started. */
  | 'no_device'
  /** The engine is starting, and the job must not wait for it. */
  | 'model_loading'
  | 'model_not_found'
  /** The pool is being stopped. */
  | 'draining'
  /** It lasts longer than the job allows, or would take more of the disk than the spool may have. */
  | 'audio_too_long'
  /** Not a frame of the model. */
  | 'audio_too_short'
  /** Nothing here decodes the file. */
  | 'unsupported_format'
  /** The device had no memory left for the clip: another try may find some. */
  | 'out_of_memory'
  /** It was so again. */
  | 'too_little_memory'
  /** Not among the engine's parts. */
  | 'unsupported_endpoint';

export class EngineError extends Error {
  override readonly name = 'EngineError';

  /** @param retryAfterSeconds when it may be worth another try: from 1 to 60. */
  constructor(
    readonly code: EngineErrorCode,
    message: string,
    readonly retryAfterSeconds?: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
