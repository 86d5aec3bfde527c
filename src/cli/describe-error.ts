import { messageOf } from '../base/checks.ts';
import { oneLine } from './printable.ts';

/** Formats an error as one readable line. The engine's messages say what to do; of other errors only the message is shown. */
export const describeError = (error: unknown): string => oneLine(messageOf(error));
