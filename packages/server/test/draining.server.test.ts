/** The end of a server: what was accepted ends, what comes later is refused. */
import { existsSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { errorOf, formOf, post, startFront } from './helpers/front-server.ts';
import { eventsOf } from './helpers/read-events.ts';

/** A GET on a connection that is kept. */
function get(
  agent: Agent,
  url: string,
): Promise<{
  readonly status: number | undefined;
  readonly connection: string | undefined;
  readonly text: string;
}> {
  return new Promise((resolve, reject) => {
    request(url, { agent }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (more: string) => (text += more));
      response.on('end', () =>
        resolve({ status: response.statusCode, connection: response.headers.connection, text }),
      );
    })
      .on('error', reject)
      .end();
  });
}

test('a stop lets accepted requests end, refuses new ones with 503, and says so to probes at once', async () => {
  const { url, stop, scripted, settings } = await startFront();
  const accepted = post(url, formOf({ words: ['ONE', 'TWO'], milliseconds: 150 }));
  await expect.poll(() => scripted.running).toBe(1);
  let hasStopped = false;
  const stopped = stop(30_000).then(() => (hasStopped = true));
  const agent = new Agent({ keepAlive: true });
  const ready = await get(agent, `${url}/ready`);
  expect([ready.status, ready.connection]).toEqual([503, 'close']);
  expect(ready.text).toContain('"draining"');
  expect((await get(agent, `${url}/health`)).status).toBe(200);
  const late = await errorOf(await post(url, formOf({ words: ['LATE'] })));
  expect(late).toMatchObject({ status: 503, code: 'draining' });
  expect(late.headers.get('retry-after')).toBe('1');
  expect(hasStopped).toBe(false);
  expect(await (await accepted).json()).toMatchObject({ text: 'ONE TWO' });
  await stopped;
  await expect(fetch(`${url}/health`)).rejects.toThrow();
  expect(existsSync(settings.spoolFolder)).toBe(false);
});

test('what takes longer than the grace ends with 503', async () => {
  const { url, stop, scripted } = await startFront();
  const slow = { words: ['ONE', 'TWO'], milliseconds: 20_000 };
  const accepted = post(url, formOf(slow));
  const streamed = post(url, formOf(slow, { stream: 'true' })).then(eventsOf);
  await expect.poll(() => scripted.running).toBe(2);
  const start = performance.now();
  await stop(300);
  expect(performance.now() - start).toBeLessThan(5000);
  expect(await errorOf(await accepted)).toMatchObject({ status: 503, code: 'draining' });
  expect((await streamed).data.at(-1)).toMatchObject({ error: { code: 'draining' } });
});

test('a job and who watches it do not hold a stop up', async () => {
  const { url, stop } = await startFront();
  const created = await fetch(`${url}/v1/jobs`, {
    method: 'POST',
    body: formOf({ words: ['A'], milliseconds: 20_000 }),
  });
  const { id } = (await created.json()) as { readonly id: string };
  const watching = fetch(`${url}/v1/jobs/${id}/events`).then(eventsOf);
  await new Promise((resolve) => setTimeout(resolve, 100));
  const start = performance.now();
  await stop(20_000);
  expect(performance.now() - start).toBeLessThan(3000);
  expect((await watching).names).not.toContain('done');
});

test.each([
  ['/v1/audio/transcriptions', undefined],
  ['/v1/jobs', undefined],
  // The job of this key is there: its body is only skipped.
  ['/v1/jobs', 'kept'],
])('a client that sends a byte now and then does not hold a stop up: %s %s', async (route, key) => {
  const { url, stop } = await startFront();
  const headers = key === undefined ? {} : { 'idempotency-key': key };
  if (key !== undefined)
    await fetch(`${url}/v1/jobs`, { method: 'POST', body: formOf({ words: ['A'] }), headers });
  const slow = request(`${url}${route}`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'multipart/form-data; boundary=x' },
  });
  slow.on('error', () => undefined);
  const answered = new Promise((resolve) => slow.on('response', ({ statusCode }) => resolve(statusCode)));
  slow.write('--x\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\n');
  const timer = setInterval(() => slow.write('a'), 50);
  onTestFinished(() => {
    clearInterval(timer);
    slow.destroy();
  });
  await sleep(150);
  const start = performance.now();
  await stop(300);
  expect(performance.now() - start).toBeLessThan(4500);
  expect(await answered).toBe(503);
});
