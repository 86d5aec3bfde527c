/** One run of `ffmpeg`: bytes in, bytes out, as fast as they are taken. */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Writable } from 'node:stream';
import type { RewindableBytes } from '../audio/byte-stream.ts';
import { abortable, whenAborted } from '../base/abortable.ts';

/** How a run ended. */
export interface FfmpegEnd {
  /** Why it was not started. */
  readonly cause?: NodeJS.ErrnoException;
  /** Why it ended too early. */
  readonly failure: string | undefined;
  /** The last error line that ffmpeg wrote. */
  readonly complaint: string;
}

const MAX_ERROR_TEXT_LENGTH = 4096;
const MAX_ERROR_LINE_LENGTH = 200;

export class FfmpegProcess {
  readonly #child: ChildProcess;
  readonly #output: AsyncIterator<Uint8Array> | undefined;
  readonly #ended: Promise<{ readonly cause?: NodeJS.ErrnoException; readonly code?: number | string }>;
  readonly #timeoutMs: number;
  readonly #signal: AbortSignal | undefined;
  readonly #endWait: () => void;
  readonly #input: RewindableBytes | undefined;
  readonly #fed: Promise<void>;
  #inputError: { readonly error: unknown } | undefined;
  #errorText = '';
  #failure: string | undefined;
  #hasOutput = false;
  /** Whether there is nothing to read for ffmpeg at the moment, because its input is slow. */
  #isStarved = false;
  /** When it was seen to work, in milliseconds. */
  #lastProgress = 0;

  /**
   * Starts ffmpeg, and ends it when the signal is aborted.
   * @param input goes to its standard input, as fast as ffmpeg reads.
   */
  constructor(
    args: readonly string[],
    input: RewindableBytes | undefined,
    { signal, timeoutMs }: { readonly signal?: AbortSignal | undefined; readonly timeoutMs: number },
  ) {
    const child: ChildProcess = spawn('ffmpeg', args, { stdio: ['pipe', 'pipe', 'pipe'], windowsHide: true });
    this.#child = child;
    this.#timeoutMs = timeoutMs;
    this.#signal = signal;
    this.#input = input;
    this.#ended = new Promise((resolve) => {
      child.on('error', (cause) => resolve({ cause }));
      child.on('close', (code, signalName) => resolve({ code: code ?? signalName ?? 'an error' }));
    });
    // Without file descriptors to spare there are no pipes, whatever the types say.
    const { stdin, stdout, stderr } = child;
    this.#output = stdout?.[Symbol.asyncIterator]() as AsyncIterator<Uint8Array> | undefined;
    stderr?.on('data', (part: Buffer) => {
      this.#errorText = (this.#errorText + part.toString('latin1')).slice(-MAX_ERROR_TEXT_LENGTH);
    });
    this.#endWait = whenAborted(signal, this.#kill);
    // ffmpeg may end before it has read everything. It then reports the reason itself.
    stdin?.on('error', () => undefined);
    this.#fed = input && stdin ? this.#feed(input, stdin) : Promise.resolve();
    if (!input) stdin?.end();
  }

  /** Whether any byte was read. */
  get hasOutput(): boolean {
    return this.#hasOutput;
  }

  /** The next bytes of its output; undefined at the end. */
  async read(): Promise<Uint8Array | undefined> {
    this.#lastProgress = performance.now();
    const timer = setInterval(() => this.#checkProgress(), this.#timeoutMs / 4);
    try {
      const next = await this.#output?.next();
      if (!next || next.done === true) return undefined;
      this.#hasOutput = true;
      return next.value;
    } catch (error) {
      // The output breaks off where the process is ended.
      this.#fail(String(error));
      return undefined;
    } finally {
      clearInterval(timer);
    }
  }

  /** Waits for its end, and until nothing reads the input. @throws what the input throws. */
  async end(): Promise<FfmpegEnd> {
    const { cause, code } = await this.#ended;
    // The source may be slow.
    this.#input?.stop();
    await abortable(this.#fed, this.#signal);
    if (this.#inputError) throw this.#inputError.error;
    const complaint = lastLine(this.#errorText);
    if (code !== 0 && code !== undefined) this.#failure ??= complaint || `it ended with ${code}`;
    return { ...(cause && { cause }), failure: this.#failure, complaint };
  }

  /** Ends it if it still runs, and waits for that. */
  async stop(): Promise<void> {
    this.#endWait();
    this.#kill();
    this.#child.stdin?.destroy();
    this.#child.stdout?.destroy();
    await this.#ended;
  }

  /** A process that did not start has no id, and a signal to it would end this one with its whole group. */
  readonly #kill = (): void => {
    if (this.#child.pid !== undefined) this.#child.kill('SIGKILL');
  };

  #fail(reason: string): void {
    this.#failure ??= reason;
    this.#kill();
  }

  #checkProgress(): void {
    if (this.#isStarved) this.#lastProgress = performance.now();
    if (performance.now() - this.#lastProgress >= this.#timeoutMs)
      this.#fail(`it did nothing for ${this.#timeoutMs / 1000} s`);
  }

  async #feed(input: RewindableBytes, stdin: Writable): Promise<void> {
    try {
      this.#isStarved = true;
      for await (const block of input.all()) {
        this.#isStarved = false;
        if (stdin.destroyed) break;
        if (!stdin.write(block)) await drained(stdin);
        this.#lastProgress = performance.now();
        this.#isStarved = true;
      }
      stdin.end();
    } catch (error) {
      this.#inputError ??= { error };
      this.#kill();
    } finally {
      this.#isStarved = false;
    }
  }
}

/** Waits until more can be written, or nothing any more. */
const drained = (stream: Writable): Promise<void> =>
  new Promise((resolve) => {
    const settle = (): void => {
      stream.off('drain', settle);
      stream.off('close', settle);
      resolve();
    };
    stream.on('drain', settle);
    stream.on('close', settle);
    if (stream.destroyed) settle();
  });

/** Removes ffmpeg's prefix: `[aac @ 0x55d5] `. */
const lastLine = (text: string): string =>
  (
    text
      .trim()
      .split(/[\r\n]+/)
      .at(-1) ?? ''
  )
    .replace(/^\[[^\]]*\] */, '')
    .slice(0, MAX_ERROR_LINE_LENGTH);
