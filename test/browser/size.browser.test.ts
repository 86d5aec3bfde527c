/** How much a page has to download, and that an app takes only what it uses. */
import { build as bundleWithEsbuild } from 'esbuild';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { build as buildWithVite } from 'vite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { gzipSync } from 'node:zlib';
import { launchChromium } from '../../scripts/headless-chromium.mjs';
import type { App } from './helpers/packed.ts';
import { makeRecognisingApp, serveRecognisingApp, WAYS_TO_A_BROWSER } from './helpers/recognising-app.ts';
import { ROOT, type Site } from './helpers/site.ts';

let app: App;
let browser: Browser;
let site: Site;
beforeAll(async () => {
  app = makeRecognisingApp();
  browser = await launchChromium();
  site = await serveRecognisingApp(app);
});
afterAll(async () => {
  await browser.close();
  await site.close();
  app.remove();
});

const dist = (name: string): string => path.join(app.folder, 'node_modules/unispeech-webgpu/dist', name);
const zipped = (file: string): number => gzipSync(readFileSync(file), { level: 9 }).byteLength;

/** A file and what it imports statically, all the way down. */
function withImports(file: string): ReadonlySet<string> {
  const files = new Set([file]);
  // Grows while it is walked.
  for (const name of files)
    for (const [, from = ''] of readFileSync(name, 'utf8').matchAll(/\b(?:from|import) ?"(\.[^"]+)"/g))
      files.add(path.join(path.dirname(name), from));
  return files;
}

// What comes with an entry at once. It should not grow unseen: the limits are a little above what there is.
test.each([
  ['unispeech.js', 103_600],
  ['doctor.js', 112_300],
  ['worker-host.js', 97_600],
  ['worker.js', 19_600],
  ['profile.js', 2300],
  ['align.js', 10_400],
  ['beam.js', 37_500],
  ['captions.js', 6900],
  ['phones.js', 12_300],
  ['score.js', 3200],
  ['standalone/unispeech.js', 153_600],
  ['standalone/worker.js', 32_700],
  ['standalone/worker-host.js', 151_200],
])('%s has at most %d bytes after gzip, with what it imports', (name, most) => {
  const sizes = Array.from(withImports(dist(name)), zipped);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(most);
});

// Of what a page's policy may forbid, nothing.
const FORBIDDEN = /.{0,20}(\beval\(|new Function\b|WebAssembly|createObjectURL).{0,40}/;
// What would have to be downloaded too.
const IMPORTS = /.{0,20}(\bimport\s*\(|\bfrom\s*["']|\bimport\s*["']).{0,40}/;

test.each([
  'align.js',
  'captions.js',
  'microphone.js',
  'microphone-worklet.js',
  'phones.js',
  'profile.js',
  'score.js',
  'standalone/unispeech.js',
  'standalone/worker.js',
  'standalone/worker-host.js',
])('%s stands alone', (name) => {
  const code = readFileSync(dist(name), 'utf8');
  expect(IMPORTS.exec(code)?.[0]).toBeUndefined();
  expect(FORBIDDEN.exec(code)?.[0]).toBeUndefined();
  // Nor anything of the machine that built it.
  expect(code.includes(process.cwd())).toBe(false);
});

test.each(['unispeech.js', 'beam.js', 'doctor.js', 'worker.js', 'worker-host.js'])(
  '%s needs nothing but chunks beside it',
  (name) => {
    const files = withImports(dist(name));
    const dynamic = (file: string): readonly string[] =>
      Array.from(readFileSync(file, 'utf8').matchAll(/\bimport\(([^)]*)\)/g), ([, from = '']) =>
        path.join(
          path.dirname(file),
          /^["'`](\.[^"'`]+)["'`]$/.exec(from)?.[1] ?? `not a relative file: ${from}`,
        ),
      );
    const all = new Set(files);
    for (const file of all)
      for (const next of [...dynamic(file), ...withImports(file)]) {
        expect(existsSync(next), next).toBe(true);
        // A chunk that imported an entry would run it.
        if (next !== file) expect(path.basename(path.dirname(next)), `${file} → ${next}`).toBe('chunks');
        all.add(next);
      }
    for (const file of all) {
      const code = readFileSync(file, 'utf8');
      expect(FORBIDDEN.exec(code)?.[0]).toBeUndefined();
      expect(code.includes(process.cwd())).toBe(false);
    }
  },
);

const SOURCES = {
  'unispeech.js': 'src/index.ts',
  'beam.js': 'src/beam/index.ts',
  'doctor.js': 'src/doctor/index.ts',
  'worker.js': 'src/worker/index.ts',
  'worker-host.js': undefined,
};

test.each(Object.entries(SOURCES))(
  '%s exports what %s does, and nothing for chunks',
  async (name, source) => {
    const exported = Array.from(readFileSync(dist(name), 'utf8').matchAll(/\bexport ?\{([^}]*)\}/g)).flatMap(
      ([, list = '']) => list.split(',').map((entry) => entry.trim().split(' as ').at(-1)),
    );
    const names: object = source === undefined ? {} : ((await import(path.join(ROOT, source))) as object);
    expect(exported.sort()).toEqual(Object.keys(names).sort());
  },
);

// The aim is 80,000 for the page and 63,000 for the apps. Everything that comes counts, as it is seen to come: with a model of letters in float32.
test.each([
  ['a page with dist/unispeech.js', 103_900, 126_100],
  ['an app by esbuild', 95_900, 121_700],
  ['an app by Vite', 95_100, 120_100],
] as const)(
  '%s loads the engine to recognise samples, and the readers with a file',
  async (way, most, mostWithFile) => {
    const address = await WAYS_TO_A_BROWSER[way](app);
    const page = await browser.newPage();
    const first = site.requests.length;
    const loaded = (): number => {
      const scripts = site.requests
        .slice(first)
        .flatMap((request) => /^GET (\S+\.js)$/.exec(request)?.[1] ?? []);
      return scripts.reduce((sum, script) => sum + zipped(path.join(app.folder, script)), 0);
    };
    await page.goto(site.url + address);
    await page.waitForFunction(() => document.title.startsWith('samples'), undefined, { timeout: 100_000 });
    const forSamples = loaded();
    await page.mouse.click(1, 1);
    await page.waitForFunction(() => document.title === 'YES FIVE', undefined, { timeout: 100_000 });
    const withFile = loaded();
    await page.close();
    expect(forSamples).toBeLessThanOrEqual(most);
    // An app that loads nothing has no bytes either.
    expect(forSamples).toBeGreaterThan(40_000);
    expect(withFile).toBeLessThanOrEqual(mostWithFile);
    expect(withFile).toBeGreaterThan(forSamples);
  },
);

const APPS = [
  ["import { UniSpeechError } from 'unispeech-webgpu'; console.log(UniSpeechError);", 2000],
  ["import { resample } from 'unispeech-webgpu'; console.log(resample);", 4800],
  ["import { Wav2Vec2CTCTokenizer } from 'unispeech-webgpu'; console.log(Wav2Vec2CTCTokenizer);", 20_300],
  ["import 'unispeech-webgpu'; console.log(1);", 100],
] as const;

test.each(APPS)('an app takes only what it uses: %s', async (source, most) => {
  const { outputFiles } = await bundleWithEsbuild({
    stdin: { contents: source, resolveDir: app.folder },
    bundle: true,
    minify: true,
    format: 'esm',
    write: false,
    logLevel: 'silent',
  });
  expect(outputFiles[0]?.text.length).toBeLessThan(most);

  writeFileSync(path.join(app.folder, 'main.js'), source);
  const built = await buildWithVite({
    root: app.folder,
    configFile: false,
    logLevel: 'error',
    build: { write: false, lib: { entry: 'main.js', formats: ['es'] }, minify: true },
  });
  const code = [built].flat().flatMap((result) => ('output' in result ? result.output : []));
  const bytes = code.map((chunk) => (chunk.type === 'chunk' ? chunk.code.length : Infinity));
  expect(bytes).toHaveLength(1);
  expect(bytes[0]).toBeLessThan(most);
});
