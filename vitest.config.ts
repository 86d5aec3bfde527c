import { readFileSync } from 'node:fs';
import path from 'node:path';
import { defineConfig } from 'vitest/config';

/** Imports `.wgsl` files as text, as the esbuild build does. */
const wgslAsText = {
  name: 'wgsl-as-text',
  enforce: 'pre' as const,
  load(id: string) {
    const [path = ''] = id.split('?');
    return path.endsWith('.wgsl')
      ? `export default ${JSON.stringify(readFileSync(path, 'utf8'))}`
      : undefined;
  },
};

/** What builds the package, or starts processes that take seconds. */
const PACKAGE_TESTS = 'test/{package,fuzz}/**/*.test.ts';
const OTHER_PROJECTS = 'test/**/*.{gpu,browser}.test.ts';

/** The entries of the package by name, as tsconfig.json has them. */
function packageAliases(): { readonly find: RegExp; readonly replacement: string }[] {
  const { compilerOptions } = JSON.parse(readFileSync('tsconfig.json', 'utf8')) as {
    readonly compilerOptions: { readonly paths: Readonly<Record<string, readonly string[]>> };
  };
  return Object.entries(compilerOptions.paths).map(([name, [file = '']]) => ({
    find: new RegExp(`^${name}$`),
    replacement: path.resolve(file),
  }));
}

/**
 * Five projects: `unit` never touches a GPU, `package` takes what is slow in that, `gpu` always touches one, `server` starts the server's
 * processes, `browser` drives headless Chromium. GPU files run one at a time, each in
 * its own process, because Dawn aborts in worker threads. Time limits are for what hangs: several times what a busy machine of
 * two cores takes.
 */
export default defineConfig({
  plugins: [wgslAsText],
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [OTHER_PROJECTS, PACKAGE_TESTS],
          // By default vitest leaves one core free, which on two cores halves the speed.
          maxWorkers: '100%',
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'package',
          include: [PACKAGE_TESTS],
          exclude: [OTHER_PROJECTS],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'gpu',
          include: ['test/**/*.gpu.test.ts'],
          pool: 'forks',
          fileParallelism: false,
          setupFiles: ['test/helpers/gpu-setup.ts'],
          testTimeout: 180_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        // The server imports the package by its name. Its processes, which the tests start, load what is built; what a test imports is this source.
        resolve: { alias: packageAliases() },
        test: {
          name: 'server',
          include: ['packages/server/test/**/*.server.test.ts'],
          pool: 'forks',
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          include: ['test/browser/**/*.browser.test.ts'],
          pool: 'forks',
          fileParallelism: false,
          globalSetup: ['test/browser/helpers/setup.ts'],
          testTimeout: 300_000,
          hookTimeout: 120_000,
          expect: { poll: { timeout: 60_000 } },
        },
      },
    ],
  },
});
