/**
 * The package inside the tests of its users: Jest and Vitest's vm pools run code in a realm of its own, where `instanceof`
 * knows neither the errors of Node nor what a test makes. Fixtures are run by the real runners, in a process each.
 */
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BUILD_TIMEOUT_MS, copyBuiltPackage } from '../helpers/built-package.ts';
import { clipFolder, modelFolder } from '../helpers/clips.ts';
import { repositoryFolder, runNode } from '../helpers/run-node.ts';

// Below the root, so that the dependencies are found.
const folder = path.join(repositoryFolder, '.cache', `runners-test-${process.pid}`);
const packageFolder = path.join(folder, 'node_modules', 'unispeech-webgpu');

const fixture = (runner: string): string => `
import { afterAll, beforeAll, expect, test } from '${runner}';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { pipeline, UniSpeechError } from 'unispeech-webgpu';

const FLAC = ${JSON.stringify(`${clipFolder}yes-five.flac`)};
const WAV = ${JSON.stringify(`${clipFolder}four-four.wav`)};
const MODEL = ${JSON.stringify(modelFolder)};
const LIMIT = 60_000;
let recognize;
const textOf = async (audio) => (await recognize(audio)).text;
const samplesOf = (bytes) => {
  const begin = bytes.byteOffset + 44;
  return new Int16Array(bytes.buffer.slice(begin, begin + 2 * Math.floor((bytes.length - 44) / 2)));
};

beforeAll(async () => { recognize = await pipeline('asr', MODEL); }, LIMIT);
afterAll(() => recognize.dispose());

test('path', async () => expect(await textOf(FLAC)).toBe('YES FIVE'), LIMIT);
test('paths, decoded in threads', async () => {
  expect((await recognize([FLAC, WAV])).map(({ text }) => text)).toEqual(['YES FIVE', 'FOUR FOUR']);
}, LIMIT);
test('Buffer of readFileSync', async () => expect(await textOf(readFileSync(FLAC))).toBe('YES FIVE'), LIMIT);
test('Buffer of readFile, WAV', async () => expect(await textOf(await readFile(WAV))).toBe('FOUR FOUR'), LIMIT);
test('Uint8Array of the test', async () => expect(await textOf(new Uint8Array(readFileSync(FLAC)))).toBe('YES FIVE'), LIMIT);
test('ArrayBuffer', async () => {
  const bytes = readFileSync(FLAC);
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
  expect(await textOf(buffer)).toBe('YES FIVE');
}, LIMIT);
test('Blob', async () => expect(await textOf(new Blob([readFileSync(FLAC)]))).toBe('YES FIVE'), LIMIT);
test('samples', async () => {
  const samples = samplesOf(readFileSync(WAV));
  const raw = Float32Array.from(samples, (sample) => sample / 32768);
  expect(await textOf({ raw, sampling_rate: 48000 })).toBe('FOUR FOUR');
  expect(await textOf({ raw: samples, sampling_rate: 48000 })).toBe('FOUR FOUR');
}, LIMIT);
test('bytes of fetch', async () => {
  const url = 'data:audio/flac;base64,' + readFileSync(FLAC).toString('base64');
  expect(await textOf(await (await fetch(url)).arrayBuffer())).toBe('YES FIVE');
}, LIMIT);
test('errors keep their code', async () => {
  const missing = await recognize('missing.wav').catch((error) => error);
  expect(missing instanceof UniSpeechError).toBe(true);
  expect(missing.code).toBe('not-found');
  const model = await pipeline('asr', MODEL + '/missing').catch((error) => error);
  expect(model.code).toBe('not-found');
  expect(model.message).toContain('There is no folder');
}, LIMIT);
`;

beforeAll(async () => {
  await copyBuiltPackage(packageFolder);
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ name: 'app', type: 'module' }));
}, BUILD_TIMEOUT_MS);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('Jest, with modules', async () => {
  writeFileSync(path.join(folder, 'jest.test.mjs'), fixture('@jest/globals'));
  const config = { rootDir: folder, testMatch: ['**/jest.test.mjs'], transform: {} };
  const jest = ['node_modules/jest/bin/jest.js', '--runInBand', '--json', '--config', JSON.stringify(config)];
  const { exitCode, stdout, stderr } = await runNode(['--experimental-vm-modules', ...jest]);
  expect(exitCode, stderr).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ numPassedTests: 10, numTotalTests: 10 });
});

// Not vmThreads: Dawn may end a process that asks for a device in a worker thread.
test('Vitest, in a vm context', async () => {
  writeFileSync(path.join(folder, 'vitest.test.mjs'), fixture('vitest'));
  const options = { include: ['vitest.test.mjs'], pool: 'vmForks', reporters: 'json' };
  writeFileSync(
    path.join(folder, 'vitest.config.mjs'),
    `export default ${JSON.stringify({ test: options })};`,
  );
  const config = ['--root', folder, '--config', path.join(folder, 'vitest.config.mjs')];
  const { exitCode, stdout, stderr } = await runNode(['node_modules/vitest/vitest.mjs', 'run', ...config]);
  expect(exitCode, stderr).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ numPassedTests: 10, numTotalTests: 10 });
});
