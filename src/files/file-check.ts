/** Compares a file with what its server says of it. */
import { UniSpeechError } from '../base/errors.ts';

/** A digest of bytes that come in pieces. */
export interface RunningDigest {
  update(bytes: Uint8Array): unknown;
  /** Hexadecimal digits. Nothing can be added afterwards. */
  hex(): string;
}

export interface FileCheck {
  /** The kind of digest, for the error. */
  readonly kind: string;
  readonly digest: RunningDigest;
  readonly expected: string;
}

/** The error for a file that is not what it should be, once all of it was added to the digest. */
export function mismatchOf(name: string, { kind, digest, expected }: FileCheck): UniSpeechError | undefined {
  const found = digest.hex();
  if (found === expected) return undefined;
  return new UniSpeechError(
    'bad-checkpoint',
    `${name} has the ${kind} ${found}, but the server says that it is ${expected}.`,
    'The file was damaged on its way: load it again.',
  );
}
