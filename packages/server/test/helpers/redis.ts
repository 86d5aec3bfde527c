/** A Redis or Valkey of a test's own, where the machine has one: on a free port of the loopback, in a folder of its own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { freePort } from './free-port.ts';
import type { FoundServer, QueueServer } from './queue-servers.ts';

class RedisServer implements QueueServer {
  readonly kind = 'redis';
  readonly url: string;
  readonly #program: string;
  readonly #folder = mkdtempSync(path.join(os.tmpdir(), 'unispeech-redis-'));
  readonly #port: number;
  #child: ChildProcess | undefined;

  constructor(program: string, port: number) {
    this.#program = program;
    this.#port = port;
    this.url = `redis://127.0.0.1:${port}`;
  }

  /** With the settings that docs/scale.md asks for: what was answered is on the disk, and nothing is forgotten. */
  async start(): Promise<void> {
    const settings = ['--bind', '127.0.0.1', '--port', String(this.#port), '--dir', this.#folder];
    const safety = [
      '--save',
      '',
      '--appendonly',
      'yes',
      '--appendfsync',
      'always',
      '--maxmemory-policy',
      'noeviction',
    ];
    this.#child = spawn(this.#program, [...settings, ...safety], { stdio: 'ignore' });
    for (let tries = 0; !(await this.#answers()); tries += 1) {
      if (tries > 200 || this.#child.exitCode !== null)
        throw new Error(`${this.#program} does not answer on port ${this.#port}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** It answers -LOADING while it reads its file. */
  async #answers(): Promise<boolean> {
    return (await this.#ask('PING').catch(() => '')).startsWith('+PONG');
  }

  /** The beginning of its answer. */
  #ask(command: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect(this.#port, '127.0.0.1', () => socket.write(`${command}\r\n`));
      socket.once('data', (data) => {
        socket.destroy();
        resolve(data.toString());
      });
      socket.once('error', reject);
    });
  }

  async usedBytes(): Promise<number> {
    return Number(/^used_memory:(\d+)/m.exec(await this.#ask('INFO memory'))?.[1]);
  }

  async #end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#child;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }

  shutDown(): Promise<void> {
    return this.#end('SIGTERM');
  }

  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** The programs of this machine that speak Redis' language. */
export const redisServers = (): readonly FoundServer[] =>
  ['redis-server', 'valkey-server'].flatMap((name) => {
    const program = (process.env.PATH ?? '')
      .split(path.delimiter)
      .map((folder) => path.join(folder, name))
      .find((file) => {
        try {
          accessSync(file, constants.X_OK);
          return true;
        } catch {
          return false;
        }
      });
    return program === undefined
      ? []
      : [{ name, create: async () => new RedisServer(program, await freePort()) }];
  });
