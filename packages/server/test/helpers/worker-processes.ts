/** Workers of a queue in processes of their own, with the transcriber of `batch-worker.ts`, which does what audio files say. */
import { spawn, type ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll } from 'vitest';
import { repositoryFolder } from '../../../../test/helpers/run-node.ts';
import type { BatchWorkerOptions } from './batch-worker.ts';

/** A worker and what it has said. */
export class WorkerProcess {
  readonly child: ChildProcess;
  said = '';
  readonly ended: Promise<number | null>;

  constructor(script: string, options: BatchWorkerOptions) {
    this.child = spawn(process.execPath, [script, JSON.stringify(options)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => (this.said += text));
    this.ended = new Promise((resolve) => this.child.on('close', resolve));
  }

  /** How often a line begins so. */
  count(start: string): number {
    return this.said.split('\n').filter((line) => line.startsWith(start)).length;
  }
}

export interface Workers {
  readonly start: (options: BatchWorkerOptions) => WorkerProcess;
  /** Ends all that were started. */
  readonly endAll: () => Promise<void>;
}

/** Their script is built before the tests of this file. */
export function useWorkers(): Workers {
  // Inside the repository, so that it finds its packages.
  const scripts = path.join(repositoryFolder, 'packages/server/.cache', `worker-${process.pid}`);
  let started: WorkerProcess[] = [];
  beforeAll(async () => {
    await build({
      entryPoints: [path.join(repositoryFolder, 'packages/server/test/helpers/batch-worker.ts')],
      outdir: scripts,
      outExtension: { '.js': '.mjs' },
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      packages: 'external',
      alias: { 'unispeech-webgpu/captions': path.join(repositoryFolder, 'src/captions/index.ts') },
    });
  });
  afterAll(() => {
    rmSync(scripts, { recursive: true, force: true });
  });
  return {
    start(options) {
      const worker = new WorkerProcess(path.join(scripts, 'batch-worker.mjs'), options);
      started.push(worker);
      return worker;
    },
    async endAll() {
      for (const { child } of started) child.kill('SIGKILL');
      await Promise.all(started.map(({ ended }) => ended));
      started = [];
    },
  };
}

/** @throws where it does not come true. */
export async function until(isSo: () => boolean | Promise<boolean>, seconds = 40): Promise<void> {
  const end = performance.now() + seconds * 1000;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`It did not come true within ${seconds} s.`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
