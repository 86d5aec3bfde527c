/** The scripts of engine processes as tests need them: that of the package, and some that fail on purpose. Bundled with the sources of the engine. */
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll } from 'vitest';
import { PRELOAD, repositoryFolder } from '../../../../test/helpers/run-node.ts';

const SCRIPTS = {
  'engine-child': 'packages/server/src/engine/engine-child.ts',
  poisoned: 'packages/server/test/helpers/poisoned-engine.ts',
  dying: 'packages/server/test/helpers/dying-engine.ts',
  batch: 'packages/server/test/helpers/batch-process.ts',
  silent: 'packages/server/test/helpers/silent-engine.ts',
  scripted: 'packages/server/test/helpers/scripted-engine.ts',
  probe: 'packages/server/test/helpers/loop-probe.ts',
};

export interface EngineScripts {
  /** The path of a script. */
  readonly of: (name: keyof typeof SCRIPTS) => string;
  /** A new folder, which goes after the tests of this file. */
  readonly folder: () => string;
}

/** Built before the tests of this file. */
export function useEngineScripts(): EngineScripts {
  const cache = path.join(repositoryFolder, 'node_modules/.cache');
  let home = '';
  beforeAll(async () => {
    mkdirSync(cache, { recursive: true });
    // Inside the repository, so that the scripts find the packages.
    home = mkdtempSync(path.join(cache, 'engine-scripts-'));
    writeFileSync(path.join(home, 'package.json'), '{"type":"module"}');
    await build({
      absWorkingDir: repositoryFolder,
      entryPoints: { ...SCRIPTS, 'node-decode-worker': 'src/platform/node-decode-worker.ts' },
      outdir: home,
      bundle: true,
      splitting: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      loader: { '.wgsl': 'text' },
      // But for the engine, whose sources tsconfig.json names.
      packages: 'external',
      logLevel: 'warning',
    });
    // A software driver, also in the processes that tests start.
    process.env.NODE_OPTIONS = `--import ${PRELOAD}`;
    process.env.UNISPEECH_CACHE = path.join(home, 'tuning');
  });
  afterAll(() => rmSync(home, { recursive: true, force: true }));
  return {
    of: (name) => path.join(home, `${name}.js`),
    folder: () => mkdtempSync(path.join(home, 'folder-')),
  };
}
