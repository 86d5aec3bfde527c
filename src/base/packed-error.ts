/** Errors on their way from one thread to another. */
import { type ErrorCode, UniSpeechError } from './errors.ts';

interface PackedError {
  readonly unispeechCode: ErrorCode;
  readonly sentence: string;
  readonly fix: string | undefined;
  readonly cause: unknown;
}

/** Carries class and code of an error, which structured clones lose. Errors of the platform are cloned unchanged. */
export function packError(error: unknown): unknown {
  if (!(error instanceof UniSpeechError)) return error;
  const { code, sentence, fix, cause } = error;
  return { unispeechCode: code, sentence, fix, cause: packError(cause) } satisfies PackedError;
}

export function unpackError(packed: unknown): unknown {
  if (typeof packed !== 'object' || packed === null || !('unispeechCode' in packed)) return packed;
  const { unispeechCode, sentence, fix, cause } = packed as PackedError;
  return new UniSpeechError(
    unispeechCode,
    sentence,
    fix,
    cause === undefined ? {} : { cause: unpackError(cause) },
  );
}
