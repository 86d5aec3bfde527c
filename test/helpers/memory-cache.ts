/** A `Cache` in memory, with faults on demand: for the logic of keeping files. The real one is tested in Chromium. */

export interface MemoryCache extends Cache {
  /** Key → content. */
  readonly contents: Map<string, { readonly headers: Headers; body: Uint8Array<ArrayBuffer> }>;
  /** Throws what a `put` shall fail with. */
  beforePut: (key: string) => void;
}

export function memoryCache(): MemoryCache {
  const contents: MemoryCache['contents'] = new Map();
  const keyOf = (request: RequestInfo | URL): string => new Request(request).url;
  const matching = (request: RequestInfo | URL, options?: CacheQueryOptions): string[] => {
    const wanted = keyOf(request);
    const [path = ''] = wanted.split('?');
    return [...contents.keys()].filter(
      (key) => key === wanted || (options?.ignoreSearch === true && key.split('?')[0] === path),
    );
  };
  const cache: Omit<MemoryCache, 'add' | 'addAll' | 'matchAll'> = {
    contents,
    beforePut: () => undefined,
    match(request, options) {
      const [key = ''] = matching(request, options);
      const found = contents.get(key);
      return Promise.resolve(found && new Response(found.body, { headers: found.headers }));
    },
    async put(request, response) {
      const key = keyOf(request);
      const body = new Uint8Array(await response.arrayBuffer());
      cache.beforePut(key);
      contents.set(key, { headers: response.headers, body });
    },
    delete(request, options) {
      const found = matching(request, options);
      for (const key of found) contents.delete(key);
      return Promise.resolve(found.length > 0);
    },
    keys: () => Promise.resolve(Array.from(contents.keys(), (key) => new Request(key))),
  };
  const unused = (): never => {
    throw new Error('not used');
  };
  return Object.assign(cache, { add: unused, addAll: unused, matchAll: unused });
}
