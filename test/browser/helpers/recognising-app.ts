/** An app that recognises a second of samples, and then a file, in the three ways in which the engine comes to a browser. */
import { build as bundleWithEsbuild } from 'esbuild';
import path from 'node:path';
import { build as buildWithVite } from 'vite';
import { type App, makeApp } from './packed.ts';
import { ROOT, serveSite, type Site } from './site.ts';

const RECOGNITION = `
import { pipeline } from 'FROM';
const recognize = await pipeline('automatic-speech-recognition', '/examples/models/unispeech-tiny-en/');
const { text } = await recognize(new Float32Array(16000).map((_, index) => Math.sin(index)));
document.title = 'samples' + text;
addEventListener('click', async () => {
  document.title = (await recognize('/examples/audio/yes-five.flac')).text;
});
`;

/** @param from where its module finds the engine: its title begins with `samples` once these are recognised, and a click has it read a file. */
export const recognitionFrom = (from: string): string => RECOGNITION.replace('FROM', from);

export const pageWith = (script: string): string =>
  `<!doctype html><meta charset="utf-8"><script type="module" src="${script}"></script>`;

export function makeRecognisingApp(): App {
  return makeApp({
    'main.js': recognitionFrom('unispeech-webgpu'),
    'page.js': recognitionFrom('./node_modules/unispeech-webgpu/dist/unispeech.js'),
    'page.html': pageWith('/page.js'),
    'esbuild/index.html': pageWith('/esbuild/main.js'),
    'index.html': pageWith('/main.js'),
  });
}

/** With the model and the clip that it asks for. */
export const serveRecognisingApp = ({ folder }: App): Promise<Site> =>
  serveSite({ folders: { '/': `${folder}/`, '/examples/': path.join(ROOT, 'examples/') } });

/** Builds the app and returns the address of its page on the site. */
type BuildApp = (app: App) => string | Promise<string>;

export const WAYS_TO_A_BROWSER = {
  'a page with dist/unispeech.js': () => '/page.html',
  'an app by esbuild': async ({ folder }) => {
    await bundleWithEsbuild({
      absWorkingDir: folder,
      entryPoints: ['main.js'],
      outdir: 'esbuild',
      bundle: true,
      splitting: true,
      minify: true,
      format: 'esm',
      logLevel: 'silent',
    });
    return '/esbuild/';
  },
  'an app by Vite': async ({ folder }) => {
    await buildWithVite({
      root: folder,
      base: '/vite/',
      configFile: false,
      logLevel: 'error',
      build: { outDir: 'vite' },
    });
    return '/vite/';
  },
} satisfies Readonly<Record<string, BuildApp>>;
