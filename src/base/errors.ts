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
  | 'busy'
  | 'disposed'
  | 'worker-failed'
  | 'no-microphone'
  | 'unsupported'
  // Of alignments: fewer frames than the tokens need; a text that the audio cannot be; a character that the model has no token for.
  | 'too-short'
  | 'no-path'
  | 'unknown-character';

/** Maximum lengths of a whole message and of its fix, because names and values in them come from outside. */
export const MAX_MESSAGE_LENGTH = 400;
const MAX_FIX_LENGTH = 300;

/**
 * Every error that the engine throws on purpose. `message` is one sentence that says what was found,
 * where, and what was expected. `fix` says what the caller can do. Both are one line of bounded length without control
 * characters, whatever names and values they contain.
 *
 * Cancelling through an `AbortSignal` is not an error of the engine. It rejects with the signal's reason.
 */
export class UniSpeechError extends Error {
  override readonly name = 'UniSpeechError';

  /** `message` without the fix. */
  readonly sentence: string;

  readonly fix: string | undefined;

  constructor(
    readonly code: ErrorCode,
    message: string,
    fix?: string,
    options?: ErrorOptions,
  ) {
    const end = fix === undefined ? '' : ` ${oneLine(fix, MAX_FIX_LENGTH)}`;
    const sentence = oneLine(message, MAX_MESSAGE_LENGTH - end.length);
    super(sentence + end, options);
    this.sentence = sentence;
    this.fix = fix === undefined ? undefined : end.slice(1);
  }

  /**
   * Every browser entry is a separate file with its own copy of this class, so `instanceof` compares names. Classes that
   * extend this one keep the usual meaning.
   */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return this === UniSpeechError
      ? isError(value) && value.name === 'UniSpeechError'
      : Function.prototype[Symbol.hasInstance].call(this, value);
  }
}

/**
 * Turns a text from outside into one line without control characters and lone surrogates. A text longer than `maxLength` loses
 * its middle. Its end stays, because a message that begins with a long path says at its end what is wrong.
 */
export function oneLine(text: string, maxLength: number): string {
  const room = maxLength - 3;
  const cut =
    text.length > maxLength
      ? `${text.slice(0, Math.ceil(room / 2))} … ${text.slice(-Math.floor(room / 2))}`
      : text;
  return cut.replace(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu, (character) =>
    /\s/.test(character) ? ' ' : '\ufffd',
  );
}

/** Describes a value in few words, for error messages. Never throws, and reads only names of the value. */
export function describeValue(value: unknown): string {
  if (typeof value === 'string')
    return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}...` : value);
  if (typeof value === 'function') return 'a function';
  // Formatting a huge number takes long.
  if (typeof value === 'bigint' && BigInt.asIntN(64, value) !== value) return 'a bigint beyond 64 bits';
  if (value === null || typeof value !== 'object') return oneLine(String(value), 60);
  try {
    if (Array.isArray(value)) return `an array of ${value.length}`;
    // `value.constructor.name` is not used, because JSON may contain a key of that name.
    const { constructor } = value as { readonly constructor: unknown };
    if (typeof constructor !== 'function' || constructor === Object) return 'an object';
    return `a ${oneLine(constructor.name, 60)}`;
  } catch {
    // The value is a proxy, or has a getter that throws.
    return 'an object';
  }
}

/** Rejects unknown options. To ignore them silently would be worse than an error. */
export function rejectUnknownOptions(options: object, known: readonly string[], where: string): void {
  const given: unknown = options;
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new UniSpeechError(
      'bad-option',
      `The options of ${where} are ${describeValue(given)}, but they must be an object.`,
    );
  }
  for (const key of Object.keys(given)) {
    if (!known.includes(key)) {
      throw new UniSpeechError(
        'bad-option',
        `${where} has no option ${describeValue(key)}.`,
        `Its options are ${known.join(', ')}.`,
      );
    }
  }
}
