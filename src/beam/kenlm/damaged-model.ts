/** The errors of language models whose files are damaged, cut off, or something else. */
import { UniSpeechError } from '../../base/errors.ts';

/** @param sentence begins with the name of the file. */
export const damagedModel = (sentence: string, fix = 'Download or build the language model again.') =>
  new UniSpeechError('bad-checkpoint', sentence, fix);

/** A file that is whole, but of a kind that is not read. */
export const unsupportedModel = (sentence: string, fix?: string) =>
  new UniSpeechError('unsupported', sentence, fix);
