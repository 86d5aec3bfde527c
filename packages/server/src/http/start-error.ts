/** What keeps a server from starting, in a sentence for who starts it. */

export class StartError extends Error {
  override readonly name = 'StartError';
}

/** @returns the error itself where it says nothing about the address. */
export function listenError(error: NodeJS.ErrnoException, host: string, port: number): Error {
  const sentence = {
    EADDRINUSE: `Port ${port} of ${host} is taken: end the program that has it, or give another one.`,
    EACCES: `Port ${port} of ${host} may not be used by this user: give one above 1023.`,
    EADDRNOTAVAIL: `${host} is no address of this machine: give --host one that it has.`,
    ENOTFOUND: `${host} is no name of this machine: give --host one that it has.`,
  }[error.code ?? ''];
  return sentence === undefined ? error : new StartError(sentence, { cause: error });
}
