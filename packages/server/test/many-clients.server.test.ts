/** Fifty clients at once, two devices whose engines follow a script, and the whole front: nobody is lost, and who is refused is told when to come again. */
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { createEnginePool } from '../src/engine/create-pool.ts';
import type { EnginePoolOptions } from '../src/engine/engine-pool.ts';
import { frontSettings } from '../src/http/front-settings.ts';
import { type RunningServer, startServer } from '../src/start-server.ts';
import { useEngineScripts } from './helpers/engine-scripts.ts';
import { errorOf } from './helpers/front-server.ts';
import { wavOf } from './helpers/wav-file.ts';

const scripts = useEngineScripts();
const CLIENTS = Array.from({ length: 50 }, (_, index) => index);
/** Their engines say that they recognise 100 s in a second, each. */
const DEVICES = ['one', 'two'];

async function start({
  answerMilliseconds = 100,
  ...options
}: Partial<EnginePoolOptions> & { readonly answerMilliseconds?: number }): Promise<RunningServer> {
  const folder = scripts.folder();
  process.env.UNISPEECH_TEST_SCRIPT = JSON.stringify({
    startsFile: path.join(folder, 'starts'),
    answerMilliseconds,
  });
  const server = await startServer({
    settings: frontSettings({
      port: 0,
      spoolFolder: path.join(folder, 'spool'),
      jobsFolder: path.join(folder, 'jobs'),
    }),
    version: '1.2.3',
    logSink: () => undefined,
    makePool: (hooks) =>
      createEnginePool({
        models: [{ id: 'tiny', location: 'nowhere' }],
        devices: DEVICES,
        spoolFolder: path.join(folder, 'clips'),
        childModule: scripts.of('scripted'),
        ...options,
        ...hooks,
      }),
  });
  onTestFinished(() => server.stop(0));
  await server.loaded;
  return server;
}

function ask({ url }: RunningServer, seconds = 1): Promise<Response> {
  const form = new FormData();
  form.append('file', new Blob([wavOf(new Float32Array(seconds * 16_000).fill(0.1))]), 'a.wav');
  return fetch(`${url}/v1/audio/transcriptions`, { method: 'POST', body: form });
}

const textOf = async (response: Response): Promise<unknown> =>
  ((await response.json()) as { readonly text: unknown }).text;

test('what can be served in time is served, by both devices', async () => {
  const server = await start({ queueSeconds: 120 });
  let bothCount = 0;
  const watch = setInterval(() => {
    if (server.pool.stats().devices.every(({ jobsRunning }) => jobsRunning > 0)) bothCount += 1;
  }, 5);
  const answers = await Promise.all(CLIENTS.map(() => ask(server)));
  clearInterval(watch);
  expect(answers.map(({ status }) => status)).toEqual(CLIENTS.map(() => 200));
  expect(await Promise.all(answers.map(textOf))).toEqual(CLIENTS.map(() => 'served'));
  expect(bothCount).toBeGreaterThan(0);
});

test('what cannot is refused with a time to come again, and is served then', async () => {
  // Both devices do 200 s in a second: 10 s of sound may wait.
  const server = await start({ queueSeconds: 0.05 });
  let refusalCount = 0;
  const insist = async (): Promise<unknown> => {
    for (;;) {
      const response = await ask(server);
      if (response.status === 200) return textOf(response);
      const { status, code, headers, message } = await errorOf(response);
      expect([status, code]).toEqual([429, 'queue_full']);
      const [, waiting] = /^(\d+) s of sound wait/.exec(message) ?? [];
      expect(Number(waiting)).toBeGreaterThanOrEqual(10);
      const seconds = Number(headers.get('retry-after'));
      expect(seconds).toBeGreaterThanOrEqual(1);
      expect(seconds).toBeLessThanOrEqual(60);
      refusalCount += 1;
      await sleep(seconds * 100);
    }
  };
  expect(await Promise.all(CLIENTS.map(insist))).toEqual(CLIENTS.map(() => 'served'));
  expect(refusalCount).toBeGreaterThan(0);
});

test('a device that rests is started when the other has more than it can do soon', async () => {
  const server = await start({ queueSeconds: 120, keepAliveMilliseconds: 500, answerMilliseconds: 600 });
  const isResting = (device: string): boolean =>
    server.pool.stats().devices.some((each) => each.device === device && each.state === 'idle');
  // One client at a time is served by the first device alone, so that the second one rests.
  while (!isResting('two')) expect((await ask(server)).status).toBe(200);
  expect(isResting('one')).toBe(false);
  let bothCount = 0;
  const watch = setInterval(() => {
    if (server.pool.stats().devices.every(({ jobsRunning }) => jobsRunning > 0)) bothCount += 1;
  }, 5);
  onTestFinished(() => clearInterval(watch));
  // How long a start takes depends on the machine.
  for (let round = 0; bothCount === 0 && round < 20; round += 1) {
    const answers = await Promise.all(CLIENTS.map(() => ask(server, 20)));
    expect(answers.map(({ status }) => status)).toEqual(CLIENTS.map(() => 200));
  }
  expect(bothCount).toBeGreaterThan(0);
});
