/** What the tests of `createWorkerPipeline()` share: a page with a strict policy, and what its scripts make global. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { launchChromium } from '../../../scripts/headless-chromium.mjs';
import type { align } from '../../../src/align/index.ts';
import type { pipeline, Tensor } from '../../../src/index.ts';
import type { phones, pronunciation } from '../../../src/phones/index.ts';
import type { createWorkerPipeline } from '../../../src/worker/index.ts';
import { PREPROCESSOR } from '../../helpers/family-models.ts';
import { phonemeModel, type PhonemeModel } from '../../helpers/phoneme-model.ts';
import { ROOT, serveSite, type Site } from './site.ts';

/** What `/expose.js` makes global for the code of these tests that runs in the page. */
export interface InWorkerPage {
  readonly align: typeof align;
  readonly createWorkerPipeline: typeof createWorkerPipeline;
  readonly phones: typeof phones;
  readonly pipeline: typeof pipeline;
  readonly pronunciation: typeof pronunciation;
  readonly Tensor: typeof Tensor;
  /** What a promise was rejected with, as plain data; `isOurs` by the class of the main entry. */
  readonly reasonOf: (promise: Promise<unknown>) => Promise<PlainReason>;
  /** What the worker entry exports when it is served from elsewhere. */
  readonly importFrom: (url: string) => Promise<Pick<InWorkerPage, 'createWorkerPipeline'>>;
}
export interface PlainReason {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly fix?: string;
  readonly isOurs: boolean;
}

const EXPOSE = `
import { createWorkerPipeline } from '/dist/worker.js';
import { align } from '/dist/align.js';
import { phones, pronunciation } from '/dist/phones.js';
import { pipeline, Tensor, UniSpeechError } from '/dist/unispeech.js';
const reasonOf = (promise) => promise.then(
  () => { throw new Error('it was not rejected'); },
  (error) => ({ ...error, name: error.name, message: error.message, isOurs: error instanceof UniSpeechError }),
);
const importFrom = (url) => import(url);
const entries = { align, createWorkerPipeline, phones, pipeline, pronunciation, Tensor };
Object.assign(globalThis, { ...entries, reasonOf, importFrom });
document.title = 'ready';
`;
const BODY = '<!doctype html><meta charset="utf-8"><script type="module" src="/expose.js"></script>';
export const MODEL = '/examples/models/unispeech-tiny-en';
export const CLASSIFIER = '/test/reference/goldens/pipelines/layer-weighted';
export const FRAMES = '/test/reference/goldens/family/w2v2_h_frames_weighted';
export const SPEAKERS = '/test/reference/goldens/family/w2v2_i_xvector_batch';
/** It reads CLIP as `j ɛ s f aɪ v ɛ`. */
export const PHONEMES = '/phoneme-model';
export const CLIP = '/examples/audio/yes-five.flac';
export const MMS = '/test/reference/goldens/family/w2v2_c_ctc_attn_adapter_langs';
export const DAMAGED = '/test/audio/clips/flac-one-byte-55pct.flac';

export interface WorkerPages {
  readonly browser: Browser;
  readonly site: Site;
  /** A new one for each test. */
  readonly page: Page;
  /** Opens a page of the site. */
  readonly open: (address: string) => Promise<Page>;
}

/** Serves the pages for the tests of a file, and opens one before each. */
export function useWorkerPages(): WorkerPages {
  let browser: Browser;
  let site: Site;
  let phonemes: PhonemeModel;
  let page: Page;
  beforeAll(async () => {
    browser = await launchChromium();
    const policy = (text: string) => ({ body: BODY, headers: { 'Content-Security-Policy': text } });
    phonemes = phonemeModel();
    site = await serveSite({
      folders: { '/': ROOT, [`${PHONEMES}/`]: phonemes.folder },
      pages: {
        '/expose.js': { body: EXPOSE },
        // In a folder, so that locations relative to the page are not relative to the worker.
        '/folder/strict.html': policy("default-src 'self'; script-src 'self'"),
        '/no-workers.html': policy("default-src 'self'; worker-src 'none'"),
        '/mine.js': {
          body: `import '/dist/worker-host.js';
            addEventListener('message', ({ data }) => { if (data === 'fail') throw new Error('on purpose'); });`,
        },
        '/silent.js': { body: '' },
        ...Object.fromEntries(
          [FRAMES, SPEAKERS, MMS].map((model) => [
            `${model}/preprocessor_config.json`,
            { body: PREPROCESSOR },
          ]),
        ),
        // A copy of the client without the worker's script beside it.
        '/alone/worker.js': {
          body: readFileSync(path.join(ROOT, 'dist/standalone/worker.js')),
          type: 'text/javascript',
        },
      },
    });
  });
  afterAll(async () => {
    await browser.close();
    await site.close();
    phonemes[Symbol.dispose]();
  });
  const open = async (address: string): Promise<Page> => {
    const opened = await browser.newPage();
    await opened.goto(site.url + address);
    await opened.waitForFunction(() => document.title === 'ready', undefined, { timeout: 60_000 });
    return opened;
  };
  beforeEach(async () => {
    page = await open('/folder/strict.html');
    return () => page.close();
  });
  return {
    get browser() {
      return browser;
    },
    get site() {
      return site;
    },
    get page() {
      return page;
    },
    open,
  };
}
