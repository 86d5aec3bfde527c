/** `scripts/install-lavapipe.sh` in a made-up system: commands that only write down how they were called. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { noAdapterFix } from '../../src/platform/node-gpu.ts';
import { repositoryFolder } from '../helpers/run-node.ts';

const MANIFEST = 'usr/share/vulkan/icd.d/lvp_icd.x86_64.json';
const BACKPORTS = 'etc/apt/sources.list.d/bookworm-backports.list';
let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'unispeech-system-'));
  for (const folder of ['bin', path.dirname(MANIFEST), path.dirname(BACKPORTS)])
    mkdirSync(path.join(root, folder), { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const put = (file: string, text: string): void => writeFileSync(path.join(root, file), text, { mode: 0o755 });

/** @param installed Mesa's version before; @param offered what the package manager has. */
function install(release: string, installed: string | undefined, offered = '25.0.7-2~bpo12+1', uid = 0) {
  put('etc/os-release', `ID=debian\nVERSION_CODENAME=${release}\n`);
  put('version', installed ?? '');
  if (installed !== undefined) put(MANIFEST, '{}');
  put('bin/id', `#!/bin/sh\necho ${uid}\n`);
  put('bin/dpkg-query', `#!/bin/sh\ncat '${root}/version'\n`);
  put(
    'bin/apt-get',
    `#!/bin/sh
echo "$*" >>'${root}/log'
[ "$1" = install ] && echo '${offered}' >'${root}/version' && echo '{}' >'${root}/${MANIFEST}'
exit 0
`,
  );
  const { status, stderr } = spawnSync(
    'bash',
    [path.join(repositoryFolder, 'scripts/install-lavapipe.sh'), root],
    { env: { PATH: `${root}/bin:${process.env.PATH ?? ''}` }, encoding: 'utf8' },
  );
  const log = path.join(root, 'log');
  return { status, stderr, log: existsSync(log) ? readFileSync(log, 'utf8') : '' };
}

test.each(['23.2.1-1ubuntu3', '1:25.0.7-2'])('Mesa %s is enough', (version) => {
  expect(install('trixie', version)).toEqual({ status: 0, stderr: '', log: '' });
});

test.each([['22.3.6-1+deb12u1'], [undefined]])('Debian 12 with Mesa %s: from the backports', (version) => {
  const { status, log } = install('bookworm', version);
  expect(status).toBe(0);
  expect(log).toContain('-t bookworm-backports mesa-vulkan-drivers libvulkan1');
  expect(readFileSync(path.join(root, BACKPORTS), 'utf8')).toContain('bookworm-backports main');
});

test('elsewhere: from the release, and an old one is a failure', () => {
  expect(install('trixie', undefined, '25.0.7-2')).toMatchObject({ status: 0, stderr: '' });
  expect(existsSync(path.join(root, BACKPORTS))).toBe(false);
  const old = install('focal', '21.2.6-0ubuntu1', '21.2.6-0ubuntu1');
  expect(old.status).toBe(1);
  expect(old.stderr).toContain('Mesa 23 or newer is needed, but this release has 21');
});

test('not as root: a sentence', () => {
  expect(install('bookworm', '22.3.6-1', '', 1000)).toEqual({
    status: 1,
    stderr: 'install-lavapipe: Mesa 23 or newer is needed, found 22; run this as root on Debian or Ubuntu.\n',
    log: '',
  });
});

test('the error of a machine without an adapter says where Debian 12 has a driver', () => {
  const bookworm = noAdapterFix('linux', 'ID=debian\nVERSION_CODENAME=bookworm\n');
  expect(bookworm).toContain('sudo apt-get install -t bookworm-backports mesa-vulkan-drivers libvulkan1');
  for (const release of ['ID=ubuntu\nVERSION_CODENAME=noble\n', ''])
    expect(noAdapterFix('linux', release)).toContain('sudo apt-get install mesa-vulkan-drivers libvulkan1');
  for (const fix of [bookworm, noAdapterFix('linux', '')]) {
    expect(fix).toContain('node --import ./scripts/use-vulkan.mjs');
    expect(fix.length).toBeLessThan(360);
  }
});
