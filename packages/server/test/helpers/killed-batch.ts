/** A batch of one machine that is killed and started again until it ends, and what each run left. */
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readSamples } from '../../../../test/helpers/clips.ts';
import { SeededRandom } from '../../../../src/base/seeded-random.ts';
import { demoClips, demoModel } from './demo-clips.ts';
import { writeWav } from './wav-file.ts';

export interface KilledBatchPlan {
  /** The folder of the repository. */
  readonly repository: string;
  /** Arguments of Node that run `unispeech-server`. */
  readonly command: readonly string[];
  /** An empty one: gets the files, the outputs and the temporary files. */
  readonly folder: string;
  /** Most of them are a second long. */
  readonly fileCount: number;
  /** How often it is killed with SIGKILL, each time at a point that the seed of the plan chooses. */
  readonly killCount: number;
}

export interface BatchRun {
  /** Null for one that was killed. */
  readonly exitCode: number | null;
  readonly seconds: number;
  /** What it printed. */
  readonly printed: string;
  /** Outputs that were there when it had ended. */
  readonly outputCount: number;
  /** Of these, the ones that were there before it and have another time now. */
  readonly rewritten: readonly string[];
  /** Temporary folders of batches that were there when it had ended. */
  readonly spoolCount: number;
}

export interface KilledBatchReport {
  /** Those that were killed, one that ended, and one more, which has nothing to do. */
  readonly runs: readonly BatchRun[];
  /** The texts of all outputs, in the order of the files. */
  readonly texts: readonly string[];
  /** What the reference reads in the first files, which are whole clips. */
  readonly expectedTexts: readonly string[];
}

const outputNames = (folder: string): readonly string[] =>
  readdirSync(folder).filter((name) => name.endsWith('.json') && !name.startsWith('.'));

const timesOf = (folder: string): ReadonlyMap<string, number> =>
  new Map(outputNames(folder).map((name) => [name, statSync(path.join(folder, name)).mtimeMs]));

/** @throws for an output that is torn. */
export async function runKilledBatch({
  repository,
  command,
  folder,
  fileCount,
  killCount,
}: KilledBatchPlan): Promise<KilledBatchReport> {
  const [input, out, temporary] = ['in', 'out', 'tmp'].map((name) => path.join(folder, name)) as [
    string,
    string,
    string,
  ];
  for (const each of [input, out, temporary]) mkdirSync(each);
  const goldens = demoClips(repository);
  const clips = await Promise.all(goldens.map(({ file }) => readSamples(file)));
  for (let index = 0; index < fileCount; index += 1) {
    const clip = clips[index % clips.length] ?? new Float32Array(1);
    const length = index < clips.length ? clip.length : 9_600 + ((index * 997) % 8_000);
    writeWav(input, `clip-${String(index).padStart(4, '0')}.wav`, clip.subarray(0, length));
  }

  let times: ReadonlyMap<string, number> = new Map();
  /** @param killAt it is killed when so many outputs are there. */
  const run = async (killAt = Infinity): Promise<BatchRun> => {
    const start = performance.now();
    const child = spawn(
      process.execPath,
      [...command, 'batch', input, '--out', out, '--model', demoModel(repository)],
      {
        cwd: repository,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, TMPDIR: temporary },
      },
    );
    let printed = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (bytes: Buffer) => (printed += bytes.toString()));
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
    const watching = new AbortController();
    void ended.then(() => watching.abort());
    while (!watching.signal.aborted && outputNames(out).length < killAt) await sleep(5);
    if (killAt < Infinity) child.kill('SIGKILL');
    const exitCode = await ended;
    const before = times;
    times = timesOf(out);
    return {
      exitCode,
      seconds: (performance.now() - start) / 1000,
      printed,
      outputCount: times.size,
      rewritten: [...before].flatMap(([name, time]) => (times.get(name) === time ? [] : [name])),
      spoolCount: readdirSync(temporary).filter((name) => name.startsWith('unispeech-batch-')).length,
    };
  };

  const random = new SeededRandom(fileCount);
  const runs: BatchRun[] = [];
  while (runs.length < killCount)
    runs.push(await run(times.size + Math.round((fileCount / (killCount + 2)) * (0.5 + random.uniform()))));
  runs.push(await run(), await run());
  const outputs = outputNames(out)
    .toSorted()
    .map((name) => JSON.parse(readFileSync(path.join(out, name), 'utf8')) as { readonly text: string });
  return {
    runs,
    texts: outputs.map(({ text }) => text),
    expectedTexts: goldens.slice(0, fileCount).map(({ text }) => text),
  };
}
