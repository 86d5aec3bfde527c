/** Errors on their way from an engine process to the front: the code, the sentence and the fix of the engine's own ones. */
import { UniSpeechError } from 'unispeech-webgpu';
import { EngineError, type EngineErrorCode } from './engine-error.ts';

export interface PackedFailure {
  readonly kind: 'engine' | 'pool' | 'other';
  readonly code?: string | undefined;
  readonly message: string;
  readonly fix?: string | undefined;
}

export function packFailure(error: unknown): PackedFailure {
  if (error instanceof EngineError) return { kind: 'pool', code: error.code, message: error.message };
  if (error instanceof UniSpeechError) {
    const { code, sentence, fix } = error;
    return { kind: 'engine', code, message: sentence, fix };
  }
  return { kind: 'other', message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}

/** Whether a model cannot be loaded for the sake of the device, which other models would not get either. */
export const isFailureOfDevice = ({ kind, code = '' }: PackedFailure): boolean =>
  kind === 'pool' || ['no-webgpu', 'no-adapter', 'no-device'].includes(code);

export function unpackFailure({ kind, code, message, fix }: PackedFailure): Error {
  switch (kind) {
    case 'engine':
      return new UniSpeechError(code as UniSpeechError['code'], message, fix);
    case 'pool':
      return new EngineError(code as EngineErrorCode, message);
    case 'other':
      return new Error(message);
  }
}
