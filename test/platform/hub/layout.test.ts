/** The cache folder is that of Python's `huggingface_hub`: its listing was made by `test/reference/hub_layout.ts`. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect, test, vi } from 'vitest';
import { openModelFiles } from '../../../src/platform/node-model-files.ts';
import { folderListing } from '../../helpers/folder-listing.ts';
import { serveHub } from '../../helpers/hub-server.ts';
import { LAYOUT_ID, LAYOUT_STEPS } from './layout-models.ts';

test('the folder of two revisions is the one that Python leaves', async () => {
  const home = await mkdtemp(path.join(os.tmpdir(), 'unispeech-hub-'));
  const hub = await serveHub({});
  vi.stubEnv('HF_ENDPOINT', `${hub.url}/`);
  vi.stubEnv('HF_HOME', home);
  for (const name of ['HF_HUB_CACHE', 'HUGGINGFACE_HUB_CACHE', 'HF_TOKEN']) vi.stubEnv(name, '');
  try {
    for (const { revision, model, fileNames } of LAYOUT_STEPS) {
      hub.models[LAYOUT_ID] = model;
      const files = openModelFiles(LAYOUT_ID, { revision });
      for (const fileName of fileNames) {
        const source = await files.open(fileName);
        await source?.finish?.();
        await source?.close();
      }
    }
    const layout: unknown = JSON.parse(
      await readFile(new URL('python-layout.json', import.meta.url), 'utf8'),
    );
    expect(await folderListing(path.join(home, 'hub'))).toEqual(layout);
  } finally {
    vi.unstubAllEnvs();
    await hub.close();
    await rm(home, { recursive: true });
  }
});
