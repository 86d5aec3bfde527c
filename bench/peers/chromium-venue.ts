/** Engines in headless Chromium, each in a page of its own. */
import type { IncomingMessage } from 'node:http';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from '../../scripts/headless-chromium.mjs';
import { serveSite, type Page as SitePage } from '../../test/browser/helpers/site.ts';
import { pageScript } from '../lib/page-script.ts';
import type { PeerProtocol } from './protocol.ts';
import { PEERS_PATH, TFJS_PATH } from './page-engines.ts';
import { peerFolder, PEERS_FOLDER } from './packages.ts';
import type { ComparedEngine } from './results.ts';
import type { EngineHandle, PeerModelFiles, Venue } from './venue.ts';

/** For a page and its script: engines are not loaded before they are asked to open. */
const PAGE_MILLISECONDS = 120_000;
const PAGE = '/peer.html';
const SCRIPT = '/peer.js';
const OUTPUT_PREFIX = '/output/';
const CHECKPOINT_PREFIX = '/checkpoint/';
const ONNX_PREFIX = '/onnx/';

/** Isolated pages have a fine clock, and threads for those whose wasm uses them. */
const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

export async function chromiumVenue({ checkpointFolder, onnxFile }: PeerModelFiles): Promise<Venue> {
  const outputs = new Outputs();
  const site = await serveSite({
    pages: await pages(),
    folders: {
      [PEERS_PATH]: path.join(PEERS_FOLDER, 'node_modules'),
      [CHECKPOINT_PREFIX]: checkpointFolder,
      ...(onnxFile !== undefined && { [ONNX_PREFIX]: path.dirname(onnxFile) }),
    },
    headers: ISOLATION,
    respond(request, response) {
      if (request.method !== 'POST') return false;
      outputs.receive(request, () => response.writeHead(204).end());
      return true;
    },
  });
  const browser = await launchChromium().catch(async (error: unknown) => {
    await site.close();
    throw error;
  });
  let pageCount = 0;
  return {
    facts: { venue: 'chromium', runtime: `Chromium ${browser.version()}, headless` },
    async start(engine) {
      const output = `${OUTPUT_PREFIX}${pageCount++}`;
      const query = new URLSearchParams({
        engine,
        output,
        checkpoint: site.url + CHECKPOINT_PREFIX,
        ...(onnxFile !== undefined && { onnx: ONNX_PREFIX + path.basename(onnxFile) }),
      });
      const page = await openPage(browser, `${site.url}${PAGE}?${query.toString()}`);
      return pageHandle(page, engine, () => outputs.take(output));
    },
    async close() {
      await browser.close();
      await site.close();
    },
  };
}

/** The page, its script, and TensorFlow.js in one file: its backend and its core must share one core. */
async function pages(): Promise<Readonly<Record<string, SitePage>>> {
  const script = await pageScript({ entryPoints: ['bench/peers/page.ts'] });
  const isTfjsInstalled = peerFolder('@tensorflow/tfjs-backend-webgpu') !== undefined;
  const tfjs =
    isTfjsInstalled &&
    (await pageScript({
      stdin: {
        contents: `export * from '@tensorflow/tfjs-core'; import '@tensorflow/tfjs-backend-webgpu';`,
        resolveDir: PEERS_FOLDER,
      },
    }));
  return {
    [SCRIPT]: { body: script, type: 'text/javascript' },
    ...(tfjs && { [TFJS_PATH]: { body: tfjs, type: 'text/javascript' } }),
    [PAGE]: {
      body: `<!doctype html><meta charset="utf-8"><title>peer</title><script type="module" src="${SCRIPT}"></script>`,
      type: 'text/html; charset=utf-8',
    },
  };
}

async function openPage(browser: Browser, url: string): Promise<Page> {
  const context = await browser.newContext();
  context.setDefaultTimeout(PAGE_MILLISECONDS);
  try {
    const page = await context.newPage();
    await page.goto(url);
    await page.waitForFunction(() => 'peer' in globalThis);
    return page;
  } catch (error) {
    await context.close();
    throw error;
  }
}

function pageHandle(page: Page, engine: ComparedEngine, takeOutput: () => Float32Array): EngineHandle {
  return {
    async request<K extends keyof PeerProtocol>(
      kind: K,
      ask: PeerProtocol[K]['ask'],
    ): Promise<PeerProtocol[K]['answer']> {
      const answer = (await page
        .evaluate(
          // `undefined` does not travel.
          ([kind, ask]) => globalThis.peer.request(kind as 'time', ask as PeerProtocol['time']['ask']),
          [kind, ask ?? null] as const,
        )
        .catch((error: unknown) => {
          throw error instanceof Error ? new Error(error.message.replace(/^page\.evaluate/, engine)) : error;
        })) as PeerProtocol[K]['answer'];
      return kind === 'output' ? { ...answer, output: takeOutput() } : answer;
    },
    stop: () => page.context().close(),
  };
}

/** What pages posted, by path. */
class Outputs {
  readonly #received = new Map<string, Float32Array>();

  receive(request: IncomingMessage, onReceived: () => void): void {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const bytes = Uint8Array.from(Buffer.concat(chunks));
      this.#received.set(request.url ?? '', new Float32Array(bytes.buffer));
      onReceived();
    });
  }

  take(urlPath: string): Float32Array {
    const output = this.#received.get(urlPath);
    if (output === undefined) throw new Error(`no page has posted to ${urlPath}`);
    this.#received.delete(urlPath);
    return output;
  }
}
