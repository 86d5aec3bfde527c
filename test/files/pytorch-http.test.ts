/** PyTorch files over HTTP: how often a server is asked, with and without ranges, a cache and a network. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openCheckpoint } from '../../src/checkpoint/open-checkpoint.ts';
import { BLOCK_BYTE_LENGTH, FileCache } from '../../src/files/file-cache.ts';
import { httpFiles } from '../../src/files/http-files.ts';
import { type Site, type SiteOptions, serveSite } from '../browser/helpers/site.ts';
import { memoryCache } from '../helpers/memory-cache.ts';
import { writePytorch } from '../../scripts/lib/pytorch-writer.ts';

const PATH = '/m/pytorch_model.bin';
/** Two tensors of 17 MB each. */
const VALUES = { a: new Float32Array(4_300_000).fill(1), b: new Float32Array(4_300_000).fill(2) };
const FILE = writePytorch(VALUES);

let site: Site;
let respond: SiteOptions['respond'];
let cache: FileCache | undefined;
beforeEach(async () => {
  respond = undefined;
  const memory = memoryCache();
  cache = new FileCache(
    () => Promise.resolve(memory),
    () => undefined,
  );
  site = await serveSite({
    pages: { [PATH]: { body: FILE } },
    folders: {},
    respond: (...args) => respond?.(...args) ?? false,
  });
});
afterEach(() => site.close());

/** The requests for the file that a load makes. */
async function load(): Promise<string[]> {
  site.requests.length = 0;
  const checkpoint = await openCheckpoint(httpFiles(`${site.url}/m`, { retryDelayMs: 1, cache }));
  for (const [name, expected] of Object.entries(VALUES)) {
    const values = await checkpoint.readWhole(name);
    expect(values.length === expected.length && values.every((value) => value === expected[0]), name).toBe(
      true,
    );
  }
  await checkpoint.finish();
  await checkpoint.close();
  return site.requests
    .filter((request) => request.includes(PATH))
    .map((request) => request.replace(PATH, ''));
}

const withoutRanges = (): void => {
  respond = (request, response) => {
    if (request.url !== PATH) return false;
    response.writeHead(200, { 'Content-Length': FILE.length, ETag: '"1"' });
    response.end(request.method === 'HEAD' ? undefined : FILE);
    return true;
  };
};

test('the directory at the end is read first, and then all from the start', async () => {
  cache = undefined;
  const [first, end, rest, ...more] = await load();
  expect([first, more]).toEqual(['GET  bytes=0-', []]);
  const [endStart = 0, restStart = 0] = [end, rest].map((request) => Number(/\d+/.exec(request ?? '')?.[0]));
  expect(endStart).toBeGreaterThan(FILE.length - 70_000);
  expect(restStart).toBeLessThan(100);
});

test('a file that is kept is fetched once, asked after later, and used offline, though other names come first', async () => {
  const requests = await load();
  const starts = requests.map((request) => Number(/\d+/.exec(request)?.[0]));
  // The start tells the kind of file, the end holds the directory; then all follows in its order.
  expect(starts).toHaveLength(3);
  expect(starts[1]).toBeGreaterThan(FILE.length - 2 * BLOCK_BYTE_LENGTH);
  expect(starts[2]).toBeLessThanOrEqual(BLOCK_BYTE_LENGTH);
  expect(await load()).toEqual(['HEAD  bytes=0-']);
  respond = (request) => {
    request.destroy();
    return true;
  };
  await load();
});

test('a server without ranges sends a file that is kept once', async () => {
  withoutRanges();
  expect(await load()).toEqual(['GET  bytes=0-']);
  expect(await load()).toEqual(['HEAD  bytes=0-']);
});

test('a server without ranges sends it twice where nothing is kept', async () => {
  withoutRanges();
  cache = undefined;
  expect((await load()).length).toBe(2);
});
