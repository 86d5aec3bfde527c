/** The line beside the progress bar of a load. */
import { expect, test } from 'vitest';
import { describeProgress } from '../../examples/web/shared/describe-progress.ts';

const at = (loaded: number, more = {}) =>
  ({ status: 'progress_total', name: 'm', progress: 0, loaded, total: 3.4e6, files: {}, ...more }) as const;

test('bytes, total, and the rate once it can be told', () => {
  expect(describeProgress(at(2.1e6), 2000)).toBe('Downloading: 2.1 MB of 3.4 MB, 1.1 MB/s');
  expect(describeProgress(at(1000), 1)).toBe('Downloading: 1.0 kB of 3.4 MB');
  expect(describeProgress(at(1000, { bytesPerSecond: 5e5 }), 1)).toBe(
    'Downloading: 1.0 kB of 3.4 MB, 500 kB/s',
  );
});

test('the stage after the download', () => {
  expect(describeProgress(at(3.4e6), 2000)).toBe('Compiling shaders … (3.4 MB loaded)');
  expect(describeProgress(at(3.4e6, { stage: 'check' }), 2000)).toMatch(/^Checking kernels/);
});
