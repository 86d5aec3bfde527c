/** `NODE_OPTIONS="--import …/use-vulkan.mjs"`: every process that Node starts loads it, the one that tries a driver as well. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { repositoryFolder } from '../helpers/run-node.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'unispeech-vulkan-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const script = (name: string): string => pathToFileURL(path.join(repositoryFolder, 'scripts', name)).href;

/** Runs Node with these lines as a module, with a clean answer of the probe unless `env` has one. */
function run(lines: string, env: Readonly<Record<string, string>>): string {
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module', '-e', lines], {
    cwd: repositoryFolder,
    env: {
      ...process.env,
      NODE_OPTIONS: '',
      UNISPEECH_VULKAN: '',
      UNISPEECH_VULKAN_FOUND: undefined,
      ...env,
    },
    encoding: 'utf8',
    timeout: 50_000,
  });
  expect(status, stderr).toBe(0);
  return stdout;
}

test('starts no more processes than were asked for, and tries a driver once', () => {
  // A driver that the loader cannot open: it has to be tried.
  const drivers = path.join(folder, 'vulkan', 'icd.d');
  mkdirSync(drivers, { recursive: true });
  const manifest = {
    file_format_version: '1.0.0',
    ICD: { library_path: '/nowhere.so', api_version: '1.3.0' },
  };
  writeFileSync(path.join(drivers, 'lvp_icd.json'), JSON.stringify(manifest));
  const log = path.join(folder, 'log');
  const logger = path.join(folder, 'logger.mjs');
  writeFileSync(
    logger,
    `import { appendFileSync } from 'node:fs'; appendFileSync(${JSON.stringify(log)}, (process.env.UNISPEECH_VULKAN_FOUND ?? 'nothing') + '\\n');`,
  );
  const child = `spawnSync(process.execPath, ['-e', '0'], { stdio: 'inherit' });`;
  run(`import { spawnSync } from 'node:child_process'; ${child} ${child}`, {
    NODE_OPTIONS: `--import ${pathToFileURL(logger).href} --import ${script('use-vulkan.mjs')}`,
    XDG_DATA_HOME: folder,
  });
  const [first, ...others] = readFileSync(log, 'utf8').trim().split('\n');
  expect(first).toBe('nothing');
  // Both children were told before they could try it themselves.
  expect(others).toHaveLength(2);
  for (const other of others) {
    const answers = Object.entries(JSON.parse(other) as Record<string, boolean>);
    expect(answers).toContainEqual([expect.stringContaining('lvp_icd.json'), false]);
  }
});

test.each([
  ['an answer is taken', '{"driver":true}', true],
  ['the answer to another question is not', '{"older driver":true}', false],
  ['an answer that is none', '{"driver":"yes"}', false],
  ['no object', '[true]', false],
  ['no JSON', 'driver=true', false],
])('%s', (_, known, expected) => {
  const lines = `
    import { findsAdapter } from ${JSON.stringify(script('software-vulkan.mjs'))};
    const nowhere = { VK_DRIVER_FILES: '/nowhere.json', VK_ICD_FILENAMES: '/nowhere.json' };
    console.log(findsAdapter('driver', nowhere), JSON.parse(process.env.UNISPEECH_VULKAN_FOUND).driver);`;
  expect(run(lines, { UNISPEECH_VULKAN_FOUND: known })).toBe(`${expected} ${expected}\n`);
});
