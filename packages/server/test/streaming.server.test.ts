/** Answers as events: deltas, comments, and failures after the headers. */
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { errorOf, formOf, post, startFront } from './helpers/front-server.ts';
import { eventsOf } from './helpers/read-events.ts';

const streamed = { stream: 'true' };

test('the deltas, put together as they are, are the text of done and that of a plain answer', async () => {
  const { url } = await startFront();
  const script = { words: ['ONE', 'TWO', 'THREE'] };
  const response = await post(url, formOf(script, { ...streamed, 'include[]': 'logprobs' }));
  expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  expect(response.headers.get('cache-control')).toBe('no-cache');
  expect(response.headers.get('x-accel-buffering')).toBe('no');
  const { data, comments } = await eventsOf(response);
  const deltas = data.filter(({ type }) => type === 'transcript.text.delta').map(({ delta }) => delta);
  expect(deltas).toEqual(['ONE', ' TWO', ' THREE']);
  const done = data.at(-1);
  expect(done).toMatchObject({
    type: 'transcript.text.done',
    text: 'ONE TWO THREE',
    usage: { type: 'duration', seconds: 3.5 },
  });
  expect(done?.logprobs).toHaveLength(3);
  expect(comments).toContain('queued 2');
  expect(((await (await post(url, formOf(script))).json()) as { text: string }).text).toBe(deltas.join(''));
});

test('what no part has said comes before done', async () => {
  const { url } = await startFront();
  const { data } = await eventsOf(
    await post(url, formOf({ words: ['ONE', 'TWO'], holdsBack: true }, streamed)),
  );
  expect(data.map(({ delta = '' }) => delta).join('')).toBe('ONE TWO');
});

test('done of verbose_json has words and segments as well', async () => {
  const { url } = await startFront();
  const fields = {
    ...streamed,
    response_format: 'verbose_json',
    'timestamp_granularities[]': ['word', 'segment'],
  };
  const { data } = await eventsOf(await post(url, formOf({ words: ['ONE', 'TWO'] }, fields)));
  expect(data.at(-1)?.words).toHaveLength(2);
  expect(data.at(-1)?.segments).toHaveLength(1);
});

test('silence is a stream with an empty text', async () => {
  const { url } = await startFront();
  const { data } = await eventsOf(await post(url, formOf({ words: [] }, streamed)));
  expect(data).toEqual([
    { type: 'transcript.text.done', text: '', usage: { type: 'duration', seconds: 0.5 } },
  ]);
});

test('a refusal that comes at once has its own status; a later failure is an event', async () => {
  const { url, logLines } = await startFront();
  const error = { code: 'queue_full', message: 'Full.', retryAfterSeconds: 3 };
  expect(await errorOf(await post(url, formOf({ error }, streamed)))).toMatchObject({
    status: 429,
    code: 'queue_full',
  });
  const late = await post(
    url,
    formOf({ words: ['ONE'], milliseconds: 200, error: { ...error, code: 'engine_crashed' } }, streamed),
  );
  expect(late.status).toBe(200);
  const { data } = await eventsOf(late);
  expect(data[0]).toEqual({ type: 'transcript.text.delta', delta: 'ONE' });
  expect(data[1]).toEqual({
    error: { message: 'Full.', type: 'server_error', param: null, code: 'engine_crashed' },
  });
  expect(data).toHaveLength(2);
  await expect.poll(() => logLines.at(-1)).toContain('"code":"engine_crashed"');
});

test('parts that are not the text end in an error, never in a text that is not what was sent', async () => {
  const { url } = await startFront();
  const { data } = await eventsOf(
    await post(url, formOf({ words: ['ONE', 'TWO'], milliseconds: 150, wrongPart: 'X' }, streamed)),
  );
  expect(data.at(-1)).toMatchObject({ error: { code: 'internal_error' } });
});

test('while nothing happens a comment keeps the connection', async () => {
  const { url } = await startFront({ beatMilliseconds: 40 });
  const { comments } = await eventsOf(
    await post(url, formOf({ words: ['ONE'], milliseconds: 300 }, streamed)),
  );
  expect(comments.filter((comment) => comment === 'ping').length).toBeGreaterThanOrEqual(4);
});

test('a client that leaves ends the work at once, is counted, and leaves nothing behind', async () => {
  const { url, scripted, settings, logLines } = await startFront();
  for (const fields of [streamed, {}]) {
    const leaving = new AbortController();
    const request = post(url, formOf({ words: ['ONE', 'TWO'], milliseconds: 20_000 }, fields), {
      signal: leaving.signal,
    });
    await expect.poll(() => scripted.running).toBe(1);
    leaving.abort();
    await request.then((response) => response.text()).catch(() => undefined);
    await expect.poll(() => scripted.running, { timeout: 1000 }).toBe(0);
    await expect.poll(() => readdirSync(settings.spoolFolder), { timeout: 1000 }).toEqual([]);
  }
  await expect.poll(() => logLines.filter((line) => line.includes('"status":499')).length).toBe(2);
  expect(await (await fetch(`${url}/metrics`)).text()).toContain('unispeech_aborted_total 2');
});
