import { readFileSync } from 'node:fs';
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

/**
 * Three projects: `unit` never touches a GPU, `gpu` always does, `browser` drives headless Chromium. GPU files run one at a time, each in
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
          exclude: ['test/**/*.{gpu,browser}.test.ts'],
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
