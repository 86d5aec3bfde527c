/** What a worker cannot decode and a page may: browsers have decoders for pages alone. */
import { UniSpeechError } from '../base/errors.ts';

export class OnlyOnPages extends Error {}

/** Whether an error of decoding in a worker says that a page may know more. */
export const isForPages = (error: unknown): boolean =>
  error instanceof UniSpeechError && (error.code === 'unsupported' || error.cause instanceof OnlyOnPages);
