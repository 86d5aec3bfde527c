/** `npm run bench -- e2e`: parses the command line, prepares models, measures and reports. */
import { writeFileSync } from 'node:fs';
import {
  ensureNamedCheckpoint,
  ensureOnnxFile,
  readIntoPageCache,
  type CheckpointName,
} from '../lib/checkpoints.ts';
import { packageVersion, readEnvironment } from '../lib/environment.ts';
import { peerFolder } from '../peers/packages.ts';
import { checkOutputFile, writeWholeFile } from '../../src/cli/write-file.ts';
import { traceEvents } from '../../src/profile/index.ts';
import { besideOf } from './beside.ts';
import { checkpointOf } from './heads.ts';
import { serveIfEngine } from './engine-worker.ts';
import { formatCommand, HELP, parseOptions, type E2eOptions } from './options.ts';
import { BenchUsageError } from '../lib/usage-error.ts';
import { formatReport, isQuiet } from './report.ts';
import type { CaseResult, PeerResult, E2eResults } from './results.ts';
import { checkPlacement, measureModel, type BesideEngine, type EngineModel } from './suite.ts';

const PEER = 'onnxruntime-node';

const log = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

async function bench(options: E2eOptions): Promise<void> {
  const { traceFile } = options;
  const traceOutput = traceFile === undefined ? undefined : { file: traceFile, what: 'the trace' };
  if (traceOutput) await checkOutputFile(traceOutput);
  const notes: string[] = [];
  const note = (line: string): void => {
    log(line);
    if (!notes.includes(line)) notes.push(line);
  };
  const environment = readEnvironment();
  const cases: CaseResult[] = [];
  const placements: PeerResult['placements'][number][] = [];
  const peerPackage = options.peer ? peerFolder(PEER) : undefined;
  if (options.peer && peerPackage === undefined) {
    note(`No peer: ${PEER} is not installed. "npm run bench -- install-peers" installs it.`);
  }
  let results: E2eResults | undefined;
  for (const model of options.models) {
    log(`${model}: preparing the checkpoint`);
    const checkpoint = await ensureNamedCheckpoint(checkpointOf(model, options.head));
    const peer =
      peerPackage === undefined ? undefined : preparePeer(model, checkpoint.folder, options.python, note);
    if (peer) {
      log(`${model}: asking the peer where its nodes run`);
      placements.push({ ...(await checkPlacement(peer)), model });
    }
    for (const file of [checkpoint.weightsFile, ...(peer ? [peer.location] : [])])
      await readIntoPageCache(file);
    const ours = {
      engine: 'unispeech-webgpu',
      location: checkpoint.folder,
      dtype: options.dtype,
      head: options.head,
    } as const;
    const others: BesideEngine[] = [];
    for (const beside of besideOf(model, options.head)) {
      const { folder, weightsFile } = await ensureNamedCheckpoint(checkpointOf(beside.model, options.head));
      await readIntoPageCache(weightsFile);
      others.push({ ...ours, beside, head: beside.head, location: folder });
    }
    for await (const { result, report } of measureModel({ ...options, model, ours, others, peer, log })) {
      cases.push(result);
      if (report.steps.length === 0) note('No times by kernel: this adapter has no timestamps.');
      else if (traceOutput) {
        const trace = traceEvents(report.profile, { model, audioSeconds: result.seconds });
        await writeWholeFile(traceOutput, [`${JSON.stringify(trace)}\n`]);
      }
      results = {
        suite: 'e2e',
        dtype: options.dtype,
        command: formatCommand(options),
        environment: { ...environment, adapter: report.adapter },
        isSoftwareAdapter: report.isSoftwareAdapter,
        peer:
          peerPackage !== undefined && placements.length > 0
            ? { name: PEER, version: packageVersion(peerPackage), placements }
            : undefined,
        notes,
        cases,
      };
      // Written after every case: a long measurement that is interrupted is not lost.
      if (options.jsonFile !== undefined)
        writeFileSync(options.jsonFile, `${JSON.stringify(results, null, 2)}\n`);
    }
  }
  if (results === undefined) throw new Error('nothing was measured');
  process.stdout.write(formatReport(results, options.markdown));
  if (!isQuiet(results)) {
    log(
      'Too noisy: two processes of the same engine differ by more than 5 %. Measure again on a quiet machine.',
    );
  }
}

function preparePeer(
  model: CheckpointName,
  checkpointFolder: string,
  python: string | undefined,
  note: (line: string) => void,
): EngineModel | undefined {
  const location = ensureOnnxFile(model, checkpointFolder, python);
  if (location !== undefined) return { engine: PEER, location, dtype: 'fp32', head: 'ctc' };
  note(
    `No peer for ${model}: there is no .cache/onnx/${model}.onnx. ` +
      'Give --python PATH, a Python with the packages of bench/peers/requirements.txt, to export it.',
  );
  return undefined;
}

async function main(argv: readonly string[]): Promise<void> {
  if (serveIfEngine(argv)) return;
  const options = parseOptions(argv);
  if (options === undefined) process.stdout.write(HELP);
  else await bench(options);
}

try {
  await main(process.argv.slice(2));
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
