/** The suite of the server: its command line, and what its clients report. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { parseServerOptions } from '../../bench/server/options.ts';
import { describeLoad, percentile, runClients } from '../../packages/server/test/helpers/load-clients.ts';

test('has defaults', () => {
  expect(parseServerOptions([])).toEqual({
    parts: ['load', 'pool', 'killed'],
    load: { clientCount: 50, seconds: 180 },
    pool: { clipCounts: [1, 4, 8, 16], maxBatches: [1, 2, 4, 8, 16], seconds: 2, rounds: 5 },
    killed: { fileCount: 500, killCount: 3 },
  });
  expect(parseServerOptions(['--help'])).toBeUndefined();
});

test.each([
  [['--only', 'load,made-up'], '--only: "made-up" is none of load, pool, killed'],
  [['--clients', '0'], '--clients: "0" is not a positive number'],
  [['--max-batch', '1,x'], '--max-batch: "x" is not a positive number'],
])('refuses %j', (args, message) => {
  expect(() => parseServerOptions(args)).toThrow(message);
});

test('percentiles are values that were measured', () => {
  expect([0, 50, 95, 100].map((percent) => percentile([1, 2, 3, 4], percent))).toEqual([1, 2, 4, 4]);
});

test('clients tell what they were refused, what was wrong, and what was right', async () => {
  const answers = [
    { status: 200, headers: {}, body: { text: 'NO' } },
    { status: 429, headers: { 'retry-after': '90' }, body: { error: { code: 'queue_full' } } },
    { status: 429, headers: { 'retry-after': '1' }, body: { error: { code: 'queue_full' } } },
    { status: 200, headers: {}, body: { text: 'YES' } },
  ];
  let count = 0;
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      const { status, headers, body } = answers[count++ % answers.length] ?? {};
      response.writeHead(status ?? 500, headers).end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const clip = { name: 'a.wav', bytes: new Uint8Array(10), seconds: 2, text: 'YES' };
  const report = await runClients(`http://127.0.0.1:${port}`, [clip], { clientCount: 1, seconds: 0.5 });
  expect(report.lost).toEqual([
    'a.wav: Error: "NO" instead of "YES"',
    expect.stringContaining('429 queue_full, retry-after 90') as string,
  ]);
  expect(report).toMatchObject({ refusedCount: 1, audioSeconds: 2, latencies: [expect.any(Number)] });
  // It came again when it was told to.
  expect(report.latencies[0]).toBeGreaterThanOrEqual(0.99);
  expect(describeLoad(report)).toMatch(/^1 clients for 1 s: 1 answers, 2 lost, 1 asked to come again/);
});
