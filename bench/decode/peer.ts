/** pyctcdecode in a process of its own, which decodes when it is told to. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

interface PeerRun {
  readonly milliseconds: number;
  readonly texts: readonly string[];
}

export class PyctcdecodePeer {
  readonly version: string;
  readonly #process: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #lines: AsyncIterator<string>;

  private constructor(
    version: string,
    process: ChildProcessByStdio<Writable, Readable, Readable>,
    lines: AsyncIterator<string>,
  ) {
    this.version = version;
    this.#process = process;
    this.#lines = lines;
  }

  /** @throws Error where there is no such Python, or it lacks a package. */
  static async start(python: string, jobFile: string): Promise<PyctcdecodePeer> {
    const child = spawn(python, ['bench/decode/pyctcdecode_peer.py', jobFile], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let complaint = '';
    child.stderr.on('data', (text: Buffer) => (complaint = (complaint + text.toString()).slice(-2000)));
    const failed = new Promise<never>((_, reject) => child.on('error', reject));
    failed.catch(() => undefined);
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const first: IteratorResult<string, unknown> = await Promise.race([lines.next(), failed]);
    if (first.done === true) throw new Error(complaint.trim().split('\n').at(-1) ?? 'it said nothing');
    return new PyctcdecodePeer((JSON.parse(first.value) as { version: string }).version, child, lines);
  }

  /** Decodes all clips once. */
  async run(): Promise<PeerRun> {
    this.#process.stdin.write('\n');
    const next: IteratorResult<string, unknown> = await this.#lines.next();
    if (next.done === true)
      throw new Error('pyctcdecode ended: run bench/decode/pyctcdecode_peer.py alone to see why');
    return JSON.parse(next.value) as PeerRun;
  }

  stop(): void {
    this.#process.stdin.end();
  }
}
