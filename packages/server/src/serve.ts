/** `unispeech-server serve`: listens until a signal comes. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import path from 'node:path';
import { createEnginePool } from './engine/create-pool.ts';
import { removeLeftSpools } from './base/left-spools.ts';
import { StartError } from './http/start-error.ts';
import { SERVE_HELP, type ServeOptions, serveOptions, ServeUsageError } from './serve-options.ts';
import { type RunningServer, type ServerParts, startServer } from './start-server.ts';

export interface ServePlace {
  readonly version: string;
  /** Of the files of the page. */
  readonly pageFolder: URL;
}

export async function serve(argv: readonly string[], { version, pageFolder }: ServePlace): Promise<void> {
  if (argv.includes('--help') || argv.includes('-h')) {
    console.log(SERVE_HELP);
    return;
  }
  const options = checkedOptions(argv);
  if (!options) return;
  const { front, graceMilliseconds, metricsPort, ...poolOptions } = options;
  await removeLeftSpools(path.dirname(front.spoolFolder));
  const server = await started({
    settings: front,
    version,
    pageFiles: readPage(pageFolder),
    metricsPort,
    logSink: (line) => process.stdout.write(`${line}\n`),
    makePool: (hooks) =>
      createEnginePool({
        ...poolOptions,
        spoolFolder: path.join(`${front.spoolFolder}-clips`),
        maxSpoolBytes: front.maxSpoolBytes,
        deadlineMilliseconds: front.deadlineMilliseconds,
        ...hooks,
      }),
  });
  if (!server) return;
  endAtSignal(() => server.stop(graceMilliseconds));
  // For people; the log is on the standard output.
  console.error(`unispeech-server listens on ${server.url}`);
  await server.loaded;
  for (const { id, status, failure } of server.pool.models)
    console.error(`${id}: ${status}${failure === undefined ? '' : `: ${failure}`}`);
}

/** @returns undefined where the machine does not allow it, which is told then. */
async function started(parts: ServerParts): Promise<RunningServer | undefined> {
  try {
    return await startServer(parts);
  } catch (error) {
    if (!(error instanceof StartError || (error instanceof Error && 'syscall' in error))) throw error;
    console.error(`unispeech-server: ${error.message}`);
    process.exitCode = 1;
    return undefined;
  }
}

function checkedOptions(argv: readonly string[]): ServeOptions | undefined {
  try {
    return serveOptions(argv, process.env);
  } catch (error) {
    if (!(error instanceof ServeUsageError)) throw error;
    console.error(`unispeech-server: ${error.message}. "unispeech-server --help" lists the options.`);
    process.exitCode = 2;
    return undefined;
  }
}

/** The first signal ends what was accepted; a second one ends the process. */
function endAtSignal(stop: () => Promise<void>): void {
  let isStopping = false;
  const onSignal = (): void => {
    if (isStopping) process.exit(1);
    isStopping = true;
    console.error(
      'unispeech-server ends when what it has accepted is done; the signal once more ends it at once.',
    );
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
}

function readPage(folder: URL): ReadonlyMap<string, string> {
  const directory = fileURLToPath(folder);
  return new Map(
    readdirSync(directory).map((name) => [name, readFileSync(path.join(directory, name), 'utf8')]),
  );
}
