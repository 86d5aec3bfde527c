/** `unispeech doctor` from beginning to end: minutes on a software adapter, so it runs with `npm run test:all`. */
import { expect, test } from 'vitest';
import { useBuiltCli } from '../helpers/built-cli.ts';

const cli = useBuiltCli();

test('tells of the adapter and tests every kernel', { timeout: 600_000 }, async () => {
  const { exitCode, stdout } = await cli.run(['doctor', '--json']);
  expect(exitCode).toBe(0);
  const report = JSON.parse(stdout) as Record<string, unknown>;
  expect(report).toMatchObject({
    passed: true,
    runtime: { value: { program: `Node ${process.version}` } },
    device: { value: { limits: { maxStorageBufferBindingSize: expect.any(Number) as number } } },
    storage: { status: 'skipped' },
  });
  const { kernels } = report as { kernels: { value: { results: readonly { passed: boolean }[] } } };
  expect(kernels.value.results.length).toBeGreaterThan(10);
  expect(kernels.value.results.filter(({ passed }) => !passed)).toEqual([]);
});
