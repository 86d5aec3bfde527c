/** Errors of PyTorch files. */
import { UniSpeechError } from '../../base/errors.ts';

const DAMAGED = 'The file is damaged, incomplete or not written by torch.save: fetch it again.';

/** @param where the file, or a part of it. */
export const badFile = (where: string, message: string, fix = DAMAGED, cause?: unknown): UniSpeechError =>
  new UniSpeechError('bad-checkpoint', `${where}: ${message}`, fix, { cause });

/** Makes an error that says where in the file it is. */
export type Refuse = (message: string) => UniSpeechError;
