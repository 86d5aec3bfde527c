/** The microphone in Chromium, under a strict policy: the real audio worklet, and everything let go at the end. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Browser } from 'playwright-core';
import { launchChromium } from '../../scripts/headless-chromium.mjs';
import { writeWav } from '../audio/write-wav.ts';
import { ROOT, serveSite, type Site } from './helpers/site.ts';

const SCRIPT = `
import { pipeline } from '/dist/unispeech.js';
import { transcribeMicrophone } from '/dist/microphone.js';

// What is open, by watching the browser's own objects.
const contexts = [];
const NativeContext = AudioContext;
globalThis.AudioContext = class extends NativeContext {
  constructor(options) { super(options); contexts.push(this); }
};
const tracks = [];
let whenOpen = () => undefined;
const { mediaDevices } = navigator;
if (mediaDevices) {
  const ask = mediaDevices.getUserMedia.bind(mediaDevices);
  mediaDevices.getUserMedia = async (constraints) => {
    const stream = await ask(constraints);
    tracks.push(...stream.getTracks());
    whenOpen();
    return stream;
  };
}
const open = () => ({
  contexts: contexts.map(({ state }) => state),
  rates: contexts.map(({ sampleRate }) => sampleRate),
  tracks: tracks.splice(0).map(({ readyState }) => readyState),
});
/** Hears how long and how loud the sound is. */
const measured = { seconds: 0, peak: 0 };
const measure = async ({ raw, sampling_rate }) => {
  measured.seconds = Math.max(measured.seconds, raw.length / sampling_rate);
  measured.peak = raw.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), measured.peak);
  return { text: '', chunks: [] };
};
const describe = ({ name, code, message }) => ({ name, code, message });

globalThis.scenarios = {
  async speak() {
    const recognize = await pipeline('automatic-speech-recognition', '/examples/models/unispeech-tiny-en');
    // Kernels compile before the clock runs.
    await recognize(new Float32Array(32000).map((_, index) => Math.sin(index)));
    // As one does who has spoken: at half a second of silence, longer than any in the sentence, while the last word is heard.
    const listen = (audio, options) => {
      const { raw, sampling_rate } = audio;
      const lastLoud = raw.findLastIndex((sample) => Math.abs(sample) > 0.005);
      if (lastLoud >= 0 && raw.length - lastLoud > sampling_rate / 2) transcription.stop();
      return recognize(audio, options);
    };
    const transcription = transcribeMicrophone(listen, { step_length_s: 1 });
    const updates = [];
    for await (const update of transcription) updates.push(update);
    await recognize.dispose();
    return { updates, ...open() };
  },
  async leave() {
    for await (const { audioSeconds } of transcribeMicrophone(measure))
      if (audioSeconds > 1 && measured.peak > 0) break;
    return { ...open(), ...measured };
  },
  async stopWhileAsked() {
    const ask = mediaDevices.getUserMedia;
    let allow;
    mediaDevices.getUserMedia = (constraints) => new Promise((resolve) => { allow = () => resolve(ask(constraints)); });
    const transcription = transcribeMicrophone(measure);
    const turn = transcription.next();
    transcription.stop();
    const { done } = await turn;
    const opened = new Promise((resolve) => { whenOpen = resolve; });
    allow();
    await opened;
    // What follows from that are promises only.
    await new Promise((resolve) => setTimeout(resolve));
    return { isFinal: done, ...open() };
  },
  async abort() {
    const stop = new AbortController();
    try {
      for await (const _ of transcribeMicrophone(measure, { signal: stop.signal })) stop.abort(new Error('enough'));
    } catch (error) {
      return { error: describe(error), ...open() };
    }
  },
  async ownStream() {
    const context = new NativeContext();
    const oscillator = context.createOscillator();
    const destination = context.createMediaStreamDestination();
    oscillator.connect(destination);
    oscillator.start();
    const [track] = destination.stream.getTracks();
    let updates = 0;
    let isFinal = false;
    for await (const update of transcribeMicrophone(measure, { stream: destination.stream })) {
      updates += 1;
      isFinal = update.isFinal;
      if (updates === 2) track.stop();
    }
    await context.close();
    return { updates, isFinal, ...open(), ...measured };
  },
  async fail(options) {
    try {
      await transcribeMicrophone(measure, options).next();
    } catch (error) {
      return { error: describe(error), ...open() };
    }
  },
};
`;

interface Answer {
  readonly updates: readonly {
    readonly committed: string;
    readonly isFinal: boolean;
    readonly droppedSeconds: number;
  }[];
  readonly contexts: readonly string[];
  readonly rates: readonly number[];
  readonly tracks: readonly string[];
  readonly error: { readonly name: string; readonly code: string; readonly message: string };
  readonly isFinal: boolean;
  readonly seconds: number;
  readonly peak: number;
}

/** The device plays its file from when it is opened, and the first word must not be over when the audio context runs. */
const LEAD_SECONDS = 2;

/** A clip behind so much silence. */
function lateClip(): Uint8Array {
  const clip = readFileSync(`${ROOT}examples/audio/nine-four-five-one-five-five-six.wav`).subarray(44);
  const data = Buffer.concat([new Uint8Array(LEAD_SECONDS * 16_000 * 2), clip]);
  return writeWav({ tag: 1, bits: 16, sampleRate: 16_000, channelCount: 1, data });
}

let folder: string;
let browser: Browser;
/** One whose user says no. */
let refusingBrowser: Browser;
let site: Site;
beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'unispeech-microphone-'));
  const clip = path.join(folder, 'clip.wav');
  writeFileSync(clip, lateClip());
  browser = await launchChromium({
    args: [
      '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream',
      `--use-file-for-fake-audio-capture=${clip}%noloop`,
      '--host-resolver-rules=MAP plain.test 127.0.0.1',
    ],
  });
  refusingBrowser = await launchChromium({
    args: ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream=deny'],
  });
  site = await serveSite({
    pages: {
      '/': {
        body: '<!doctype html><meta charset="utf-8"><script type="module" src="/page.js"></script>',
        headers: { 'Content-Security-Policy': "default-src 'self'; script-src 'self'" },
      },
      '/page.js': { body: SCRIPT },
    },
  });
});
afterAll(async () => {
  await browser.close();
  await refusingBrowser.close();
  await site.close();
  rmSync(folder, { recursive: true, force: true });
});

interface StreamRunOptions {
  readonly options?: object;
  readonly url?: string;
  readonly inBrowser?: Browser;
}

async function run(
  scenario: string,
  { options = {}, url = site.url, inBrowser = browser }: StreamRunOptions = {},
): Promise<Answer> {
  const page = await inBrowser.newPage();
  try {
    await page.goto(url);
    await page.waitForFunction(() => 'scenarios' in globalThis, undefined, { timeout: 60_000 });
    return await page.evaluate(
      ([name, given]) => {
        const { scenarios } = globalThis as unknown as {
          scenarios: Record<string, (given: object) => Answer>;
        };
        return scenarios[name]?.(given) ?? Promise.reject(new Error(`no scenario ${name}`));
      },
      [scenario, options] as const,
    );
  } finally {
    await page.close();
  }
}

test('speech into the microphone becomes text, and stop() ends with all of it', async () => {
  const { updates, contexts, rates, tracks } = await run('speak');
  const last = updates.at(-1);
  expect(last).toMatchObject({ isFinal: true, droppedSeconds: 0 });
  // The small model may get letters wrong in a word that it hears before the sentence is over.
  const words = last?.committed.split(' ') ?? [];
  const expected = ['NINE', 'FOUR', 'FIVE', 'ONE', 'FIVE', 'FIVE', 'SIX'];
  expect(words).toHaveLength(expected.length);
  expect(words.filter((word, index) => word === expected[index]).length).toBeGreaterThan(4);
  updates.forEach(({ committed }, index) =>
    expect(committed.startsWith(updates[index - 1]?.committed ?? '')).toBe(true),
  );
  expect({ contexts, rates, tracks }).toEqual({ contexts: ['closed'], rates: [16_000], tracks: ['ended'] });
});

test('leaving the loop lets the microphone go', async () => {
  const { contexts, tracks, seconds, peak } = await run('leave');
  expect({ contexts, tracks }).toEqual({ contexts: ['closed'], tracks: ['ended'] });
  expect(seconds).toBeGreaterThan(0.5);
  expect(peak).toBeGreaterThan(0.01);
});

test('the signal lets the microphone go', async () => {
  const { error, contexts, tracks } = await run('abort');
  expect(error.message).toBe('enough');
  expect({ contexts, tracks }).toEqual({ contexts: ['closed'], tracks: ['ended'] });
});

test('stopped while the user is asked, it ends, and a late permission opens nothing', async () => {
  const { isFinal, contexts, tracks } = await run('stopWhileAsked');
  expect(isFinal).toBe(true);
  expect({ contexts, tracks }).toEqual({ contexts: [], tracks: ['ended'] });
});

test("a caller's stream, whose track ends", async () => {
  const { isFinal, contexts, peak } = await run('ownStream');
  expect(isFinal).toBe(true);
  expect(contexts).toEqual(['closed']);
  expect(peak).toBeGreaterThan(0.5);
});

test('a microphone that is not allowed', async () => {
  const { error, contexts } = await run('fail', { inBrowser: refusingBrowser });
  expect(error).toMatchObject({ name: 'UniSpeechError', code: 'no-microphone' });
  expect(error.message).toMatch(/^The microphone was not allowed\. Allow it in the settings/);
  expect(contexts).toEqual([]);
});

test('a device that is not there', async () => {
  const { error } = await run('fail', { options: { deviceId: 'no such device' } });
  expect(error.message).toMatch(/^There is no microphone with this deviceId/);
});

test('a worklet that is not there', async () => {
  const { error, contexts, tracks } = await run('fail', { options: { workletUrl: '/none.js' } });
  expect(error).toMatchObject({ code: 'not-found' });
  expect(error.message).toContain('could not be loaded from /none.js');
  expect({ contexts, tracks }).toEqual({ contexts: ['closed'], tracks: ['ended'] });
});

test('a page that did not come over a secure connection', async () => {
  const { error } = await run('fail', { url: site.url.replace('localhost', 'plain.test') });
  expect(error.message).toMatch(/^This page may not use the microphone, as it did not come over a secure/);
});
