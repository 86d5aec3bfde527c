/** Every kind of audio on a page and in a module worker: what decodes, to the same text as in Node, and what is refused. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from '../../scripts/headless-chromium.mjs';
import { encodeSamples, writeWav } from '../audio/write-wav.ts';
import { ROOT, serveSite, type Site } from './helpers/site.ts';

/** Answers `{ expression }` with what a call of the pipeline gives, or with the error. */
const HOST = `
import { pipeline } from '/dist/unispeech.js';
const recognizing = pipeline('automatic-speech-recognition', '/examples/models/unispeech-tiny-en');
const bytesOf = async (url) => new Uint8Array(await (await fetch(url)).arrayBuffer());
/** From a name of the test to what is recognised. */
const SOURCES = {
  url: (file) => file,
  urlObject: (file) => new URL(file, location.href),
  bytes: bytesOf,
  arrayBuffer: async (file) => (await bytesOf(file)).buffer,
  blob: async (file) => new Blob([await bytesOf(file)]),
  file: async (file) => new File([await bytesOf(file)], file.split('/').at(-1)),
  empty: () => new File([], 'nothing.mp3'),
  text: () => new File(['Not audio at all.'], 'notes.txt'),
  truncated: async (file) => (await bytesOf(file)).subarray(0, 5000),
  list: async (file) => [file, await bytesOf(file)],
  audioBuffer: async (file) => new OfflineAudioContext(1, 1, 44100).decodeAudioData((await bytesOf(file)).buffer),
};
export async function recognize({ kind, file }) {
  try {
    const recognizer = await recognizing;
    return { output: await recognizer(await SOURCES[kind](file), { return_timing: true }) };
  } catch (error) {
    return { error: { name: error.name, code: error.code, message: error.message } };
  }
}
`;
const WORKER = `
import { recognize } from '/host.js';
onmessage = async ({ data }) => postMessage(await recognize(data));
`;
const PAGE = `
import { recognize } from '/host.js';
const worker = new Worker('/worker.js', { type: 'module' });
globalThis.ask = {
  page: recognize,
  worker: (request) =>
    new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = ({ message }) => reject(new Error(message));
      worker.postMessage(request);
    }),
};
`;

interface Output {
  readonly text: string;
  readonly timing: { readonly audio_seconds: number };
}
interface Answer {
  readonly output?: Output | readonly Output[];
  readonly error?: { readonly name: string; readonly code: string; readonly message: string };
}
type Place = 'page' | 'worker';

/** A WAV of the demo, interleaved with its own negative half: two channels whose mean is half the first. */
function stereoWav(): Uint8Array {
  const bytes = readFileSync(`${ROOT}examples/audio/four-four.wav`);
  const samples = new Int16Array(bytes.buffer, bytes.byteOffset + 44, (bytes.length - 44) >> 1);
  const interleaved = Array.from(samples).flatMap((sample) => [sample / 32_768, 0]);
  const format = { tag: 1, bits: 16, sampleRate: 48_000, channelCount: 2 };
  return writeWav({ ...format, data: encodeSamples(interleaved, 1, 16) });
}

let browser: Browser;
let page: Page;
let site: Site;
beforeAll(async () => {
  browser = await launchChromium();
  site = await serveSite({
    pages: {
      '/audio/page.html': {
        body: '<!doctype html><meta charset="utf-8"><script type="module" src="/page.js"></script>',
        headers: { 'Content-Security-Policy': "default-src 'self'; script-src 'self'; connect-src *" },
      },
      '/host.js': { body: HOST },
      '/page.js': { body: PAGE },
      '/worker.js': { body: WORKER },
      '/audio/stereo.wav': { body: stereoWav() },
      '/audio/index-page.wav': { body: '<!doctype html>', type: 'text/html; charset=utf-8' },
    },
  });
  page = await browser.newPage();
  await page.goto(`${site.url}/audio/page.html`);
  await page.waitForFunction(() => 'ask' in globalThis);
});
afterAll(async () => {
  await browser.close();
  await site.close();
});

const ask = (place: Place, kind: string, file = ''): Promise<Answer> =>
  page.evaluate(
    ([askedPlace, request]) =>
      (globalThis as unknown as { ask: Record<Place, (asked: unknown) => Promise<Answer>> }).ask[askedPlace](
        request,
      ),
    [place, { kind, file }] as const,
  );
const examples = '/examples/audio/';
const clips = '/test/audio/clips/';

describe.each<Place>(['page', 'worker'])('in a %s', (place) => {
  test.each([
    ['nine-nine.ogg', examples, 'NINE NINE'],
    ['yes-five.flac', examples, 'YES FIVE'],
    ['yes-five.mp3', clips, 'YES FIVE'],
    ['yes-five.opus', clips, 'YES FIVE'],
    ['yes-five.oga', clips, 'YES FIVE'],
    ['four-four.wav', examples, 'FOUR FOUR'],
  ])('%s', async (file, folder, text) => {
    const { output, error } = await ask(place, 'bytes', folder + file);
    expect(error).toBeUndefined();
    expect(output).toMatchObject({ text });
  });
});
