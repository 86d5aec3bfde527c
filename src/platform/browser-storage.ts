/** The models in the browser's storage: opens them for a load, lists, measures and removes them. Tuning results are stored beside them. */
import type { ModelStorage, StoredModel } from '../base/model-storage.ts';
import type { TuningStore } from '../base/platform.ts';
import { listFiles, removeFolder, splitFileUrl, type FileRecord } from '../files/file-cache.ts';
import { modelFolder } from './browser-location.ts';

const CACHE_NAME = 'unispeech-webgpu-1';

/** Throws if the browser denies storage: private windows, sandboxed frames, plain http. */
export const openCache = async (): Promise<Cache> => caches.open(CACHE_NAME);

/** The result of `use`, or undefined if there is no storage. */
async function withCache<T>(use: (cache: Cache) => Promise<T>): Promise<T | undefined> {
  const cache = await openCache().catch(() => undefined);
  return cache && use(cache);
}

async function list(): Promise<readonly StoredModel[]> {
  const folders = new Map<string, (FileRecord & { keptByteLength: number })[]>();
  for (const file of (await withCache(listFiles)) ?? []) {
    const { location } = splitFileUrl(file.url);
    folders.set(location, [...(folders.get(location) ?? []), file]);
  }
  return Array.from(folders, ([location, records]) => {
    const files = records.map(({ url, keptByteLength, complete }) => ({
      name: decodeURIComponent(splitFileUrl(url).name),
      byteLength: keptByteLength,
      complete,
    }));
    return {
      location,
      files,
      byteLength: files.reduce((total, { byteLength }) => total + byteLength, 0),
      complete:
        files.every(({ complete }) => complete) &&
        files.some(({ name }) => /\.(safetensors|bin)$/.test(name)),
      storedAt: new Date(Math.max(...records.map(({ storedAt }) => storedAt))),
    };
  });
}

export const modelStorage: ModelStorage = {
  list,
  byteLength: async () => (await list()).reduce((total, { byteLength }) => total + byteLength, 0),
  async estimate() {
    const { usage = 0, quota = 0 } = await navigator.storage.estimate();
    return { usage, quota };
  },
  async delete(location, { revision } = {}) {
    const folder = modelFolder(location, revision);
    return (await withCache((cache) => removeFolder(cache, folder))) ?? false;
  },
  async clear() {
    await withCache(() => caches.delete(CACHE_NAME));
  },
};

const tuningKey = (name: string): string => `https://unispeech.invalid/?tuning=${name}`;

/** Tuning results are stored beside the models, so that `clear()` removes them too. */
export const tuningStore: TuningStore = {
  read: (name) =>
    withCache(async (cache) => (await cache.match(tuningKey(name)))?.text()).catch(() => undefined),
  isWritable: async () => (await withCache(() => Promise.resolve(true))) ?? false,
  async write(name, text) {
    await (await openCache()).put(tuningKey(name), new Response(text));
    return "this browser's storage";
  },
};
