/**
 * The whole test command: type check, lint, unit tests, and the GPU tests on every adapter that this machine can have:
 * its own GPU, lavapipe where it is installed, SwiftShader from a dev dependency; then the browser tests in headless Chromium.
 * Ends with one line `N passed, N failed`; no adapter, or no GPU or browser test executed, is a failure.
 *
 * The first adapter, the fastest, runs every GPU test. The others run what depends on the adapter: kernels, goldens, trust.
 * `--all` runs everything on every adapter, and the tests of the benchmark suites, which take the longest.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { availableAdapters } from './software-vulkan.mjs';

const runsAll = process.argv.includes('--all');
/** What of the GPU tests can fail on one adapter and not on another. */
const ADAPTER_TESTS = [
  'test/kernels/',
  'test/model/golden',
  'test/model/base-size',
  'test/model/reference-vectors',
  'test/model/trust',
];

const scratch = mkdtempSync(path.join(os.tmpdir(), 'unispeech-test-'));
const totals = { passed: 0, failed: 0 };

/** Runs a command with its output shown; a failure counts as one failed test. */
function check(title, command, args, env = {}) {
  console.log(`\n== ${title}`);
  const start = performance.now();
  const { status } = spawnSync(command, args, { stdio: 'inherit', env: { ...process.env, ...env } });
  console.log(
    `== ${title}: ${status === 0 ? 'ok' : 'FAILED'} in ${((performance.now() - start) / 1000).toFixed(0)} s`,
  );
  return status === 0;
}

function checkTool(title, args) {
  if (check(title, process.execPath, args)) totals.passed++;
  else totals.failed++;
}

/**
 * Runs one vitest project, or its files whose paths hold one of `filters`, and adds its counts.
 * @returns how many tests were executed.
 */
function runTests(title, project, { env = {}, filters = [] } = {}) {
  const report = path.join(scratch, `${project}-${Object.values(env).join('-')}.json`);
  const selection = runsAll ? [] : ['--exclude', 'test/bench/**/*.gpu.test.ts'];
  const args = ['node_modules/vitest/vitest.mjs', 'run', '--project', project, ...filters, ...selection];
  const ok = check(
    title,
    process.execPath,
    [...args, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
    env,
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

try {
  checkTool('types', ['node_modules/typescript/bin/tsc', '--noEmit']);
  checkTool('lint', ['node_modules/eslint/bin/eslint.js', '--max-warnings', '0', '.']);
  checkTool('format', ['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.']);
  runTests('unit tests', 'unit');
  let executedGpuTests = 0;
  for (const [index, adapter] of availableAdapters().entries()) {
    // The longest cases of a few tests run only on the first adapter.
    const env = { UNISPEECH_VULKAN: adapter, UNISPEECH_TEST_DEPTH: index === 0 ? 'full' : 'short' };
    const filters = index === 0 || runsAll ? [] : ADAPTER_TESTS;
    executedGpuTests += runTests(`GPU tests on ${adapter}`, 'gpu', { env, filters });
  }
  if (executedGpuTests === 0) {
    totals.failed++;
    console.log(
      '\nNo GPU test was executed: this Linux machine has no WebGPU adapter. On x64 run "npm ci" with dev dependencies (they ' +
        'carry SwiftShader), or install Mesa 23 or newer: "sudo apt-get install mesa-vulkan-drivers libvulkan1".',
    );
  }
  if (runTests('browser tests', 'browser') === 0) {
    totals.failed++;
    console.log(
      '\nNo browser test was executed: the message above says which browser could not be started, and why.',
    );
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
console.log(`\n${totals.passed} passed, ${totals.failed} failed`);
process.exitCode = totals.failed === 0 ? 0 : 1;
