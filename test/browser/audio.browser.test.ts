/** Every kind of audio on a page and in a module worker: what decodes, to the same text as in Node, and what is refused. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from '../../scripts/headless-chromium.mjs';
import { encodeSamples, writeWav } from '../audio/write-wav.ts';
import { isShort } from '../helpers/test-depth.ts';
import { ROOT, serveSite, type Site } from './helpers/site.ts';

/** Answers `{ kind, file }` with what a call of the pipeline gives, or with the error. */
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
  oneBitOff: async (file) => {
    const bytes = await bytesOf(file);
    bytes[Math.floor(0.55 * bytes.length)] ^= 1;
    return bytes;
  },
  withoutWebCodecs: async (file) => {
    delete globalThis.AudioDecoder;
    return bytesOf(file);
  },
  truncated: async (file) => (await bytesOf(file)).subarray(0, 15000),
  list: async (file) => [file, await bytesOf(file)],
  streamOfAudioData: async (file) => {
    const buffer = await SOURCES.audioBuffer(file);
    const { sampleRate, numberOfChannels } = buffer;
    const planes = Array.from({ length: numberOfChannels }, (_, channel) => buffer.getChannelData(channel));
    let start = 0;
    return new ReadableStream({
      pull(controller) {
        const numberOfFrames = Math.min(1000, buffer.length - start);
        if (numberOfFrames === 0) return controller.close();
        const data = new Float32Array(numberOfFrames * numberOfChannels);
        planes.forEach((plane, channel) => data.set(plane.subarray(start, start + numberOfFrames), channel * numberOfFrames));
        const timestamp = Math.round((start * 1e6) / sampleRate);
        start += numberOfFrames;
        controller.enqueue(new AudioData({ format: 'f32-planar', sampleRate, numberOfFrames, numberOfChannels, timestamp, data }));
      },
    });
  },
  // As sinks of mediabunny give it.
  wrappedAudioBuffers: (file) =>
    (async function* () {
      yield { buffer: await SOURCES.audioBuffer(file), timestamp: 0 };
    })(),
  body: async (file) => (await fetch(file)).body,
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

interface DecodedOutput {
  readonly text: string;
  readonly timing: { readonly audio_seconds: number };
  readonly warnings?: readonly string[];
}
interface Answer {
  readonly output?: DecodedOutput | readonly DecodedOutput[];
  readonly error?: { readonly name: string; readonly code: string; readonly message: string };
}
type Place = 'page' | 'worker';

/** A clip on the left, silence on the right. */
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
/** Of another origin, which allows no other site to read its files. */
let otherSite: Site;
beforeAll(async () => {
  browser = await launchChromium();
  otherSite = await serveSite();
  site = await serveSite({
    respond: (request, response) => {
      if (request.url !== '/audio/busy.wav') return false;
      response.writeHead(503).end();
      return true;
    },
    pages: {
      '/audio/page.html': {
        body: '<!doctype html><meta charset="utf-8"><script type="module" src="/page.js"></script>',
        headers: { 'Content-Security-Policy': "default-src 'self'; script-src 'self'; connect-src *" },
      },
      '/host.js': { body: HOST },
      '/page.js': { body: PAGE },
      '/worker.js': { body: WORKER },
      '/audio/stereo.wav': { body: stereoWav() },
      '/audio/adpcm.wav': {
        body: writeWav({ tag: 2, bits: 4, sampleRate: 8000, channelCount: 2, data: new Uint8Array(4096) }),
      },
      '/audio/index-page.wav': { body: '<!doctype html>', type: 'text/html; charset=utf-8' },
    },
  });
  page = await browser.newPage();
  await page.goto(`${site.url}/audio/page.html`);
  await page.waitForFunction(() => 'ask' in globalThis, undefined, { timeout: 60_000 });
});
afterAll(async () => {
  await browser.close();
  await site.close();
  await otherSite.close();
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
    ['nine-nine.ogg', examples, 'NINE NINE', 1.49],
    ['yes-five.flac', examples, 'YES FIVE', 1.94],
    ['yes-five.mp3', clips, 'YES FIVE', 1.94],
    ['yes-five.opus', clips, 'YES FIVE', 1.94],
    ['yes-five.oga', clips, 'YES FIVE', 1.94],
    ['four-four.wav', examples, 'FOUR FOUR', 1.74],
  ])('%s: the text of Node, and the length', async (file, folder, text, seconds) => {
    const { output, error } = await ask(place, 'bytes', folder + file);
    expect(error).toBeUndefined();
    expect(output).toMatchObject({ text });
    expect(Math.abs((output as DecodedOutput).timing.audio_seconds - seconds)).toBeLessThan(0.02);
  });

  test('a list of a relative URL and bytes', async () => {
    // Of the page, which lies in /audio/, or of the worker's script.
    const file = place === 'page' ? '../examples/audio/yes-five.flac' : 'examples/audio/yes-five.flac';
    expect((await ask(place, 'list', file)).output).toMatchObject([
      { text: 'YES FIVE' },
      { text: 'YES FIVE' },
    ]);
  });

  test.each([
    ['empty', '', 'bad-audio', /^nothing\.mp3 cannot be decoded .*: it is empty.*\. Use WAV, FLAC, MP3/],
    [
      'text',
      '',
      'bad-audio',
      /^notes\.txt cannot be decoded .*: its 17 bytes start with 4e 6f 74 20 61 75 64/,
    ],
    [
      'url',
      '/none.wav',
      'not-found',
      /^The audio file \/none\.wav could not be read: the server answered 404/,
    ],
    ['url', '/audio/index-page.wav', 'not-found', /could not be read: the server answered with an HTML page/],
    ['url', '/audio/busy.wav', 'network', /could not be read: the server answered 503/],
    [
      'url',
      'OTHER/examples/audio/four-four.wav',
      'network',
      /could not be read: .* on another origin must allow/,
    ],
  ])('%s %s is refused as %s', async (kind, file, code, message) => {
    const { error } = await ask(place, kind, file.replace('OTHER', otherSite.url));
    expect(error).toMatchObject({ name: 'UniSpeechError', code });
    expect(error?.message).toMatch(message);
  });
});

describe('on the page', () => {
  test.each([
    ['url', 'yes-five.flac', 'YES FIVE'],
    ['urlObject', 'nine-nine.ogg', 'NINE NINE'],
    ['arrayBuffer', 'yes-five.flac', 'YES FIVE'],
    ['blob', 'yes-five.flac', 'YES FIVE'],
    ['file', 'nine-nine.ogg', 'NINE NINE'],
    ['audioBuffer', 'yes-five.flac', 'YES FIVE'],
    ['streamOfAudioData', 'yes-five.flac', 'YES FIVE'],
    ['wrappedAudioBuffers', 'yes-five.flac', 'YES FIVE'],
    ['body', 'nine-nine.ogg', 'NINE NINE'],
  ])('%s', async (kind, file, text) => {
    expect((await ask('page', kind, examples + file)).output).toMatchObject({ text });
  });

  test('two channels at 48 kHz', async () => {
    expect((await ask('page', 'url', '/audio/stereo.wav')).output).toMatchObject({ text: 'FOUR FOUR' });
  });

  test('two channels at 44.1 kHz', async () => {
    const { output } = await ask('page', 'url', `${examples}zero-six-one-seven-nine-yes.wav`);
    expect(output).toMatchObject({ text: 'ZERO SIX ONE SEVEN NINE YES' });
  });
});

/** Files of the field: text, and samples at 16 kHz as Node has them. */
const FIELD_FILES = [
  ['flac-8k-id3v1-at-end.flac', 'FOUR FOUR', 23_200],
  ['opus-chained-2.opus', 'YES FIVE FOUR FOUR', 58_722],
  ['opus-chained-mono-stereo.opus', 'FOUR FOUR YES FIVE', 58_722],
  ['vorbis-chained-16k-48k.ogg', 'YES FIVE FOUR FOUR', 58_722],
  ['opus-paused-eos-in-the-middle.opus', 'YES FIVE', 30_962],
  ['opus-with-skeleton.opus', 'YES FIVE', 30_962],
  ['mp3-id3-then-junk.mp3', 'YES FIVE', 30_962],
  // The second half has a rate of 8 kHz, where the small model hears an L.
  ['mp3-joined-16k-and-8k.mp3', 'YES FIVE LES FIVE', 64_370],
  ['wav-alaw.wav', 'YES FIVE', 30_962],
  ['aiff.aiff', 'YES FIVE', 30_962],
] as const;

describe.each<Place>(['page', 'worker'])('from the field, in a %s', (place) => {
  // A worker reads them as the page does; `npm run test:all` has them all.
  const files = FIELD_FILES.filter((_, index) => !isShort || place === 'page' || index % 3 === 0);
  test.each(files)('%s: the text and the length of Node', async (file, text, sampleCount) => {
    const { output, error } = await ask(place, 'bytes', clips + file);
    expect(error).toBeUndefined();
    expect(output).toMatchObject({ text, timing: { audio_seconds: sampleCount / 16_000 } });
    expect(output).not.toHaveProperty('warnings');
  });

  test.each([
    ['oneBitOff', `${examples}yes-five.flac`, '0.26 s of it'],
    ['oneBitOff', `${clips}opus-paused-eos-in-the-middle.opus`, '0.10 s of it'],
    ['bytes', `${clips}flac-one-byte-55pct.flac`, '0.26 s of it'],
  ])('%s %s: silence of the right length, and the warning of Node', async (kind, file, start) => {
    const { output, error } = await ask(place, kind, file);
    expect(error).toBeUndefined();
    const { timing, warnings } = output as DecodedOutput;
    expect(timing.audio_seconds).toBe(30_962 / 16_000);
    expect(warnings).toHaveLength(1);
    expect(warnings?.[0]?.slice(0, 11 + start.length)).toBe(`the audio: ${start}`);
  });
});

test('a file that is cut short gives what is there, on the page as in a worker', async () => {
  for (const place of ['page', 'worker'] as const) {
    const { output } = await ask(place, 'truncated', `${examples}yes-five.flac`);
    const { timing, warnings } = output as DecodedOutput;
    expect(timing.audio_seconds).toBe(0.512);
    expect(warnings).toEqual(['the audio: It ends 1.42 s before the 1.94 s that its header declares.']);
  }
});

test('what only the browser decodes, it decodes on the page', async () => {
  expect((await ask('page', 'bytes', `${clips}mediarecorder-like.webm`)).output).toMatchObject({
    text: 'YES FIVE',
  });
  const { error } = await ask('worker', 'bytes', `${clips}mediarecorder-like.webm`);
  expect(error).toMatchObject({ code: 'bad-audio' });
  expect(error?.message).toContain('it looks like WebM or Matroska');
});

test('a WAV file of an encoding that neither we nor the browser know: the error says which', async () => {
  for (const place of ['page', 'worker'] as const) {
    const { error } = await ask(place, 'bytes', '/audio/adpcm.wav');
    expect(error).toMatchObject({ code: 'unsupported' });
    expect(error?.message).toMatch(/^the audio is a WAV file of Microsoft ADPCM at 4 bits per sample/);
  }
});

// The last ones: the page has no WebCodecs afterwards.
describe('on a page without WebCodecs', () => {
  test.each([
    ...FIELD_FILES.slice(0, 8),
    ['yes-five.mp3', 'YES FIVE', 30_962] as const,
    ['yes-five.oga', 'YES FIVE', 30_962] as const,
  ])('%s: the text and the length of Node', async (file, text, sampleCount) => {
    const { output, error } = await ask('page', 'withoutWebCodecs', clips + file);
    expect(error).toBeUndefined();
    expect(output).toMatchObject({ text, timing: { audio_seconds: sampleCount / 16_000 } });
    expect(output).not.toHaveProperty('warnings');
  });

  test('damage is told of all the same', async () => {
    const { output } = await ask('page', 'withoutWebCodecs', `${clips}flac-one-byte-55pct.flac`);
    const { timing, warnings } = output as DecodedOutput;
    expect(timing.audio_seconds).toBe(30_962 / 16_000);
    expect(warnings?.[0]).toContain('0.26 s at 0.51 s');
  });
});
