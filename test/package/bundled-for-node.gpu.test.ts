/** An app that esbuild bundles for Node: what cannot be in a bundle says so, with the option that leaves it out. */
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build, type Format } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { explainNoWebGpu } from '../../src/platform/node-gpu.ts';
import { BUILD_TIMEOUT_MS, copyBuiltPackage } from '../helpers/built-package.ts';
import { clipFolder, modelFolder } from '../helpers/clips.ts';
import { repositoryFolder, runNode } from '../helpers/run-node.ts';

// Below the root, so that the dependencies are found when they are bundled.
const folder = path.join(repositoryFolder, '.cache', `bundled-test-${process.pid}`);
const packageFolder = path.join(folder, 'node_modules', 'unispeech-webgpu');

const APP = `
import { pipeline } from 'unispeech-webgpu';
const print = (value) => console.log(JSON.stringify(value));
(async () => {
  const recognize = await pipeline('automatic-speech-recognition', ${JSON.stringify(modelFolder)});
  print(await recognize(${JSON.stringify(`${clipFolder}yes-five.flac`)}));
})().catch(({ code, message }) => print({ code, message }));
`;

beforeAll(async () => {
  await copyBuiltPackage(packageFolder);
  // Without it the app would be a part of this repository, whose name is that of the package.
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ name: 'app', type: 'module' }));
  writeFileSync(path.join(folder, 'app.mjs'), APP);
}, BUILD_TIMEOUT_MS);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Bundles and runs the app; resolves to what it prints. */
async function run(format: Format, external: string[]): Promise<unknown> {
  const outfile = path.join(folder, 'out', `app.${format === 'esm' ? 'mjs' : 'cjs'}`);
  await build({
    entryPoints: [path.join(folder, 'app.mjs')],
    outfile,
    external,
    bundle: true,
    platform: 'node',
    format,
    logLevel: 'error',
    // Not that of this repository, which takes the package's name for its sources.
    tsconfigRaw: {},
  });
  const { stdout, stderr } = await runNode([outfile]);
  expect(stdout, stderr).toMatch(/^\{.*\}\n$/);
  return JSON.parse(stdout);
}

test.each(['esm', 'cjs'] as const)('%s: the native module has to stay outside', async (format) => {
  expect(await run(format, [])).toEqual({
    code: 'no-webgpu',
    message: expect.stringMatching(/lost its native module in a bundle: .*--external:webgpu/) as string,
  });
});

test('cjs: the rest may be inside', async () => {
  expect(await run('cjs', ['webgpu'])).toEqual({ text: 'YES FIVE' });
});

test('esm: the decoders have to stay outside, too', async () => {
  expect(await run('esm', ['webgpu'])).toEqual({
    code: 'unsupported',
    message: expect.stringMatching(
      /The decoder of flac could not be loaded: .*--packages=external/,
    ) as string,
  });
  const decoders = ['@wasm-audio-decoders/*', 'mpg123-decoder', 'opus-decoder', 'codec-parser'];
  expect(await run('esm', ['webgpu', ...decoders])).toEqual({ text: 'YES FIVE' });
});

test.each([
  [{ code: 'ERR_MODULE_NOT_FOUND' }, "Cannot find package 'webgpu' imported from /a.mjs", 'is not installed'],
  [{ code: 'MODULE_NOT_FOUND' }, "Cannot find module '/app/dist/linux-x64/dawn.node'", 'in a bundle'],
  [
    { code: 'MODULE_NOT_FOUND' },
    "Cannot find module '/app/node_modules/webgpu/dist/freebsd-x64/dawn.node'",
    'builds for Linux',
  ],
  [{ code: 'ERR_DLOPEN_FAILED' }, "version `GLIBC_2.38' not found", 'GLIBC_2.38'],
])('%j, %s', (properties, message, expected) => {
  expect(explainNoWebGpu(Object.assign(new Error(message), properties)).join(' ')).toContain(expected);
});
