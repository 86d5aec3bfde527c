/** Errors as one readable line: messages of the engine say what to do, of others only the message is shown. */
export const describeError = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
