/**
 * `npm run bench -- download`: what lazy loading could still save. Everything that comes to recognise a second of samples, that without the functions that were
 * never called, and that without the blocks that never ran; then the source files with most in functions that were never called.
 */
import { execFileSync } from 'node:child_process';
import type { Browser } from 'playwright-core';
import { launchChromium } from '../../scripts/headless-chromium.mjs';
import {
  makeRecognisingApp,
  serveRecognisingApp,
  WAYS_TO_A_BROWSER,
} from '../../test/browser/helpers/recognising-app.ts';
import { readEnvironment } from '../lib/environment.ts';
import { markdownTable } from '../lib/markdown.ts';
import { log, runSuite } from '../lib/run-suite.ts';
import { coverRecognition } from './coverage.ts';
import { neverCalledByModule, type NeverCalled } from './modules.ts';
import { type DownloadOptions, HELP, parseOptions } from './options.ts';
import { serveSourceApp } from './source-app.ts';
import { type CoveredScript, neverRun, without, zippedByteLength } from './spans.ts';

function sizesOf(scripts: readonly CoveredScript[]): readonly number[] {
  const sum = (sizeOf: (script: CoveredScript) => number): number =>
    scripts.reduce((total, script) => total + sizeOf(script), 0);
  return [
    scripts.length,
    sum(({ source }) => Buffer.byteLength(source)),
    sum(({ source }) => zippedByteLength(source)),
    sum((script) => zippedByteLength(without(script.source, neverRun(script, 'functions')))),
    sum((script) => zippedByteLength(without(script.source, neverRun(script, 'blocks')))),
  ];
}

async function tableOfWays(browser: Browser): Promise<string> {
  const rows = [
    ['way', 'scripts', 'bytes', 'gzip -9', 'without functions never called', 'without blocks never run'],
  ];
  const app = makeRecognisingApp();
  const site = await serveRecognisingApp(app);
  try {
    for (const [way, buildApp] of Object.entries(WAYS_TO_A_BROWSER)) {
      log(way);
      const scripts = await coverRecognition(browser, site, await buildApp(app));
      rows.push([way, ...sizesOf(scripts).map(String)]);
    }
  } finally {
    await site.close();
    app.remove();
  }
  return markdownTable(rows, [1, 2, 3, 4, 5]);
}

async function neverCalledIn(
  browser: Browser,
  entry: Parameters<typeof serveSourceApp>[0],
): Promise<ReadonlyMap<string, NeverCalled>> {
  log(`source files of the ${entry}`);
  const { site, address, mapOf } = await serveSourceApp(entry);
  try {
    return neverCalledByModule(await coverRecognition(browser, site, address), mapOf);
  } finally {
    await site.close();
  }
}

async function tableOfModules(browser: Browser, { moduleCount }: DownloadOptions): Promise<string> {
  const page = await neverCalledIn(browser, 'page');
  const app = await neverCalledIn(browser, 'app');
  const row = (name: string, inPage: NeverCalled, inApp: NeverCalled): readonly string[] => [
    name,
    ...[inPage, inApp].flatMap(({ byteLength, zippedByteLength: zipped }) => [
      String(byteLength),
      String(zipped),
    ]),
  ];
  const ordered = [...page].sort(([, a], [, b]) => b.byteLength - a.byteLength);
  const rows = [
    ['never called in', 'page: bytes', 'gzip -9', 'app: bytes', 'gzip -9'],
    row(`all ${page.size} files that have any`, sumOf(page), sumOf(app)),
    ...ordered.slice(0, moduleCount).map(([name, inPage]) => row(name, inPage, app.get(name) ?? NOTHING)),
  ];
  return markdownTable(rows, [1, 2, 3, 4]);
}

const NOTHING: NeverCalled = { byteLength: 0, zippedByteLength: 0 };

const sumOf = (modules: ReadonlyMap<string, NeverCalled>): NeverCalled =>
  [...modules.values()].reduce(
    (sum, each) => ({
      byteLength: sum.byteLength + each.byteLength,
      zippedByteLength: sum.zippedByteLength + each.zippedByteLength,
    }),
    NOTHING,
  );

/** Returns the exit code. */
async function bench(options: DownloadOptions): Promise<number> {
  execFileSync(process.execPath, ['scripts/build.mjs', '--only', 'bundles'], { stdio: 'inherit' });
  const browser = await launchChromium();
  try {
    const tables = [await tableOfWays(browser), await tableOfModules(browser, options)];
    const environment = { ...readEnvironment(), chromium: browser.version() };
    process.stdout.write(`${[JSON.stringify(environment), ...tables].join('\n\n')}\n`);
  } finally {
    await browser.close();
  }
  return 0;
}

await runSuite(HELP, parseOptions, bench);
