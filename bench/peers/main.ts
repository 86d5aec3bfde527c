/** `npm run bench -- peers`: parses the command line, installs peers, measures in every venue and reports. */
import { writeFileSync } from 'node:fs';
import { ensureCheckpoint, ensureOnnxFile, readIntoPageCache } from '../lib/checkpoints.ts';
import { readEnvironment } from '../lib/environment.ts';
import { chromiumVenue } from './chromium-venue.ts';
import { measureWorkload } from './measure.ts';
import { nodeVenue, serveIfWorker } from './node-venue.ts';
import { formatCommand, HELP, parseOptions, type PeersOptions } from './options.ts';
import { BenchUsageError } from '../lib/usage-error.ts';
import { installPeers, missingPeers } from './packages.ts';
import { faultsOf, formatReport, isQuiet } from './report.ts';
import type { PeersResults, VenueFacts, VenueName, WorkloadResult } from './results.ts';
import type { PeerModelFiles, Venue } from './venue.ts';
import { workloadsOf } from './workloads.ts';

const log = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

const openVenue = async (name: VenueName, model: PeerModelFiles): Promise<Venue> =>
  name === 'node' ? nodeVenue(model) : await chromiumVenue(model);

/** Returns the exit code: 1 where an engine is wrong. */
async function bench(options: PeersOptions): Promise<number> {
  const workloads = workloadsOf(options.seconds).filter(({ name }) => name.includes(options.only));
  if (workloads.length === 0) {
    const names = workloadsOf(options.seconds).map(({ name }) => name);
    throw new BenchUsageError(`--only: no workload has "${options.only}" in its name: ${names.join('; ')}`);
  }
  const missing = missingPeers();
  if (options.peers.length > 0 && missing.length > 0) {
    log(`Installing ${missing.join(', ')} into .cache/peers`);
    installPeers();
  }
  const model = await prepareModel(
    options,
    workloads.some(({ kind }) => kind === 'model'),
  );
  const venues: VenueFacts[] = [];
  const done: WorkloadResult[] = [];
  const results: PeersResults = {
    suite: 'peers',
    command: formatCommand(options),
    environment: readEnvironment(),
    venues,
    workloads: done,
  };
  for (const name of options.venues) {
    const venue = await openVenue(name, model);
    try {
      venues.push(venue.facts);
      for (const workload of workloads) {
        done.push(await measureWorkload(venue, workload, { ...options, log }));
        // Written after every workload: a long measurement that is interrupted is not lost.
        if (options.jsonFile !== undefined)
          writeFileSync(options.jsonFile, `${JSON.stringify(results, null, 2)}\n`);
      }
    } finally {
      await venue.close();
    }
  }
  process.stdout.write(formatReport(results, options.markdown));
  if (!isQuiet(results)) {
    log('Too noisy: the same engine timed twice differs by more than 5 %. Measure again on a quiet machine.');
  }
  const faults = faultsOf(results);
  for (const fault of faults) log(fault);
  return faults.length > 0 ? 1 : 0;
}

async function prepareModel({ peers, python }: PeersOptions, isNeeded: boolean): Promise<PeerModelFiles> {
  if (!isNeeded) return { checkpointFolder: '.', onnxFile: undefined };
  log('base: preparing the checkpoint');
  const { folder, weightsFile } = await ensureCheckpoint('base');
  const onnxFile = peers.includes('onnxruntime') ? ensureOnnxFile('base', folder, python) : undefined;
  for (const file of [weightsFile, ...(onnxFile === undefined ? [] : [onnxFile])])
    await readIntoPageCache(file);
  return { checkpointFolder: folder, onnxFile };
}

async function main(argv: readonly string[]): Promise<number> {
  if (serveIfWorker(argv)) return 0;
  const options = parseOptions(argv);
  if (options !== undefined) return await bench(options);
  process.stdout.write(HELP);
  return 0;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  log(
    error instanceof BenchUsageError
      ? `${error.message}\n\n${HELP}`
      : error instanceof Error
        ? error.message
        : String(error),
  );
  process.exitCode = error instanceof BenchUsageError ? 2 : 1;
}
