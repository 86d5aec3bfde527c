/** What both layouts of PyTorch files hold. */
import type { PickledStorage } from './pickled.ts';
import type { StorageRegion } from './storage-region.ts';

export interface PytorchContainer {
  /** What was saved: by rights tensors by name. */
  readonly object: unknown;
  /** All that the object refers to, by key. */
  readonly storages: ReadonlyMap<string, PickledStorage>;
  /** Where the elements of a storage lie; undefined where the file does not hold it. */
  readonly regionOf: (key: string) => StorageRegion | undefined;
  /** Of the elements. */
  readonly isBigEndian: boolean;
}
