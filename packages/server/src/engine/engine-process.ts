/** The front's side of one engine process: starts it, passes messages, and says when and why it has ended. */
import { type ChildProcess, fork } from 'node:child_process';
import type { FromEngine, ToEngine } from './messages.ts';

/** What is kept of its standard error, to say why it ended. */
const MAX_ERROR_BYTES = 4096;

export interface EngineProcessOptions {
  readonly childModule: string;
  /** The adapter that Dawn takes; undefined for the best one. */
  readonly device: string | undefined;
  readonly onMessage: (message: FromEngine) => void;
  /** Called once, when all its messages have come. */
  readonly onExit: (reason: string) => void;
}

export class EngineProcess {
  readonly #child: ChildProcess;
  #errorText = '';
  #hasEnded = false;
  #isKilled = false;
  #killReason: string | undefined;
  #exit: string | undefined;
  #isDisconnected = false;
  readonly #onExit: (reason: string) => void;

  constructor({ childModule, device, onMessage, onExit }: EngineProcessOptions) {
    this.#onExit = onExit;
    const child = fork(childModule, [], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: { ...process.env, ...(device !== undefined && { UNISPEECH_ADAPTER: device }) },
      // One that is told to stop ends by itself; Ctrl-C would end it before its work.
      detached: false,
    });
    this.#child = child;
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#errorText = (this.#errorText + text).slice(-MAX_ERROR_BYTES);
    });
    child.on('message', (message) => {
      if (!this.#hasEnded && !this.#isKilled) onMessage(message as FromEngine);
    });
    child.on('error', (error) => this.#end(error.message, true));
    child.on('exit', (code, signal) => this.#end(signal ?? `exit code ${code}`));
    // Comes behind the last message, which may say what it died of.
    child.on('disconnect', () => this.#end(undefined, true));
  }

  get processId(): number | undefined {
    return this.#child.pid;
  }

  /** The end of what it wrote to its standard error. */
  get errorText(): string {
    return this.#errorText.trim();
  }

  send(message: ToEngine): void {
    // An error here means that it is ending, which its end will say.
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }

  /** What it has still said by then is not heard. @param reason is that of its end. */
  kill(reason?: string): void {
    this.#isKilled = true;
    this.#killReason = reason;
    this.#child.kill('SIGKILL');
  }

  #end(reason: string | undefined, isDisconnected = false): void {
    this.#exit ??= reason && (this.#killReason ?? reason);
    this.#isDisconnected ||= isDisconnected;
    if (this.#hasEnded || this.#exit === undefined || !this.#isDisconnected) return;
    this.#hasEnded = true;
    this.#onExit(this.#exit);
  }
}
