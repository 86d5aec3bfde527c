/** The interface for pages to the models in the browser's storage. */

export interface StoredFile {
  readonly name: string;
  /** Stored bytes of the file. */
  readonly byteLength: number;
  /** Whether the whole file is stored. */
  readonly complete: boolean;
}

/** The stored files of one model. */
export interface StoredModel {
  /** The base URL of the model, without a signature in its query. Pass it to `delete`, or load the model by it again unless it needs a signature. */
  readonly location: string;
  readonly files: readonly StoredFile[];
  /** Bytes of all stored files. */
  readonly byteLength: number;
  /** Whether its weights and every other file whose download began are complete. */
  readonly complete: boolean;
  /** When the download of the latest file began. */
  readonly storedAt: Date;
}

/**
 * The models in the storage of this origin. In Node, where models are stored in a folder that other programs use too, it is
 * always empty: `unispeech cache` lists that folder.
 * It is also empty if the browser denies storage (private windows, sandboxed frames).
 */
export interface ModelStorage {
  list(): Promise<readonly StoredModel[]>;
  /** Bytes of all models. */
  byteLength(): Promise<number>;
  /** Bytes that this origin uses, and may use; zeros if the browser does not say. */
  estimate(): Promise<{ readonly usage: number; readonly quota: number }>;
  /**
   * Removes one model, even if it is incomplete.
   * @param location as for loading: a URL, a path, a Hugging Face id, or a location from `list`. The query counts, except for a
   * signature: `…/m?rev=A` and `…/m` are two models.
   * @returns whether anything was removed.
   */
  delete(location: string | URL, options?: { readonly revision?: string | undefined }): Promise<boolean>;
  /** Removes every model. */
  clear(): Promise<void>;
}
