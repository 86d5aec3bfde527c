/** The packed package in a project of its own, on every runtime that it names: Node, this one and 24, Bun and Deno, all from npm. */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testRuntimes } from '../../scripts/test-runtimes.mjs';
import { BUILD_TIMEOUT_MS } from '../helpers/built-package.ts';
import { clipFolder, modelFolder } from '../helpers/clips.ts';
import { type InstalledApp, makeInstalledApp } from '../helpers/installed-app.ts';

const APP = `
import { pipeline } from 'unispeech-webgpu';
const runtime = globalThis.Deno ? 'Deno' : globalThis.Bun ? 'Bun' : 'Node ' + process.versions.node.split('.')[0];
const print = (value) => console.log(JSON.stringify({ runtime, ...value }));
try {
  const recognize = await pipeline('automatic-speech-recognition', ${JSON.stringify(modelFolder)});
  const { text } = await recognize(${JSON.stringify(`${clipFolder}yes-five.flac`)});
  const missing = await recognize('missing.wav').catch(({ code }) => code);
  await recognize.dispose();
  print({ text, missing });
} catch ({ code, message }) {
  print({ code, message });
}
`;

const THIS_NODE = `Node ${process.versions.node.split('.')[0] ?? ''}`;
const RUNTIMES = [...new Set([THIS_NODE, 'Node 24', 'Bun', 'Deno'])];
/** They may have to be downloaded. */
const DOWNLOAD_TIMEOUT_MS = 600_000;

let app: InstalledApp;
let programs: ReadonlyMap<string, string>;
beforeAll(async () => {
  app = await makeInstalledApp();
  writeFileSync(path.join(app.folder, 'app.mjs'), APP);
}, BUILD_TIMEOUT_MS);
beforeAll(() => {
  programs = new Map([...testRuntimes(), [THIS_NODE, process.execPath]]);
}, DOWNLOAD_TIMEOUT_MS);
afterAll(() => app.remove());

/** Runs the app; resolves to what it prints. */
async function run(runtime: string): Promise<unknown> {
  const program = programs.get(runtime) ?? '';
  const args = runtime === 'Deno' ? ['run', '--allow-all', 'app.mjs'] : ['app.mjs'];
  const driver = process.env.VK_DRIVER_FILES;
  const env = {
    ...process.env,
    DENO_NO_UPDATE_CHECK: '1',
    // Where SwiftShader is, there is a Vulkan loader beside it, for machines that have none.
    ...(driver !== undefined && { LD_LIBRARY_PATH: path.dirname(driver) }),
  };
  const child = spawn(program, args, { cwd: app.folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => (output[name] += text));
  const end = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (exitCode, signal) => resolve({ exitCode, signal }));
  });
  expect(end, `${runtime}: ${output.stderr}`).toEqual({ exitCode: 0, signal: null });
  return JSON.parse(output.stdout);
}

describe('installed as it is', () => {
  test.each(RUNTIMES)('%s: one sentence says that the package webgpu is missing', async (runtime) => {
    expect(await run(runtime)).toEqual({
      runtime,
      code: 'no-webgpu',
      message: expect.stringMatching(
        /^The npm package "webgpu" \(Dawn\) is not installed\. Install it with "npm install webgpu"/,
      ) as string,
    });
  });
});

describe('with webgpu beside it', () => {
  beforeAll(() => app.install('webgpu'), BUILD_TIMEOUT_MS);

  test.each(RUNTIMES)('%s: transcribes a clip', async (runtime) => {
    expect(await run(runtime)).toEqual({ runtime, text: 'YES FIVE', missing: 'not-found' });
  });
});
