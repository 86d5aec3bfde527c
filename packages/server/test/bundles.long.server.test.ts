/** The bundles of the engine are the same bytes in a repository that has no server. */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { copyBuiltFiles } from '../../../test/helpers/built-package.ts';
import { repositoryFolder, runNode } from '../../../test/helpers/run-node.ts';

/** Relative names → contents of the files below a folder. */
function contentsOf(folder: string): ReadonlyMap<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return new Map(
    files.map(({ parentPath, name }) => {
      const file = path.join(parentPath, name);
      return [path.relative(folder, file), readFileSync(file, 'base64')] as const;
    }),
  );
}

test('without the server the bundles of the engine are the same to the byte', async () => {
  const scratch = mkdtempSync(path.join(os.tmpdir(), 'unispeech-no-server-'));
  try {
    const [alone, beside] = [path.join(scratch, 'alone'), path.join(scratch, 'beside')];
    for (const name of readdirSync(repositoryFolder))
      if (!['packages', 'node_modules', 'dist', '.git', '.cache'].includes(name))
        cpSync(path.join(repositoryFolder, name), path.join(alone, name), { recursive: true });
    symlinkSync(path.join(repositoryFolder, 'node_modules'), path.join(alone, 'node_modules'));
    const dist = path.join(alone, 'dist');
    const { exitCode, stderr } = await runNode(['scripts/build.mjs', '--only', 'bundles', '--outdir', dist], {
      cwd: alone,
    });
    expect(exitCode, stderr).toBe(0);
    await copyBuiltFiles(beside);
    const [own, withServer] = [contentsOf(dist), contentsOf(beside)];
    expect(own.size).toBeGreaterThan(20);
    expect([...own.keys()].sort()).toEqual([...withServer.keys()].sort());
    for (const [name, content] of own) expect(withServer.get(name) === content, name).toBe(true);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}, 300_000);
