/**
 * Child processes that a benchmark drives by messages: one engine each, so that neither shares memory, compiled
 * shaders or threads with another.
 */
import { fork, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** Request kinds with what is asked and answered; anything that structured clone can carry. */
export type Protocol<P> = { readonly [K in keyof P]: { readonly ask: unknown; readonly answer: unknown } };

export type Handlers<P extends Protocol<P>> = {
  readonly [K in keyof P]: (ask: P[K]['ask']) => Promise<P[K]['answer']>;
};

interface Answer {
  readonly value?: unknown;
  readonly error?: string;
}

/** Engines warn on every start; a failure shows the end of what they said. */
const KEPT_STDERR_CHARACTERS = 2000;

/** The parent's handle of one child. One request at a time. */
export class Worker<P extends Protocol<P>> {
  readonly #child: ChildProcess;
  #stderr = '';
  readonly #name: string;

  /**
   * @param file bundle to run; it must call `serve` when started with these arguments.
   * @param env variables on top of this process's.
   */
  constructor(
    name: string,
    file: string,
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ) {
    this.#name = name;
    this.#child = fork(file, args, {
      env: { ...process.env, ...env },
      execArgv: ['--import', pathToFileURL(path.resolve('scripts/use-vulkan.mjs')).href],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-KEPT_STDERR_CHARACTERS);
    });
  }

  /** @throws Error with the child's message, or the end of its stderr where it died. */
  request<K extends keyof P & string>(kind: K, ask: P[K]['ask']): Promise<P[K]['answer']> {
    const child = this.#child;
    return new Promise((resolve, reject) => {
      const died = (code: number | null, signal: string | null): void => {
        child.off('message', answered);
        reject(new Error(`${this.#name} ended with ${signal ?? `code ${code ?? '?'}`}:\n${this.#stderr}`));
      };
      const answered = ({ value, error }: Answer): void => {
        child.off('exit', died);
        if (error === undefined) resolve(value);
        else reject(new Error(`${this.#name}: ${error}`));
      };
      if (child.exitCode !== null || child.signalCode !== null) {
        died(child.exitCode, child.signalCode);
        return;
      }
      child.once('exit', died);
      child.once('message', answered);
      child.send({ kind, ask });
    });
  }

  /** Ends the child at once: there is nothing in it to keep, and engines take long to tidy up. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await exited;
  }
}

/** The child's side: answers requests in turn until the parent goes away. */
export function serve<P extends Protocol<P>>(handlers: Handlers<P>): void {
  const answer = (message: Answer): void => {
    process.send?.(message);
  };
  process.on('disconnect', () => process.exit(0));
  process.on('message', ({ kind, ask }: { kind: keyof P; ask: P[keyof P]['ask'] }) => {
    handlers[kind](ask).then(
      (value) => answer({ value }),
      (error: unknown) =>
        answer({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    );
  });
}
