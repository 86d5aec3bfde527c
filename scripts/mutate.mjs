/**
 * Breaks the sources on purpose, one edit at a time, and expects a test to fail: `npm run mutate`. An edit that no test
 * notices (a survivor) is a missing assertion. The edits are listed in `test/mutations/`, one file a layer.
 *
 * `--list` prints them; `--only TEXT` runs those whose name contains the text, such as `audio/` or `kernels/gemm`.
 *
 * Everything happens in a temporary copy of the working tree, uncommitted changes included, so that nothing here is ever
 * edited. Exit code 1 for survivors, for edits whose text is not found exactly once, and for tests that fail without any edit.
 */
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { countPlaces, loadMutations, ROOT } from './lib/mutations.mjs';

const { values: options } = parseArgs({
  options: { only: { type: 'string', default: '' }, list: { type: 'boolean', default: false } },
});
/** Far more than any of the tests takes; an edit may make a loop endless. */
const TIMEOUT_MILLISECONDS = 300_000;
/** Of the test runner, in the order in which they are tried. */
const PROJECTS = ['unit', 'gpu', 'server'];

const mutations = (await loadMutations()).filter(({ name }) => name.includes(options.only));
if (mutations.length === 0) {
  console.error(`No edit has "${options.only}" in its name. --list prints all names.`);
  process.exit(2);
}
if (options.list) {
  for (const { name, file, why } of mutations) console.log(`${name}  (${file})\n    ${why}`);
  console.log(`\n${mutations.length} edits`);
  process.exit(0);
}

const scratch = mkdtempSync(path.join(os.tmpdir(), 'unispeech-mutate-'));
const copy = path.join(scratch, 'copy');
let running;
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    running?.kill('SIGKILL');
    removeScratch();
    process.exit(130);
  });
}

async function run() {
  makeCopy();
  const stale = mutations.filter((mutation) => countPlaces(mutation, copy) !== 1);
  for (const { name, file, find } of stale) {
    const count = countPlaces({ file, find }, copy);
    console.log(`STALE     ${name}: its text stands ${count} times in ${file}, expected once`);
  }
  const usable = mutations.filter((mutation) => !stale.includes(mutation));
  const tests = [...new Set(usable.flatMap((mutation) => mutation.tests))];
  for (const project of PROJECTS) {
    const files = tests.filter((file) => projectOf(file) === project);
    if (files.length === 0) continue;
    const { outcome, failures } = await runTests(project, files, []);
    if (outcome === 'passed') continue;
    console.log(`The tests fail (${outcome}) without any edit: ${failures.join('; ') || files.join(', ')}`);
    return 1;
  }
  const counts = { killed: 0, survived: 0, broken: 0 };
  for (const mutation of usable) {
    const start = performance.now();
    const { verdict, detail } = await tryMutation(mutation);
    counts[verdict]++;
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    console.log(`${verdict.toUpperCase().padEnd(9)} ${mutation.name}, ${seconds} s: ${detail}`);
  }
  const { killed, survived, broken } = counts;
  console.log(`\n${killed} killed, ${survived} survived, ${broken} broken, ${stale.length} stale`);
  return survived + broken + stale.length === 0 ? 0 : 1;
}

/**
 * Killed: an assertion or a test failed. Broken: no test could run at all, which says nothing about the assertions, so the edit
 * has to be another one.
 */
async function tryMutation({ file, find, replace, why, tests }) {
  const target = path.join(copy, file);
  const original = readFileSync(target, 'utf8');
  // A function, since "$" means something in a replacement text.
  writeFileSync(
    target,
    original.replace(find, () => replace),
  );
  try {
    for (const project of PROJECTS) {
      const files = tests.filter((test) => projectOf(test) === project);
      if (files.length === 0) continue;
      const { outcome, failures } = await runTests(project, files, ['--bail', '1']);
      if (outcome === 'failed') return { verdict: 'killed', detail: failures[0] };
      if (outcome !== 'passed') return { verdict: 'broken', detail: outcome };
    }
    return { verdict: 'survived', detail: `${tests.join(', ')} passed. ${why}` };
  } finally {
    writeFileSync(target, original);
  }
}

const projectOf = (test) => PROJECTS.find((project) => test.endsWith(`.${project}.test.ts`)) ?? 'unit';

/** @returns `passed`, `failed` where a test did, else what kept them from running; and the names of failed tests. */
async function runTests(project, files, more) {
  const report = path.join(scratch, 'report.json');
  rmSync(report, { force: true });
  const args = ['node_modules/vitest/vitest.mjs', 'run', '--project', project, ...files, ...more];
  running = spawn(process.execPath, [...args, '--reporter=json', `--outputFile=${report}`], {
    cwd: copy,
    stdio: 'ignore',
    timeout: TIMEOUT_MILLISECONDS,
    killSignal: 'SIGKILL',
  });
  const signal = await new Promise((resolve) => running.on('exit', (_, killedBy) => resolve(killedBy)));
  running = undefined;
  if (signal !== null) return { outcome: `ended by ${signal}`, failures: [] };
  if (!existsSync(report)) return { outcome: 'the test runner left no report', failures: [] };
  const { success, numTotalTests, testResults } = JSON.parse(readFileSync(report, 'utf8'));
  const failures = testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => status === 'failed')
    .map(({ fullName }) => fullName);
  if (failures.length > 0) return { outcome: 'failed', failures };
  if (numTotalTests === 0) return { outcome: 'no test could be loaded', failures: [] };
  return { outcome: success ? 'passed' : 'a test file could not be loaded', failures: [] };
}

/** What git knows and what it does not ignore, as it is now, beside the installed packages. */
function makeCopy() {
  const listing = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  for (const file of listing.split('\0')) {
    const from = path.join(ROOT, file);
    if (file !== '' && existsSync(from)) cpSync(from, path.join(copy, file));
  }
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(copy, 'node_modules'), 'junction');
}

function removeScratch() {
  rmSync(scratch, { recursive: true, force: true });
}

try {
  process.exitCode = await run();
} finally {
  removeScratch();
}
