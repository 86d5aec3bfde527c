/**
 * The files of a Hugging Face id in Node: taken from the cache folder, or downloaded into it while they are read.
 *
 * The first request of a load tells the commit of the revision. From then on files are asked for by the commit, so that a load
 * never mixes two versions, and what the folder has of that commit needs no request.
 */
import { checkModelFileName, isPlainFileName } from '../../base/file-name.ts';
import { describeValue, UniSpeechError } from '../../base/errors.ts';
import { type ByteSource, MAX_TEXT_BYTE_LENGTH, type ModelFiles, textTooLong } from '../../base/files.ts';
import { shownLocation } from '../../base/shown-location.ts';
import { inTurns } from '../../base/turns.ts';
import { BlockSource } from '../../files/block-source.ts';
import { hubListUrl, namesInList } from '../../files/hub-list.ts';
import { mismatchOf } from '../../files/file-check.ts';
import { openDownload, startDownload } from '../../files/http-download.ts';
import { HttpError, type RequestOptions, withRetries } from '../../files/http-request.ts';
import { HttpSource } from '../../files/http-source.ts';
import { downloadWhole } from '../../files/http-whole.ts';
import { measure } from '../../files/safetensors-length.ts';
import { folderFiles } from '../node-files.ts';
import { contentCheck } from './content-check.ts';
import { exists, type HubFolder, isCommit } from './hub-folder.ts';
import { emptyNotes, hubFetch } from './hub-fetch.ts';
import { hostOf, type HubRepository } from './hub-refusal.ts';
import { PartialBlob } from './partial-blob.ts';

/** Where something is kept, the hub is waited for no longer than by Python. */
const FRESHNESS_TIMEOUT_MS = 10_000;

export interface HubFilesOptions extends Pick<RequestOptions, 'retryDelayMs' | 'stallTimeoutMs'> {
  readonly hub: HubRepository;
  readonly folder: HubFolder;
  /** What forbids requests; undefined if they are allowed. */
  readonly offlineBy: string | undefined;
}

/** A file in the folder, or its address. */
type FilePlace = { readonly kept: ModelFiles } | { readonly url: string; readonly commit: string };

export class HubFiles implements ModelFiles {
  readonly location: string;
  readonly #hub: HubRepository;
  readonly #folder: HubFolder;
  readonly #requests: RequestOptions;
  readonly #notes = emptyNotes();
  readonly #inTurns = inTurns();
  #commit: string | undefined;
  /** Why nothing is requested: an option, or no answer. */
  #offlineBy: string | undefined;

  constructor({ hub, folder, offlineBy, retryDelayMs, stallTimeoutMs }: HubFilesOptions) {
    this.location = hub.id;
    this.#hub = hub;
    this.#folder = folder;
    this.#offlineBy = offlineBy;
    this.#requests = { retryDelayMs, stallTimeoutMs, fetch: hubFetch(hub, this.#notes) };
  }

  get missingFix(): string {
    return this.#offlineBy === undefined
      ? `Look at the files of ${this.#hub.endpoint}/${this.location}.`
      : `Only part of the model is in ${this.#folder.path}, and nothing was downloaded: ${this.#offlineBy}.`;
  }

  async open(fileName: string, signal?: AbortSignal): Promise<ByteSource | undefined> {
    const place = await this.#find(fileName, signal);
    if (!place) return undefined;
    if ('kept' in place) return place.kept.open(fileName, signal);
    const { url, commit } = place;
    const options: RequestOptions = { ...this.#requests, accept: 'application/octet-stream', ranged: true };
    const started = await openDownload(url, options, signal);
    if (typeof started === 'string') return this.#keepAbsence(url, commit, fileName);
    const source = new HttpSource(url, options, started);
    if (source.byteLength === Infinity) await measure(source, signal);
    const { byteLength } = source;
    const etag = blobName(started.etag);
    if (byteLength === Infinity || etag === undefined) return source;
    if (await this.#folder.hasBlob(etag)) {
      await this.#folder.try(() => this.#folder.link(commit, fileName, etag, false));
      if (await this.#folder.hasFile(commit, fileName)) {
        await source.close();
        return folderFiles(this.#folder.snapshot(commit)).open(fileName, signal);
      }
    }
    const partial = await this.#folder.try(() =>
      PartialBlob.open(this.#folder, { etag, byteLength, commit, fileName }),
    );
    const file = { url, byteLength, etag, complete: false, storedAt: 0 };
    const blocks = new BlockSource(
      partial ? closingBoth(source, partial) : source,
      file,
      partial,
      partial?.isResumed ?? false,
      contentCheck(etag, started.sha256, byteLength),
    );
    if (partial)
      blocks.stored = async (storing) => {
        await blocks.finish(storing);
        await blocks.close();
        const kept = await this.open(fileName, storing);
        if (kept) return kept;
        throw new UniSpeechError(
          'not-found',
          `${this.location} has no ${fileName} any more.`,
          this.missingFix,
        );
      };
    return blocks;
  }

  async readText(
    fileName: string,
    signal?: AbortSignal,
    maxByteLength = MAX_TEXT_BYTE_LENGTH,
  ): Promise<string | undefined> {
    const place = await this.#find(fileName, signal);
    if (!place) return undefined;
    if ('kept' in place) return place.kept.readText(fileName, signal, maxByteLength);
    const { url, commit } = place;
    const whole = await downloadWhole(
      url,
      { ...this.#requests, accept: 'application/json, text/plain' },
      maxByteLength,
      (found) => textTooLong(shownLocation(url), maxByteLength, found),
      signal,
    );
    if (typeof whole === 'string') return this.#keepAbsence(url, commit, fileName);
    const { bytes, sha256 } = whole;
    const etag = blobName(whole.etag);
    if (etag !== undefined) {
      const check = contentCheck(etag, sha256, bytes.byteLength);
      check?.digest.update(bytes);
      const mismatch = check && mismatchOf(shownLocation(url), check);
      if (mismatch) throw mismatch;
      await this.#folder.keepText(commit, fileName, etag, bytes);
    }
    return new TextDecoder().decode(bytes);
  }

  /** From the hub, or where it is not asked or does not answer, of the files that are kept. */
  async listLanguageModel(signal?: AbortSignal): Promise<readonly string[] | undefined> {
    const commit = await this.#inTurns(
      async () => (this.#commit ??= await this.#askCommit('alphabet.json', signal)),
    );
    if (commit === undefined) return undefined;
    const list = this.#offlineBy === undefined ? hubListUrl(this.#urlOf(commit, '')) : undefined;
    const whole =
      list &&
      (await downloadWhole(
        list,
        { ...this.#requests, retries: 1, accept: 'application/json' },
        MAX_TEXT_BYTE_LENGTH,
        (found) => textTooLong(shownLocation(list), MAX_TEXT_BYTE_LENGTH, found),
        signal,
      ).catch(() => {
        signal?.throwIfAborted();
        return undefined;
      }));
    if (whole === 'not-found') return [];
    const names = typeof whole === 'object' ? namesInList(whole.bytes) : undefined;
    return (
      names ??
      folderFiles(this.#folder.snapshot(commit))
        .listLanguageModel?.(signal)
        .catch(() => undefined)
    );
  }

  async #keepAbsence(url: string, commit: string, fileName: string): Promise<undefined> {
    if (this.#notes.absent.has(url)) await this.#folder.keepAbsence(commit, fileName);
  }

  /** @returns undefined where there is no such file. */
  async #find(fileName: string, signal: AbortSignal | undefined): Promise<FilePlace | undefined> {
    checkModelFileName(fileName, this.location);
    signal?.throwIfAborted();
    const commit = await this.#inTurns(
      async () => (this.#commit ??= await this.#askCommit(fileName, signal)),
    );
    if (commit === undefined) return undefined;
    if (await this.#folder.hasFile(commit, fileName))
      return { kept: folderFiles(this.#folder.snapshot(commit)) };
    if (this.#offlineBy !== undefined && !(await exists(this.#folder.snapshot(commit))))
      throw this.#notKept();
    if (this.#offlineBy !== undefined || (await this.#folder.lacksFile(commit, fileName))) return undefined;
    return { commit, url: this.#urlOf(commit, fileName) };
  }

  /**
   * The commit of the revision, by a question for one of its files; where there is no answer, the one that it had before.
   * @returns undefined where a server does not have the file, and tells no commit.
   */
  async #askCommit(fileName: string, signal: AbortSignal | undefined): Promise<string | undefined> {
    const { revision } = this.#hub;
    if (isCommit(revision)) return revision;
    const kept = await this.#folder.commitOf(revision);
    if (this.#offlineBy !== undefined) {
      if (kept === undefined) throw this.#notKept();
      return kept;
    }
    const url = this.#urlOf(revision, fileName);
    const { stallTimeoutMs = FRESHNESS_TIMEOUT_MS } = this.#requests;
    const options = kept
      ? { ...this.#requests, retries: 0, stallTimeoutMs: Math.min(stallTimeoutMs, FRESHNESS_TIMEOUT_MS) }
      : this.#requests;
    try {
      const answer = await withRetries(() => startDownload(url, 0, options, signal, 'HEAD'), options, signal);
      const { commit } = this.#notes;
      if (commit === undefined && answer === 'not-found') return undefined;
      if (commit === undefined) throw this.#noHub();
      await this.#folder.keepCommit(revision, commit);
      if (answer === 'not-found') await this.#keepAbsence(url, commit, fileName);
      return commit;
    } catch (error) {
      signal?.throwIfAborted();
      const isGone = error instanceof HttpError && error.failure.detail === 'RevisionNotFound';
      if (kept === undefined || isGone || !(error instanceof UniSpeechError)) throw error;
      this.#offlineBy = error.sentence.replace(/\.$/, '');
      return kept;
    }
  }

  #urlOf(revision: string, fileName: string): string {
    const { endpoint, id } = this.#hub;
    return `${endpoint}/${id}/resolve/${encodeURIComponent(revision)}/${fileName.split('/').map(encodeURIComponent).join('/')}`;
  }

  #noHub(): HttpError {
    return new HttpError(hostOf(this.#hub), {
      problem: 'answered without the header X-Repo-Commit, as no Hugging Face hub does',
      fix: 'Check HF_ENDPOINT, the firewall and the proxy, or pass cache: false.',
      isFinal: true,
    });
  }

  #notKept(): UniSpeechError {
    const { id, revision } = this.#hub;
    return new UniSpeechError(
      'not-found',
      `${id} at the revision ${describeValue(revision)} is not in ${this.#folder.path}, and nothing may be downloaded: ${String(this.#offlineBy)}.`,
      `Load it once without that, or run: hf download ${id}`,
    );
  }
}

/** The name under which a content is kept: its tag without quotes and the mark of a weak one. */
function blobName(etag: string | null): string | undefined {
  const name = etag?.replace(/^(W\/)?"?|"$/g, '') ?? '';
  return isPlainFileName(name) ? name : undefined;
}

const closingBoth = (source: ByteSource, partial: PartialBlob): ByteSource => ({
  name: source.name,
  byteLength: source.byteLength,
  get isSequential() {
    return source.isSequential === true;
  },
  read: (...args) => source.read(...args),
  close: async () => {
    await source.close();
    await partial.close();
  },
});
