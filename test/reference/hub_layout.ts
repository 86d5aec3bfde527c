/**
 * Makes `test/platform/hub/python-layout.json`: what Python's `huggingface_hub` leaves in its cache folder. Then it compares both
 * ways: Python offline on what this engine fetched, and this engine offline on what Python fetched.
 *
 *     PYTHON=python3 node scripts/run-ts.mjs test/reference/hub_layout.ts
 *
 * It needs the packages of requirements.txt.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { folderListing } from '../helpers/folder-listing.ts';
import { serveHub } from '../helpers/hub-server.ts';
import { LAYOUT_ID, LAYOUT_STEPS } from '../platform/hub/layout-models.ts';
import { openModelFiles } from '../../src/platform/node-model-files.ts';

const { PYTHON = 'python3', ...ENV } = process.env;
const run = promisify(execFile);

async function python(env: NodeJS.ProcessEnv, ...args: readonly string[]): Promise<unknown[]> {
  const { stdout } = await run(PYTHON, ['test/reference/hub_client.py', ...args], {
    env: { ...ENV, ...env },
  });
  return stdout
    .trim()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
}

const assertSame = (what: string, found: unknown, expected: unknown): void => {
  const [a, b] = [found, expected].map((value) => JSON.stringify(value));
  if (a !== b) throw new Error(`${what}: found ${String(a)}, expected ${String(b)}`);
  console.log(`${what}: as expected`);
};

const folders = await Promise.all(
  ['python', 'ours'].map((name) => mkdtemp(path.join(os.tmpdir(), `hub-of-${name}-`))),
);
const [ofPython = '', ofUs = ''] = folders;
const hub = await serveHub({});
process.env.HF_ENDPOINT = hub.url;
try {
  for (const { revision, model, fileNames } of LAYOUT_STEPS) {
    hub.models[LAYOUT_ID] = model;
    await python({ HF_HOME: ofPython, HF_ENDPOINT: hub.url }, LAYOUT_ID, revision, ...fileNames);
    const files = openModelFiles(LAYOUT_ID, { revision, cacheDir: path.join(ofUs, 'hub') });
    for (const fileName of fileNames) {
      const source = await files.open(fileName);
      await source?.finish?.();
      await source?.close();
    }
  }
  const isOurs = ([name]: readonly [string, string]): boolean => !name.startsWith('.locks/');
  const layout = Object.fromEntries(
    Object.entries(await folderListing(path.join(ofPython, 'hub'))).filter(isOurs),
  );
  const target = 'test/platform/hub/python-layout.json';
  await writeFile(target, `${JSON.stringify(layout, undefined, 2)}\n`);
  console.log(`wrote ${target}`);
  assertSame('our folder', await folderListing(path.join(ofUs, 'hub')), layout);

  const requestCount = hub.requests.length;
  const offline = { HF_HUB_OFFLINE: '1', HF_ENDPOINT: hub.url };
  for (const { revision, model, fileNames } of LAYOUT_STEPS) {
    const [commit = ''] = Object.values(model.refs);
    const snapshot = path.join('hub', `models--${LAYOUT_ID.replace('/', '--')}`, 'snapshots', commit);
    const found = await python({ ...offline, HF_HOME: ofUs }, LAYOUT_ID, revision, ...fileNames);
    const names = fileNames.slice(0, -1);
    const paths = names.map((name) => path.join(ofUs, snapshot, name));
    assertSame(`Python, offline, ${revision}`, found, [...paths, 'LocalEntryNotFoundError']);
    const files = openModelFiles(LAYOUT_ID, {
      revision,
      localFilesOnly: true,
      cacheDir: path.join(ofPython, 'hub'),
    });
    const sources = await Promise.all(fileNames.map((name) => files.open(name)));
    const lengths = sources.map((source) => source?.byteLength ?? null);
    assertSame(`ours, offline, ${revision}`, lengths, [
      ...names.map((name) => model.files[name]?.byteLength),
      null,
    ]);
    for (const source of sources) await source?.close();
  }
  const scans = await Promise.all(folders.map((home) => python({ HF_HOME: home }, '--scan', LAYOUT_ID)));
  assertSame('what Python finds in ours', scans[1], scans[0]);
  assertSame('requests meanwhile', hub.requests.length - requestCount, 0);
} finally {
  await hub.close();
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true })));
}
