/** Routes, answers and errors of the front, over HTTP. */
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { errorOf, formOf, post, startFront } from './helpers/front-server.ts';

test('a transcription is answered, counted, and leaves nothing in the spool', async () => {
  const { url, settings, logLines } = await startFront();
  const response = await post(url, formOf({ words: ['ONE', 'TWO'] }, { model: 'tiny', prompt: 'x' }));
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({ text: 'ONE TWO', usage: { type: 'duration', seconds: 2.5 } });
  expect(response.headers.get('x-unispeech-ignored')).toBe('prompt');
  expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  expect(readdirSync(settings.spoolFolder)).toEqual([]);
  await expect.poll(() => logLines.length).toBe(1);
  const metrics = await (await fetch(`${url}/metrics`)).text();
  expect(metrics).toContain('unispeech_requests_total{route="/v1/audio/transcriptions",status="200"} 1');
  expect(metrics).toContain('unispeech_engine_up{device="auto"} 1');
});

test('the log has a line of facts for a request: no text, and no name of a file unless asked for', async () => {
  for (const logsNames of [false, true]) {
    const { url, logLines } = await startFront({ logsNames });
    await post(url, formOf({ words: ['SECRETWORD'] }, { prompt: 'SECRETPROMPT' }), {
      headers: { 'x-request-id': 'mine' },
    });
    await expect.poll(() => logLines.length).toBe(1);
    const [line = ''] = logLines;
    expect(JSON.parse(line)).toMatchObject({
      event: 'request',
      id: 'mine',
      method: 'POST',
      route: '/v1/audio/transcriptions',
      status: 200,
      model: 'tiny',
      format: 'json',
      audio_seconds: 1.5,
    });
    expect(line).not.toMatch(/SECRET/);
    expect(line.includes('secret-name.wav')).toBe(logsNames);
  }
});

test('every answer has an id: the client’s own where a header may hold it, else a new one', async () => {
  const { url } = await startFront();
  const idOf = async (given?: string): Promise<string | null> => {
    const response = await fetch(`${url}/nowhere`, {
      headers: given === undefined ? {} : { 'x-request-id': given },
    });
    return response.headers.get('x-request-id');
  };
  expect(await idOf('abc-123')).toBe('abc-123');
  for (const given of [undefined, 'x'.repeat(129), 'has space', 'ö'])
    expect(await idOf(given)).toMatch(/^req_[0-9A-Za-z]{22}$/);
});

test('what is not there is JSON, too: 404, 405 with allow, 415, and translations', async () => {
  const { url } = await startFront();
  expect(await errorOf(await fetch(`${url}/v2/else`))).toMatchObject({ status: 404, code: 'not_found' });
  const wrongMethod = await fetch(`${url}/v1/audio/transcriptions`);
  expect(wrongMethod.headers.get('allow')).toBe('POST');
  expect(await errorOf(wrongMethod)).toMatchObject({ status: 405, code: 'method_not_allowed' });
  const jobs = await fetch(`${url}/v1/jobs/x`, { method: 'PUT' });
  expect(jobs.headers.get('allow')).toBe('GET, DELETE');
  const json = await fetch(`${url}/v1/audio/transcriptions`, {
    method: 'POST',
    body: '{}',
    headers: { 'content-type': 'application/json' },
  });
  expect(await errorOf(json)).toMatchObject({
    status: 415,
    code: 'unsupported_media_type',
    param: 'content-type',
  });
  const translation = await fetch(`${url}/v1/audio/translations`, { method: 'POST', body: formOf({}) });
  expect(await errorOf(translation)).toMatchObject({ status: 400, code: 'unsupported_endpoint' });
});

test('models are listed and found by id, with a slash as it is or encoded', async () => {
  const { url, scripted } = await startFront({ aliases: new Map([['whisper-1', 'owner/model']]) });
  scripted.models = [...scripted.models, { id: 'owner/model', location: 'x', status: 'idle' }];
  const { object, data } = (await (await fetch(`${url}/v1/models`)).json()) as {
    object: string;
    data: { id: string }[];
  };
  expect(object).toBe('list');
  expect(data.map(({ id }) => id)).toEqual(['tiny', 'owner/model']);
  expect(data[0]).toMatchObject({
    object: 'model',
    owned_by: 'local',
    status: 'loaded',
    languages: ['en'],
    units: 'words',
    sampling_rate: 16_000,
    dtype: 'fp32',
  });
  for (const id of ['owner/model', 'owner%2Fmodel', 'whisper-1'])
    expect(await (await fetch(`${url}/v1/models/${id}`)).json()).toMatchObject({
      id: 'owner/model',
      owned_by: 'owner',
      status: 'idle',
      units: null,
    });
  expect(await errorOf(await fetch(`${url}/v1/models/other`))).toMatchObject({
    status: 404,
    code: 'model_not_found',
  });
});

test('fields may come before or after the file', async () => {
  const { url } = await startFront();
  const form = new FormData();
  form.append('response_format', 'text');
  form.append('model', 'tiny');
  form.append('file', new Blob([JSON.stringify({ words: ['LAST'] })]), 'a.wav');
  expect(await (await post(url, form)).text()).toBe('LAST\n');
  expect(
    await (await post(url, formOf({ words: ['FIRST'] }, { model: 'tiny', response_format: 'text' }))).text(),
  ).toBe('FIRST\n');
});

test('a form without a file, or with an empty one, names the field', async () => {
  const { url } = await startFront();
  const empty = new FormData();
  empty.append('model', 'tiny');
  for (const form of [empty, formOf('')])
    expect(await errorOf(await post(url, form))).toMatchObject({
      status: 400,
      code: 'missing_required_parameter',
      param: 'file',
    });
});

test.each([
  ['bad-audio', 400, 'bad_audio'],
  ['audio_too_short', 400, 'audio_too_short'],
  ['unsupported_format', 400, 'unsupported_format'],
  ['engine_crashed', 500, 'engine_crashed'],
  ['internal', 500, 'internal_error'],
  ['no_device', 503, 'no_device'],
  ['device-lost', 503, 'device_lost'],
  ['out-of-memory', 503, 'out_of_memory'],
  ['model_loading', 503, 'model_loading'],
  ['deadline_exceeded', 504, 'deadline_exceeded'],
  ['queue_full', 429, 'queue_full'],
])('a pool that fails with %s is a %d %s', async (code, status, expected) => {
  const { url } = await startFront();
  const error = await errorOf(
    await post(
      url,
      formOf({ error: { code, message: 'What was found. What to do.', retryAfterSeconds: 7 } }),
    ),
  );
  expect([error.status, error.code]).toEqual([status, expected]);
  expect(error.message).toMatch(
    expected === 'internal_error' ? /log has the error/ : /^What was found\. What to do\.$/,
  );
  expect(error.headers.get('retry-after')).toBe(status === 429 || status === 503 ? '7' : null);
  expect(error.headers.get('x-should-retry')).toBe(expected === 'engine_crashed' ? 'false' : null);
});

test('audio that is longer than allowed is refused, with its length and the limit', async () => {
  const { url } = await startFront({ maxAudioSeconds: 3 });
  const error = await errorOf(await post(url, formOf({ words: ['A'], durationSeconds: 3.5 })));
  expect(error).toMatchObject({ status: 400, code: 'audio_too_long', param: 'file' });
  expect(error.message).toMatch(/3\.5 s.* at most 3 s/);
  const align = (durationSeconds: number): Promise<Response> =>
    fetch(`${url}/v1/audio/alignments`, { method: 'POST', body: formOf({ durationSeconds }, { text: 'A' }) });
  expect(await errorOf(await align(3.5))).toMatchObject({
    status: 400,
    code: 'audio_too_long',
    param: 'file',
  });
  expect((await align(3)).status).toBe(200);
  expect((await post(url, formOf({ words: ['A'], durationSeconds: 3 }))).status).toBe(200);
});

test('an unexpected error is in the log with its stack, and not in the answer', async () => {
  const { url, logLines } = await startFront();
  const error = await errorOf(await post(url, formOf('{not json /srv/path')));
  expect(error).toMatchObject({ status: 500, code: 'internal_error' });
  expect(error.message).not.toContain('JSON');
  await expect.poll(() => logLines.join('')).toMatch(/"cause":"SyntaxError.*JSON/);
});

test('health, readiness and metrics say how the server is', async () => {
  const { url, scripted } = await startFront();
  expect(await (await fetch(`${url}/health`)).json()).toEqual({
    status: 'ok',
    version: '1.2.3',
    uptime: expect.any(Number) as number,
  });
  expect(await (await fetch(`${url}/ready`)).json()).toEqual({ status: 'ready' });
  scripted.notReady = 'The adapter is gone.';
  expect((await fetch(`${url}/health`)).status).toBe(200);
  expect(await errorOf(await fetch(`${url}/ready`))).toMatchObject({
    status: 503,
    code: 'no_device',
    message: 'The adapter is gone.',
  });
  const metrics = await (await fetch(`${url}/metrics`)).text();
  for (const name of [
    'unispeech_requests_total',
    'unispeech_request_seconds',
    'unispeech_audio_seconds_total',
    'unispeech_stage_seconds',
    'unispeech_queue_pieces',
    'unispeech_queue_audio_seconds',
    'unispeech_batch_size',
    'unispeech_batch_padding_ratio',
    'unispeech_realtime_factor',
    'unispeech_engine_up',
    'unispeech_engine_restarts_total',
    'unispeech_device_lost_total',
    'unispeech_aborted_total',
    'unispeech_rejected_total',
    'process_cpu_seconds_total',
  ])
    expect(metrics).toContain(`# TYPE ${name} `);
  expect(metrics).toContain('unispeech_rejected_total{code="no_device"} 1');
});

test('no label of a metric comes from a client', async () => {
  const { url } = await startFront();
  await fetch(`${url}/injected-path`);
  await fetch(`${url}/v1/models/injected-model`);
  await post(url, formOf({}, { model: 'injected-name' }));
  expect(await (await fetch(`${url}/metrics`)).text()).not.toContain('injected');
});

test('metrics may have a port of their own, and are then not beside the rest', async () => {
  const { url, metricsUrl } = await startFront({ servesMetrics: false }, { metricsPort: 0 });
  expect((await fetch(`${url}/metrics`)).status).toBe(404);
  expect(await (await fetch(`${metricsUrl}/metrics`)).text()).toContain('unispeech_queue_pieces');
  expect((await fetch(`${metricsUrl}/v1/models`)).status).toBe(404);
});

test('an alignment is answered in every format, and needs a text', async () => {
  const { url } = await startFront();
  const ask = (fields: Readonly<Record<string, string>>): Promise<Response> =>
    fetch(`${url}/v1/audio/alignments`, { method: 'POST', body: formOf({ durationSeconds: 4 }, fields) });
  expect(await (await ask({ text: 'ONE TWO' })).json()).toEqual({
    text: 'ONE TWO',
    duration: 4,
    score: 0.5,
    words: [
      { word: 'ONE', start: 0, end: 0.5, probability: 0.5 },
      { word: 'TWO', start: 1, end: 1.5, probability: 0.5 },
    ],
    unaligned: [],
    usage: { type: 'duration', seconds: 4 },
  });
  expect(await (await ask({ text: 'ONE', 'granularity[]': 'char' })).json()).toHaveProperty('chars');
  expect(await (await ask({ text: 'ONE', response_format: 'srt' })).text()).toBe(
    '1\n00:00:00,000 --> 00:00:01,000\nONE\n',
  );
  expect(await (await ask({ text: 'ONE', response_format: 'vtt' })).text()).toMatch(/^WEBVTT\n/);
  expect(await (await ask({ text: 'ONE', response_format: 'textgrid' })).text()).toContain('TextGrid');
  expect(await errorOf(await ask({}))).toMatchObject({
    status: 400,
    code: 'missing_required_parameter',
    param: 'text',
  });
  expect(await errorOf(await ask({ text: 'A', response_format: 'text' }))).toMatchObject({
    code: 'unsupported_value',
  });
  expect(await errorOf(await ask({ text: 'A', 'granularity[]': 'phoneme' }))).toMatchObject({
    code: 'unsupported_value',
  });
  // More than other fields may have, and more than a text may.
  expect((await ask({ text: 'A '.repeat(100_000) })).status).toBe(200);
  expect(await errorOf(await ask({ text: 'A'.repeat(1024 ** 2 + 1) }))).toMatchObject({
    code: 'invalid_value',
    param: 'text',
  });
});

test('an alignment of a model for phonemes has its phonemes', async () => {
  const { url, scripted } = await startFront();
  const [model] = scripted.models;
  if (!model?.facts) throw new Error('The scripted pool has no model.');
  scripted.models = [{ ...model, facts: { ...model.facts, units: 'phonemes' } }];
  const ask = (fields: Readonly<Record<string, string>>): Promise<Response> =>
    fetch(`${url}/v1/audio/alignments`, {
      method: 'POST',
      body: formOf({ durationSeconds: 4 }, { text: 'j ɛ', ...fields }),
    });
  expect(await (await ask({})).json()).not.toHaveProperty('phonemes');
  expect(await (await ask({ granularity: 'phoneme' })).json()).toMatchObject({
    phonemes: [
      { phoneme: 'j', start: 0, end: 0.5, probability: 0.5 },
      { phoneme: 'ɛ', start: 1, end: 1.5, probability: 0.5 },
    ],
  });
  expect(await errorOf(await ask({ granularity: 'char' }))).toMatchObject({ code: 'unsupported_value' });
});

test('JSON that takes long begins in time with spaces, and what fails then breaks the connection', async () => {
  const { url, logLines } = await startFront({ paddingAfterMilliseconds: 50, beatMilliseconds: 30 });
  const slow = { words: ['A', 'B', 'C', 'D'], milliseconds: 60 };
  const response = await post(url, formOf(slow));
  expect(response.status).toBe(200);
  const text = await response.text();
  expect(text).toMatch(/^ {3,}\{/);
  expect(JSON.parse(text)).toMatchObject({ text: 'A B C D' });
  const failing = await post(
    url,
    formOf({ ...slow, error: { code: 'engine_crashed', message: 'It died.' } }),
  );
  await expect(failing.text()).rejects.toThrow();
  await expect.poll(() => logLines.at(-1)).toContain('"code":"engine_crashed"');
  // Other formats have no place for spaces: they wait, and keep their status.
  const plain = await post(
    url,
    formOf({ ...slow, error: { code: 'engine_crashed', message: 'It died.' } }, { response_format: 'text' }),
  );
  expect(plain.status).toBe(500);
});
