/** Batches of one machine that are killed and started again: every output once and whole, whenever it was. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { clipFolder, modelFolder, readClipGoldens, readSamples } from '../../../../test/helpers/clips.ts';
import { repositoryFolder } from '../../../../test/helpers/run-node.ts';
import { SeededRandom } from '../../../../src/base/seeded-random.ts';
import { type EngineScripts, useEngineScripts } from '../helpers/engine-scripts.ts';
import { writeWav } from '../helpers/wav-file.ts';

interface Output {
  readonly key: string;
  readonly text: string;
}

/** The outputs in a folder, by name. @throws where one is torn. */
const outputsOf = (folder: string): ReadonlyMap<string, Output> =>
  new Map(
    readdirSync(folder)
      .filter((name) => name.endsWith('.json') && !name.startsWith('.'))
      .map((name) => [name, JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as Output]),
  );

const timesOf = (folder: string): ReadonlyMap<string, number> =>
  new Map([...outputsOf(folder).keys()].map((name) => [name, statSync(path.join(folder, name)).mtimeMs]));

function start(scripts: EngineScripts, input: string, out: string) {
  const args = [scripts.of('batch'), 'batch', input, '--out', out, '--model', modelFolder];
  const child: ChildProcess = spawn(process.execPath, args, {
    cwd: repositoryFolder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (bytes: Buffer) => (output += bytes.toString()));
  const ended = new Promise<{ readonly exitCode: number | null; readonly output: string }>((resolve) =>
    child.on('close', (exitCode) => resolve({ exitCode, output })),
  );
  return { child, ended };
}

/** Registers the test. @param fileCount files, most of them a second long. @param killCount how often the batch is killed with SIGKILL. */
export function testKilledBatch(fileCount: number, killCount: number, timeoutMilliseconds: number): void {
  const scripts = useEngineScripts();
  test(
    `${fileCount} files, killed ${killCount} times: every output is there once, and none is torn`,
    async () => {
      const folder = scripts.folder();
      const input = path.join(folder, 'in');
      const out = path.join(folder, 'out');
      mkdirSync(input);
      mkdirSync(out);
      const goldens = readClipGoldens('demo.json');
      const clips = await Promise.all(goldens.map(({ file }) => readSamples(clipFolder + file)));
      for (let index = 0; index < fileCount; index += 1) {
        const clip = clips[index % clips.length] ?? new Float32Array(1);
        const length = index < clips.length ? clip.length : 9_600 + ((index * 997) % 8_000);
        writeWav(input, `clip-${String(index).padStart(4, '0')}.wav`, clip.subarray(0, length));
      }
      const random = new SeededRandom(fileCount);
      let before: ReadonlyMap<string, number> = new Map();
      for (let kill = 0; kill < killCount; kill += 1) {
        const { child, ended } = start(scripts, input, out);
        const wanted = before.size + Math.round((fileCount / (killCount + 2)) * (0.5 + random.uniform()));
        const state = { hasEnded: false };
        void ended.then(() => (state.hasEnded = true));
        while (!state.hasEnded && outputsOf(out).size < wanted)
          await new Promise((resolve) => setTimeout(resolve, 5));
        child.kill('SIGKILL');
        const { exitCode, output } = await ended;
        expect(exitCode, output).toBeNull();
        const now = timesOf(out);
        expect(now.size).toBeGreaterThan(before.size);
        expect(now.size).toBeLessThan(fileCount);
        // What was there is not done again.
        for (const [name, time] of before) expect(now.get(name)).toBe(time);
        before = now;
      }
      const { exitCode, output } = await start(scripts, input, out).ended;
      expect(exitCode, output).toBe(0);
      const outputs = outputsOf(out);
      expect(outputs.size).toBe(fileCount);
      const after = timesOf(out);
      for (const [name, time] of before) expect(after.get(name)).toBe(time);
      const textOf = (index: number) => outputs.get([...outputs.keys()].toSorted()[index] ?? '')?.text;
      goldens.forEach(({ text }, index) => expect(textOf(index)).toBe(text));
      for (const { key } of outputs.values()) expect(key).toMatch(/^[\da-f]{64}$/);
      // Nothing is left to do.
      const again = await start(scripts, input, out).ended;
      expect(again.exitCode, again.output).toBe(0);
      expect(timesOf(out)).toEqual(after);
    },
    timeoutMilliseconds,
  );
}
