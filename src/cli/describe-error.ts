import { messageOf } from '../base/checks.ts';
import { oneLine } from './printable.ts';

/** Errors as one readable line: messages of the engine say what to do, of others only the message is shown. */
export const describeError = (error: unknown): string => oneLine(messageOf(error));
