/** `_failures.jsonl`: one line for each file that could not be transcribed. */
import { appendFile, mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { BatchJob, JobFailure } from './job-source.ts';

const NAME = '_failures.jsonl';

/** One call of `append` writes one line, which the system appends as a whole, also beside other processes. */
export class FailuresFile {
  readonly path: string;

  constructor(folder: string) {
    this.path = path.join(folder, NAME);
  }

  /** Forgets the failures of an earlier run: whoever starts a batch lists those of this one. */
  async clear(): Promise<void> {
    await rm(this.path, { force: true });
  }

  async add(
    { item, attempt }: BatchJob,
    key: string | undefined,
    { code, message }: JobFailure,
  ): Promise<void> {
    await mkdir(path.dirname(this.path), { recursive: true });
    const line = { file: item.file, output: item.output, key, code, attempts: attempt, message };
    await appendFile(this.path, `${JSON.stringify(line)}\n`);
  }
}
