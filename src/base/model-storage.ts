/** What a page may ask about the models that are kept in the browser's storage. */

export interface StoredFile {
  readonly name: string;
  /** Bytes of it that are kept. */
  readonly byteLength: number;
  /** Whether that is the whole file. */
  readonly complete: boolean;
}

/** The kept files of one model. */
export interface StoredModel {
  /** The base URL of the model, without a signature in its query: good for `delete`, and for loading it again unless it needs one. */
  readonly location: string;
  readonly files: readonly StoredFile[];
  /** Bytes of all files that are kept. */
  readonly byteLength: number;
  /** Whether its weights and every other file that was begun are there as a whole. */
  readonly complete: boolean;
  /** When the latest file was begun. */
  readonly storedAt: Date;
}

/**
 * The models in the storage of this origin. Nothing is kept in Node: there it is empty.
 * Where a browser closes its storage (private windows, sandboxed frames), it is empty as well.
 */
export interface ModelStorage {
  list(): Promise<readonly StoredModel[]>;
  /** Bytes of all models. */
  byteLength(): Promise<number>;
  /** Bytes that everything of this origin takes, and may take; zeros where the browser does not say. */
  estimate(): Promise<{ readonly usage: number; readonly quota: number }>;
  /**
   * Removes one model, also a part of one.
   * @param location as for loading: a URL, a path, a Hugging Face id, or what `list` gave. Its query counts, except for a
   * signature: `…/m?rev=A` and `…/m` are two models.
   * @returns whether anything was there.
   */
  delete(location: string | URL, options?: { readonly revision?: string | undefined }): Promise<boolean>;
  /** Removes every model. */
  clear(): Promise<void>;
}
