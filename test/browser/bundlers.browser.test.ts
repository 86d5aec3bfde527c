/** Apps made of the packed package by Vite, webpack and esbuild, without a network, run in Chromium. */
import { build as buildWithEsbuild } from 'esbuild';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Browser } from 'playwright-core';
import { build as buildWithVite, createServer } from 'vite';
import webpack from 'webpack';
import { launchChromium } from '../../scripts/headless-chromium.mjs';
import { type App, makeApp } from './helpers/packed.ts';
import { ROOT, serveSite, type Site } from './helpers/site.ts';

/** The engine on the page, for samples and for a file, whose readers are scripts that come only then; then the same in a worker. */
const main = (workerOptions: string): string => `
import { pipeline, UniSpeechError } from 'unispeech-webgpu';
import { createWorkerPipeline } from 'unispeech-webgpu/worker';
const MODEL = '/examples/models/unispeech-tiny-en';
const onPage = await pipeline('automatic-speech-recognition', MODEL);
const wav = await (await fetch('/examples/audio/four-four.wav')).arrayBuffer();
// 16 bits, mono, 48 kHz, behind a header of 44 bytes.
const raw = new Int16Array(wav.slice(44, wav.byteLength - (wav.byteLength % 2)));
const scriptCount = () => performance.getEntriesByType('resource').filter(({ name }) => name.includes('.js')).length;
const texts = [(await onPage({ raw, sampling_rate: 48000 })).text];
const before = scriptCount();
texts.push((await onPage('/examples/audio/yes-five.flac')).text);
texts.push(scriptCount() > before ? 'and scripts' : 'and no script');
await onPage.dispose();
const inWorker = await createWorkerPipeline('automatic-speech-recognition', MODEL, ${workerOptions});
texts.push((await inWorker('/examples/audio/nine-nine.ogg')).text);
const error = await inWorker(new Float32Array(3)).catch((error) => error);
await inWorker.dispose();
document.title = [...texts, error instanceof UniSpeechError && error.code].join(', ');
`;
const html = (script: string): string =>
  `<!doctype html><meta charset="utf-8"><script type="module" src="${script}"></script>`;

let browser: Browser;
let app: App;
let site: Site;
beforeAll(async () => {
  browser = await launchChromium();
  app = makeApp({
    'package.json': JSON.stringify({ name: 'app', private: true, type: 'module' }),
    'index.html': html('/main.js'),
    'main.js': main('{}'),
    // esbuild leaves workers to its user: the worker's script is an entry of its own.
    'main-with-worker.js': main("{ worker: new Worker('/esbuild/worker-host.js', { type: 'module' }) }"),
    'webpack/index.html': html('/webpack/main.js'),
    'esbuild/index.html': html('/esbuild/main-with-worker.js'),
  });
  const built = (name: string): string => path.join(app.folder, name, path.sep);
  site = await serveSite({
    folders: {
      '/': ROOT,
      '/vite/': built('vite'),
      '/webpack/': built('webpack'),
      '/esbuild/': built('esbuild'),
    },
    // What a careful site sends: no bundler may need more than this.
    headers: { 'Content-Security-Policy': "default-src 'self'; script-src 'self'; object-src 'self'" },
  });
});
afterAll(async () => {
  await browser.close();
  await site.close();
  app.remove();
});

const EXPECTED = 'FOUR FOUR, YES FIVE, and scripts, NINE NINE, bad-audio';

async function titleOf(url: string): Promise<string> {
  const page = await browser.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  await page.goto(url);
  const whenDone = page.waitForFunction(() => document.title !== '', undefined, { timeout: 100_000 });
  await Promise.race([whenDone, expect.poll(() => errors, { timeout: 100_000 }).not.toEqual([])]);
  expect(errors).toEqual([]);
  const title = await page.title();
  await page.close();
  return title;
}

test('Vite', async () => {
  await buildWithVite({
    root: app.folder,
    base: '/vite/',
    configFile: false,
    logLevel: 'error',
    build: { outDir: 'vite' },
  });
  expect(await titleOf(`${site.url}/vite/`)).toBe(EXPECTED);
});

test("Vite's development server", async () => {
  const server = await createServer({
    root: app.folder,
    configFile: false,
    logLevel: 'error',
    // Models and clips are not part of the app.
    server: { port: 0, host: 'localhost', proxy: { '/examples': site.url } },
  });
  try {
    await server.listen();
    expect(await titleOf(server.resolvedUrls?.local[0] ?? '')).toBe(EXPECTED);
  } finally {
    await server.close();
  }
});

test('webpack', async () => {
  const compiler = webpack({
    mode: 'production',
    context: app.folder,
    entry: './main.js',
    output: { path: path.join(app.folder, 'webpack'), filename: 'main.js', publicPath: '/webpack/' },
    experiments: { outputModule: true },
    performance: false,
  });
  const stats = await new Promise<webpack.Stats | undefined>((resolve, reject) => {
    compiler.run((error, result) => (error ? reject(error) : resolve(result)));
  });
  await new Promise((resolve) => {
    compiler.close(resolve);
  });
  expect(stats?.toJson({ all: false, errors: true, warnings: true })).toMatchObject({
    errors: [],
    warnings: [],
  });
  expect(await titleOf(`${site.url}/webpack/`)).toBe(EXPECTED);
});

test('a chunk that is out of reach is an error with a sentence', async () => {
  await bundleWithEsbuild(true);
  const page = await browser.newPage();
  await page.route('**/browser-audio-*', (route) => route.abort());
  const failed = page.waitForEvent('pageerror');
  await page.goto(`${site.url}/esbuild/`);
  const { message } = await failed;
  expect(message).toMatch(
    /^The code that reads audio files could not be loaded: .*Check the connection and reload the page/,
  );
  await page.close();
});

test.each([
  ['with chunks', true, EXPECTED],
  ['in one file', false, EXPECTED.replace('and scripts', 'and no script')],
])('esbuild, %s', async (_, splitting, expected) => {
  expect(await bundleWithEsbuild(splitting)).toEqual([]);
  expect(await titleOf(`${site.url}/esbuild/`)).toBe(expected);
});

/** @returns its warnings. */
async function bundleWithEsbuild(splitting: boolean): Promise<readonly object[]> {
  const { warnings } = await buildWithEsbuild({
    absWorkingDir: app.folder,
    entryPoints: [
      { in: 'main-with-worker.js', out: 'main-with-worker' },
      { in: 'unispeech-webgpu/worker-host', out: 'worker-host' },
    ],
    outdir: 'esbuild',
    bundle: true,
    splitting,
    format: 'esm',
    minify: true,
    logLevel: 'silent',
  });
  return warnings;
}
