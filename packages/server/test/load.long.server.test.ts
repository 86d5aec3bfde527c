/** Many clients at once on the bundled model, for minutes: each request has its right text. */
import { expect, test } from 'vitest';
import { repositoryFolder } from '../../../test/helpers/run-node.ts';
import { useBuiltServer } from './helpers/built-server.ts';
import { describeLoad, loadClips, runClients } from './helpers/load-clients.ts';

const builtServer = useBuiltServer();

test('50 clients for 3 minutes lose nothing, and nothing of them is left', async () => {
  const { url, output } = await builtServer.start();
  const report = await runClients(url, loadClips(repositoryFolder), { clientCount: 50, seconds: 180 });
  console.log(describeLoad(report));
  expect(report.lost).toEqual([]);
  expect(report.latencies.length).toBeGreaterThan(50);
  // 50 clips of 3 s are far less than what may wait.
  expect(report.refusedCount).toBe(0);
  const metrics = await (await fetch(`${url}/metrics`)).text();
  for (const name of ['unispeech_queue_pieces', 'unispeech_queue_audio_seconds'])
    expect(metrics).toMatch(new RegExp(`^${name} 0$`, 'm'));
  expect(output()).not.toMatch(/has died|"status":5/);
}, 400_000);
