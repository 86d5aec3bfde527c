/** Errors of the engine: a code to branch on, one sentence on what is wrong, and what to do about it. */
import { isError } from './checks.ts';

export type ErrorCode =
  | 'no-webgpu'
  | 'no-adapter'
  | 'no-device'
  | 'device-lost'
  | 'limit-exceeded'
  | 'shader-failed'
  | 'out-of-memory'
  | 'bad-config'
  | 'bad-checkpoint'
  | 'bad-input'
  | 'bad-audio'
  | 'bad-option'
  | 'not-found'
  | 'network'
  | 'disposed'
  | 'worker-failed'
  | 'no-microphone'
  | 'unsupported';

/**
 * Every error that the engine throws on purpose. `message` is one sentence that says what was found
 * where, and what was expected; `fix` says what the caller can do.
 *
 * Cancelling through an `AbortSignal` is not an error of the engine: it rejects with the signal's reason.
 */
export class UniSpeechError extends Error {
  override readonly name = 'UniSpeechError';

  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly fix?: string,
    options?: ErrorOptions,
  ) {
    super(fix === undefined ? message : `${message} ${fix}`, options);
  }

  /**
   * Every browser entry is a file of its own with its own copy of this class, so `instanceof` goes by name. Classes that
   * extend this one keep the usual meaning.
   */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return this === UniSpeechError
      ? isError(value) && value.name === 'UniSpeechError'
      : Function.prototype[Symbol.hasInstance].call(this, value);
  }
}

/** Says what a value is, shortly enough for an error message. */
export function describeValue(value: unknown): string {
  if (typeof value === 'string')
    return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}...` : value);
  if (value === null || typeof value !== 'object') return String(value);
  if (Array.isArray(value)) return `an array of ${value.length}`;
  // Not `value.constructor.name`: JSON may hold a key of that name.
  const { constructor } = value as { readonly constructor: unknown };
  return typeof constructor === 'function' && constructor !== Object ? `a ${constructor.name}` : 'an object';
}

/** Rejects options that nothing reads: silently ignored options are worse than errors. */
export function rejectUnknownOptions(options: object, known: readonly string[], where: string): void {
  for (const key of Object.keys(options)) {
    if (!known.includes(key)) {
      throw new UniSpeechError(
        'bad-option',
        `${where} has no option "${key}".`,
        `Its options are ${known.join(', ')}.`,
      );
    }
  }
}
