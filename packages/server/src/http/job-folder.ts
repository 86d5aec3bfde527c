/** A job on the disk: a folder with the request, the upload, and in the end the result. Files appear whole, by renaming. */
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { replaceFile } from '../base/replace-file.ts';
import type { ApiErrorBody } from './api-error.ts';
import type { TranscriptionRequest } from './transcription-request.ts';

export interface StoredRequest {
  readonly id: string;
  readonly createdMilliseconds: number;
  readonly request: TranscriptionRequest;
  /** The name of the upload in the folder. */
  readonly uploadName: string;
  /** Of the client's `Idempotency-Key`. */
  readonly keyDigest: string | undefined;
}

export type StoredResult =
  | {
      readonly status: 'completed';
      readonly contentType: string;
      readonly text: string;
    }
  | { readonly status: 'failed'; readonly error: ApiErrorBody }
  | { readonly status: 'cancelled' };

export interface StoredJob {
  readonly stored: StoredRequest;
  readonly result: StoredResult | undefined;
  /** When the result was written. */
  readonly finishedMilliseconds: number | undefined;
}

export class JobFolders {
  constructor(readonly folder: string) {}

  of(id: string): string {
    return path.join(this.folder, id);
  }

  async make(id: string): Promise<string> {
    await mkdir(this.of(id), { recursive: true, mode: 0o700 });
    return this.of(id);
  }

  async writeRequest(stored: StoredRequest): Promise<void> {
    await writeWhole(path.join(this.of(stored.id), 'request.json'), JSON.stringify(stored));
  }

  /** Also removes the upload, which nobody reads any more. */
  async writeResult({ id, uploadName }: StoredRequest, result: StoredResult): Promise<void> {
    await writeWhole(path.join(this.of(id), 'result.json'), JSON.stringify(result));
    await rm(path.join(this.of(id), uploadName), { force: true });
  }

  async readResult(id: string): Promise<StoredResult | undefined> {
    return await readJson<StoredResult>(path.join(this.of(id), 'result.json'));
  }

  async remove(id: string): Promise<void> {
    await rm(this.of(id), { recursive: true, force: true });
  }

  /** Jobs that an earlier process left, the oldest first. Folders of uploads that never ended are removed. */
  async readAll(): Promise<readonly StoredJob[]> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    const jobs: StoredJob[] = [];
    for (const entry of await readdir(this.folder, { withFileTypes: true })) {
      if (!entry.isDirectory() || !JOB_ID.test(entry.name)) continue;
      const stored = await readJson<StoredRequest>(path.join(this.of(entry.name), 'request.json'));
      if (!stored) {
        await this.remove(entry.name);
        continue;
      }
      const result = await this.readResult(entry.name);
      const finished = result && (await stat(path.join(this.of(entry.name), 'result.json')));
      jobs.push({ stored, result, finishedMilliseconds: finished?.mtimeMs });
    }
    return jobs.toSorted((one, other) => one.stored.createdMilliseconds - other.stored.createdMilliseconds);
  }
}

const JOB_ID = /^job_[0-9A-Za-z]{22}$/;

/** A cancellation and a result may be written at once, so the scratch files have names of their own. */
const writeWhole = (file: string, text: string): Promise<void> =>
  replaceFile(file, `${file}.${randomBytes(6).toString('hex')}.tmp`, text, { flags: 'wx', mode: 0o600 });

/** What this server wrote, by renaming: it is whole or not there. */
async function readJson<Value>(file: string): Promise<Value | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Value;
  } catch {
    return undefined;
  }
}
