/**
 * `npm run bench -- browser`: what a web developer judges. Sizes of the built files; then, in headless Chromium with an
 * empty profile, loading a model over HTTP, loading it again from the browser's storage, the first run and the next
 * ones, on the page and in a worker, with the JavaScript heap and the longest tasks of the main thread.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from '../../scripts/headless-chromium.mjs';
import { serveSite } from '../../test/browser/helpers/site.ts';
import { ensureCheckpoint, readIntoPageCache } from '../lib/checkpoints.ts';
import { readEnvironment } from '../lib/environment.ts';
import { markdownTable } from '../lib/markdown.ts';
import { median } from '../lib/statistics.ts';
import { withMainThreadTasks, withPeakHeap } from './chromium.ts';
import { HELP, parseOptions, type BrowserOptions } from './options.ts';

/** Where the engine runs. */
type Place = 'page' | 'worker';

interface PlaceResult {
  readonly place: Place;
  readonly loadMilliseconds: number;
  readonly loadFromStorageMilliseconds: number;
  readonly firstRunMilliseconds: number;
  readonly runMilliseconds: readonly number[];
  /** Of the page's own thread while the model loads from the network. */
  readonly peakHeapByteLength: number;
  /** Of the page's main thread, from the start of the load to the end of the first run; the longest first. */
  readonly longestTaskMilliseconds: readonly number[];
  readonly warnings: readonly string[];
}

/** The functions of page.mjs, as seen from outside. */
interface PageBench {
  load(
    place: Place,
    url: string,
  ): Promise<{ readonly milliseconds: number; readonly warnings: readonly string[] }>;
  run(sampleCount: number): Promise<number>;
  dispose(): Promise<void>;
  clear(): Promise<void>;
  adapter(): Promise<string>;
}
declare const bench: PageBench;

/** With the engine in a worker. */
const MAX_TASK_MILLISECONDS = 50;
/** 64 MB and the largest slice of a file that the loader reads. */
const MAX_HEAP_BYTE_LENGTH = 64e6 + 4 * 2 ** 20;

const log = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

/** Bytes and gzip -9 bytes of every file that a page may load. */
function measureSizes(): readonly { name: string; byteLength: number; gzipByteLength: number }[] {
  return readdirSync('dist', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.js') && !/^(node|cli|terminal|web)/.test(name))
    .map((name) => {
      const content = readFileSync(path.join('dist', name));
      return {
        name,
        byteLength: content.byteLength,
        gzipByteLength: gzipSync(content, { level: 9 }).byteLength,
      };
    });
}

async function openBench(browser: Browser, url: string): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  page.setDefaultTimeout(0);
  await page.goto(url);
  await page.waitForFunction(() => 'bench' in globalThis);
  return page;
}

/** A load with an empty storage, a second one from it, and runs. */
async function measurePlace(
  browser: Browser,
  url: string,
  modelUrl: string,
  place: Place,
  { seconds, runs }: BrowserOptions,
): Promise<PlaceResult> {
  const page = await openBench(browser, url);
  const load = (): ReturnType<PageBench['load']> =>
    page.evaluate(
      (argument: { place: Place; modelUrl: string }) => bench.load(argument.place, argument.modelUrl),
      {
        place,
        modelUrl,
      },
    );
  const run = (): Promise<number> =>
    page.evaluate((sampleCount: number) => bench.run(sampleCount), Math.round(seconds * 16_000));
  log(`${place}: load over HTTP`);
  const cold = await withPeakHeap(page, load);
  await page.evaluate(() => bench.dispose());
  log(`${place}: load from storage and first run, traced`);
  const traced = await withMainThreadTasks(browser, page, async () => {
    const { milliseconds } = await load();
    return { milliseconds, firstRunMilliseconds: await run() };
  });
  const runMilliseconds: number[] = [];
  for (let index = 0; index < runs; index++) {
    log(`${place}: run ${index + 1} of ${runs}`);
    runMilliseconds.push(await run());
  }
  await page.evaluate(async () => {
    await bench.dispose();
    await bench.clear();
  });
  await page.context().close();
  return {
    place,
    loadMilliseconds: cold.value.milliseconds,
    loadFromStorageMilliseconds: traced.value.milliseconds,
    firstRunMilliseconds: traced.value.firstRunMilliseconds,
    runMilliseconds,
    peakHeapByteLength: cold.peakByteLength,
    longestTaskMilliseconds: traced.longestMilliseconds,
    warnings: cold.value.warnings,
  };
}

async function measure(options: BrowserOptions): Promise<void> {
  execFileSync(process.execPath, ['scripts/build.mjs', '--only', 'bundles'], { stdio: 'inherit' });
  const { folder, weightsFile } = await ensureCheckpoint(options.model);
  await readIntoPageCache(weightsFile);
  const site = await serveSite({
    pages: {
      '/bench.html': {
        body: '<!doctype html><meta charset="utf-8"><script type="module" src="/bench/browser/page.mjs"></script>',
      },
    },
    folders: { '/': path.resolve('.'), '/model/': folder },
  });
  const browser = await launchChromium();
  try {
    const url = `${site.url}/bench.html`;
    const first = await openBench(browser, url);
    const adapter = await first.evaluate(() => bench.adapter());
    await first.context().close();
    const places: PlaceResult[] = [];
    for (const place of ['page', 'worker'] as const) {
      places.push(await measurePlace(browser, url, `${site.url}/model/`, place, options));
    }
    const results = {
      suite: 'browser',
      command: `npm run bench -- browser --model ${options.model} --seconds ${options.seconds} --runs ${options.runs}`,
      environment: { ...readEnvironment(), chromium: browser.version(), adapter },
      sizes: measureSizes(),
      places,
    };
    process.stdout.write(`${formatResults(results)}\n`);
    if (options.jsonFile !== undefined)
      writeFileSync(options.jsonFile, `${JSON.stringify(results, null, 2)}\n`);
    for (const failure of findFailures(places)) {
      log(failure);
      process.exitCode = 1;
    }
  } finally {
    await browser.close();
    await site.close();
  }
}

/** What does not hold of what the README promises, as sentences. */
function findFailures(places: readonly PlaceResult[]): readonly string[] {
  return places.flatMap(({ place, peakHeapByteLength, longestTaskMilliseconds: [longest = NaN] }) => [
    ...(place === 'worker' && !(longest <= MAX_TASK_MILLISECONDS)
      ? [
          `The page's thread had a task of ${longest.toFixed(0)} ms: expected at most ${MAX_TASK_MILLISECONDS} ms.`,
        ]
      : []),
    ...(peakHeapByteLength > MAX_HEAP_BYTE_LENGTH
      ? [
          `The page's heap reached ${(peakHeapByteLength / 1e6).toFixed(0)} MB: expected less than ${(MAX_HEAP_BYTE_LENGTH / 1e6).toFixed(0)} MB.`,
        ]
      : []),
  ]);
}

function formatResults(results: {
  readonly command: string;
  readonly environment: { readonly chromium: string; readonly adapter: string };
  readonly sizes: ReturnType<typeof measureSizes>;
  readonly places: readonly PlaceResult[];
}): string {
  const { environment, sizes, places } = results;
  const whole = (value: number): string => value.toFixed(0);
  const measured = [
    [
      'engine on',
      'load ms',
      'from storage ms',
      'first run ms',
      'next runs ms',
      'page heap MB',
      'longest task ms',
    ],
    ...places.map((result) => [
      result.place,
      whole(result.loadMilliseconds),
      whole(result.loadFromStorageMilliseconds),
      whole(result.firstRunMilliseconds),
      whole(median(result.runMilliseconds)),
      whole(result.peakHeapByteLength / 1e6),
      whole(result.longestTaskMilliseconds[0] ?? NaN),
    ]),
  ];
  const files = [
    ['file', 'bytes', 'gzip -9'],
    ...sizes.map(({ name, byteLength, gzipByteLength }) => [
      name,
      String(byteLength),
      String(gzipByteLength),
    ]),
  ];
  return [
    `\`${results.command}\`: Chromium ${environment.chromium}, ${environment.adapter}`,
    markdownTable(files, [1, 2]),
    markdownTable(measured, [1, 2, 3, 4, 5, 6]),
  ].join('\n\n');
}

try {
  const options = parseOptions(process.argv.slice(2));
  if (options === undefined) process.stdout.write(HELP);
  else await measure(options);
} catch (error) {
  log(error instanceof TypeError ? `${error.message}\n\n${HELP}` : String(error));
  process.exitCode = 1;
}
