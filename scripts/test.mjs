/**
 * The whole test command: type check, lint, unit tests, tests of the package, the browser tests in headless Chromium, and the GPU tests
 * on every adapter that this machine can have: its own GPU, lavapipe where it is installed, SwiftShader from a dev dependency.
 * Ends with how long each part took and one line `N passed, N failed`; no adapter, or no GPU or browser test executed, is a failure.
 *
 * Two parts run side by side, as most leave much of a second core idle: Dawn and Chromium take one test file at a time. With a third beside
 * them the tests on lavapipe alone took over 1,200 s in place of 780.
 * The first adapter, the fastest, runs every GPU test. The others run what depends on the adapter: kernels, in fewer combinations, goldens
 * and trust. Of the many goldens of the family each runs on one of two adapters.
 * `--all` runs everything on every adapter, and what takes the longest: long cases of a few tests, the benchmark suites, `unispeech doctor` from beginning to end.
 * `--quick` is for the minutes between two commits: types, lint, unit tests, and a reference model for each head on the first adapter.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { availableAdapters } from './software-vulkan.mjs';

const [mode = ''] = process.argv.slice(2);
if (!['', '--all', '--quick'].includes(mode)) {
  console.error(`scripts/test.mjs has no option ${mode}: it takes --all or --quick`);
  process.exit(2);
}
const runsAll = mode === '--all';
const isQuick = mode === '--quick';
/** What of the GPU tests can fail on one adapter and not on another. */
const GOLDEN_TESTS = ['test/speech/golden', 'test/speech/family-goldens'];
const ADAPTER_TESTS = ['test/kernels/', 'test/speech/trust', ...GOLDEN_TESTS];

/** How much of the other tests: some of many files and formats, where all of them see the same code. */
const depthOfOthers = { UNISPEECH_TEST_DEPTH: runsAll ? 'full' : 'short' };

/** What takes minutes and fails least: by hand, before a release. */
const LONG_TESTS = [
  'test/bench/**/*.gpu.test.ts',
  'test/browser/pages-bench.browser.test.ts',
  // What they see in Chromium, the goldens there and the tests of trust on both adapters see as well.
  'test/browser/parity.browser.test.ts',
  'test/browser/trust.browser.test.ts',
  // The page of the doctor examines every kernel in Chromium; what bundlers make is measured by the test of sizes.
  'test/doctor/doctor.gpu.test.ts',
  'test/browser/bundlers.browser.test.ts',
  '**/*.long.{gpu,browser,server}.test.ts',
];

const scratch = mkdtempSync(path.join(os.tmpdir(), 'unispeech-test-'));
const totals = { passed: 0, failed: 0 };
/** Of each part, in seconds. */
const durations = [];

/** Runs a command and says how long it took. Others run beside it, so its output is shown after its end. */
async function check(title, args, { env = {} } = {}) {
  console.log(`== ${title}: begins`);
  const start = performance.now();
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  const output = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => output.push(bytes));
  const status = await new Promise((resolve) => child.on('close', resolve));
  const seconds = (performance.now() - start) / 1000;
  durations.push([title, seconds]);
  process.stdout.write(Buffer.concat([Buffer.from(`\n== ${title}\n`), ...output]));
  console.log(`== ${title}: ${status === 0 ? 'ok' : 'FAILED'} in ${seconds.toFixed(0)} s`);
  return status === 0;
}

async function checkTool(title, args) {
  if (await check(title, args)) totals.passed++;
  else totals.failed++;
}

/**
 * Runs one vitest project, or its files whose paths hold one of `filters`, and adds its counts.
 * @returns how many tests were executed.
 */
async function runTests(title, project, { env = {}, filters = [] } = {}) {
  const report = path.join(scratch, `${project}-${Object.values(env).join('-')}.json`);
  const selection = runsAll ? [] : LONG_TESTS.flatMap((pattern) => ['--exclude', pattern]);
  const args = ['node_modules/vitest/vitest.mjs', 'run', '--project', project, ...filters, ...selection];
  const ok = await check(
    title,
    [...args, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
    { env },
  );
  let counts = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0 };
  try {
    counts = JSON.parse(readFileSync(report, 'utf8'));
  } catch {
    console.log(`== ${title}: the test runner left no report`);
  }
  const skipped = counts.numPendingTests + counts.numTodoTests;
  if (skipped > 0) console.log(`== ${title}: ${skipped} tests were skipped, which counts as failed`);
  // A runner that fails without a failed test (a crash, a broken file) is one failure more.
  const failed = counts.numFailedTests + skipped;
  totals.passed += counts.numPassedTests;
  totals.failed += failed === 0 && !ok ? 1 : failed;
  return counts.numPassedTests + counts.numFailedTests;
}

let executedGpuTestCount = 0;

/** The GPU tests of each adapter; in a hurry, the reference models on the first one. */
const gpuParts = (isQuick ? availableAdapters().slice(0, 1) : availableAdapters()).map(
  (adapter, index, { length }) =>
    async () => {
      const alone = length === 1 ? 'short' : 'first';
      const [first, further] = isQuick ? ['quick'] : runsAll ? ['full', 'short'] : [alone, 'second'];
      const depth = index === 0 ? first : further;
      const env = { UNISPEECH_VULKAN: adapter, UNISPEECH_TEST_DEPTH: depth };
      const filters = isQuick ? GOLDEN_TESTS : index === 0 || runsAll ? [] : ADAPTER_TESTS;
      executedGpuTestCount += await runTests(`GPU tests on ${adapter}`, 'gpu', { env, filters });
    },
);
function checkGpuTests() {
  if (executedGpuTestCount > 0) return;
  totals.failed++;
  console.log(
    '\nNo GPU test was executed: this Linux machine has no WebGPU adapter. On x64 run "npm ci" with dev dependencies (they ' +
      'carry SwiftShader), or install Mesa 23 or newer: "sudo apt-get install mesa-vulkan-drivers libvulkan1".',
  );
}

async function runBrowserTests() {
  if ((await runTests('browser tests', 'browser', { env: depthOfOthers })) > 0) return;
  totals.failed++;
  console.log(
    '\nNo browser test was executed: the message above says which browser could not be started, and why.',
  );
}

async function runTools() {
  await checkTool('types', ['node_modules/typescript/bin/tsc', '--noEmit']);
  await checkTool('format', ['node_modules/oxfmt/bin/oxfmt', '--check']);
  await checkTool('lint', ['node_modules/oxlint/bin/oxlint']);
}

/** Runs the parts in this order, as many at a time as there are cores, up to two. */
async function runParts(parts) {
  const waiting = [...parts];
  const work = async () => {
    for (let run = waiting.shift(); run; run = waiting.shift()) await run();
  };
  await Promise.all(Array.from({ length: Math.min(2, os.availableParallelism()) }, work));
}

const start = performance.now();
try {
  const runUnitTests = () => runTests('unit tests', 'unit');
  const runServerTests = () => runTests('server tests', 'server', { env: depthOfOthers });
  const runPackageTests = () => runTests('package tests', 'package', { filters: ['test/package/'] });
  // What is soon over or fails most comes first, then the longest, so that both end at the same time.
  await runParts(
    isQuick
      ? [runTools, runUnitTests, ...gpuParts]
      : [runTools, runBrowserTests, ...gpuParts, runServerTests, runPackageTests, runUnitTests],
  );
  // The harness uses every core by itself, and judges how long a mutant takes.
  if (!isQuick) await runTests('mutants', 'package', { filters: ['test/fuzz/'] });
  checkGpuTests();
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
console.log('');
for (const [title, seconds] of [...durations, ['all', (performance.now() - start) / 1000]])
  console.log(`${seconds.toFixed(0).padStart(6)} s  ${title}`);
console.log(`\n${totals.passed} passed, ${totals.failed} failed`);
process.exitCode = totals.failed === 0 ? 0 : 1;
