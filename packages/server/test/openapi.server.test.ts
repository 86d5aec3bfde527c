/** `openapi.json` against real answers: every route, and every error code once. */
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { API_ERROR_CODES } from '../src/http/api-error.ts';
import { formOf, startFront } from './helpers/front-server.ts';
import type { Script } from './helpers/scripted-pool.ts';
import openApi from '../src/http/openapi.json' with { type: 'json' };

const ajv = new Ajv2020({ strict: false, multipleOfPrecision: 6, allErrors: true });
ajv.addSchema(openApi, 'openapi');

interface Operation {
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, unknown>> }>>;
}
const paths = openApi.paths as unknown as Readonly<Record<string, Readonly<Record<string, Operation>>>>;

/** Checks an answer by what the document says of its route, status and type. */
async function checked(method: string, route: string, response: Response): Promise<unknown> {
  const where = `${method} ${route} ${response.status}`;
  const answer = paths[route]?.[method.toLowerCase()]?.responses[String(response.status)];
  expect(answer, where).toBeDefined();
  const [type = ''] = (response.headers.get('content-type') ?? '').split(';');
  expect(Object.keys(answer?.content ?? {}), where).toContain(type);
  expect(response.headers.get('x-request-id'), where).toMatch(/^\S+$/);
  const text = await response.text();
  if (type !== 'application/json') return text;
  const value: unknown = JSON.parse(text);
  const pointer = [
    'paths',
    route,
    method.toLowerCase(),
    'responses',
    String(response.status),
    'content',
    type,
    'schema',
  ]
    .map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1')))
    .join('/');
  const validate = ajv.getSchema(`openapi#/${pointer}`);
  expect(validate, where).toBeDefined();
  expect(validate?.(value), `${where}: ${text} ${JSON.stringify(validate?.errors)}`).toBe(true);
  return value;
}

const TRANSCRIPTIONS = '/v1/audio/transcriptions';
type Fields = Readonly<Record<string, string | readonly string[]>>;

test('answers of every route are as the document has them', async () => {
  const { url } = await startFront();
  const get = async (route: string, place = route): Promise<unknown> =>
    checked('GET', route, await fetch(url + place));
  const postForm = async (route: string, script: Script, fields: Fields = {}): Promise<unknown> =>
    checked('POST', route, await fetch(url + route, { method: 'POST', body: formOf(script, fields) }));
  await get('/v1/models');
  await get('/v1/models/{id}', '/v1/models/tiny');
  await get('/v1/models/{id}', '/v1/models/other');
  await get('/health');
  await get('/ready');
  await get('/metrics');
  expect(await get('/openapi.json')).toEqual(openApi);
  const script = { words: ['ONE', 'TWO'] };
  for (const response_format of ['json', 'text', 'srt', 'vtt', 'verbose_json', 'textgrid'])
    await postForm(TRANSCRIPTIONS, script, {
      response_format,
      'include[]': 'logprobs',
      'timestamp_granularities[]': ['word', 'segment', 'char'],
    });
  for (const response_format of ['json', 'srt', 'vtt', 'textgrid'])
    await postForm('/v1/audio/alignments', script, {
      text: 'ONE TWO',
      response_format,
      'granularity[]': ['word', 'char'],
    });
  await postForm('/v1/audio/translations', script);
  const { id } = (await postForm('/v1/jobs', script)) as { readonly id: string };
  await get('/v1/jobs/{id}', `/v1/jobs/${id}`);
  await get('/v1/jobs/{id}/result', `/v1/jobs/${id}/result`);
  await expect.poll(async () => (await fetch(`${url}/v1/jobs/${id}/result`)).status).toBe(200);
  await get('/v1/jobs/{id}/result', `/v1/jobs/${id}/result`);
  await checked('DELETE', '/v1/jobs/{id}', await fetch(`${url}/v1/jobs/${id}`, { method: 'DELETE' }));
  await get('/v1/jobs/{id}', `/v1/jobs/${id}`);
});

test('events of a stream are as the document has them', async () => {
  const { url } = await startFront();
  const validate = ajv.getSchema('openapi#/components/schemas/TranscriptionEvent');
  for (const [script, fields] of [
    [{ words: ['ONE', 'TWO'] }, { 'include[]': 'logprobs', response_format: 'verbose_json' }],
    [{ words: ['ONE'], milliseconds: 150, error: { code: 'bad-audio', message: 'No sound.' } }, {}],
  ] as const) {
    const response = await fetch(url + TRANSCRIPTIONS, {
      method: 'POST',
      body: formOf(script, { stream: 'true', ...fields }),
    });
    const text = String(await checked('POST', TRANSCRIPTIONS, response));
    const events = [...text.matchAll(/^data: (.*)$/gm)].map(([, json = '']) => JSON.parse(json) as unknown);
    expect(events.length).toBeGreaterThan(1);
    for (const event of events)
      expect(validate?.(event), JSON.stringify([event, validate?.errors])).toBe(true);
  }
});

test('the document lists the routes that there are, and no others', async () => {
  const { url } = await startFront();
  for (const [route, operations] of Object.entries(paths)) {
    const place = url + route.replace('{id}', 'x');
    const methods = Object.keys(operations).filter((name) => name !== 'parameters');
    const other = await fetch(place, { method: 'PATCH' });
    expect(other.headers.get('allow')?.toLowerCase().split(', ').toSorted(), route).toEqual(
      methods.toSorted(),
    );
  }
});

test('every code of an error is in the document and has been seen, with its status', async () => {
  const seen = new Map<string, number>();
  const see = async (response: Response): Promise<void> => {
    const text = await response.text();
    const value = JSON.parse(text) as { readonly error: { readonly code: string } };
    const validate = ajv.getSchema('openapi#/components/schemas/Error');
    expect(validate?.(value), `${text} ${JSON.stringify(validate?.errors)}`).toBe(true);
    seen.set(value.error.code, response.status);
  };
  const open = await startFront({ maxAudioSeconds: 10, maxUploadBytes: 100_000, stallMilliseconds: 100 });
  const send = async (script: Script, fields: Fields = {}, headers: HeadersInit = {}): Promise<void> =>
    see(await fetch(open.url + TRANSCRIPTIONS, { method: 'POST', body: formOf(script, fields), headers }));
  // What the pool says.
  for (const code of [
    'bad-audio',
    'audio_too_short',
    'unsupported_format',
    'engine_crashed',
    'model_loading',
    'no_device',
    'device-lost',
    'out-of-memory',
    'too_little_memory',
    'deadline_exceeded',
    'queue_full',
    'unexpected',
  ])
    await send({ error: { code, message: 'It failed.' } });
  // What the front sees by itself.
  await send({ durationSeconds: 11 });
  await send({}, { model: 'other' });
  await send({}, { language: 'fr' });
  await send({}, { response_format: 'xml' });
  await send({}, { stream: 'perhaps' });
  await send({}, {}, { origin: 'https://evil.example' });
  await see(await fetch(open.url + TRANSCRIPTIONS, { method: 'POST', body: new FormData() }));
  await see(
    await fetch(open.url + TRANSCRIPTIONS, {
      method: 'POST',
      body: 'x',
      headers: { 'content-type': 'multipart/form-data; boundary=x' },
    }),
  );
  await see(await fetch(open.url + TRANSCRIPTIONS, { method: 'POST', body: '{}' }));
  await see(await fetch(open.url + TRANSCRIPTIONS, { method: 'POST', body: formOf('x'.repeat(200_000)) }));
  await see(await fetch(open.url + TRANSCRIPTIONS));
  await see(await fetch(`${open.url}/nowhere`));
  await see(await fetch(`${open.url}/v1/audio/translations`, { method: 'POST' }));
  const empty = new FormData();
  empty.append('model', 'tiny');
  await see(await fetch(open.url + TRANSCRIPTIONS, { method: 'POST', body: empty }));
  const { rawAnswer } = await import('./helpers/raw-request.ts');
  await see(await rawAnswer(open.url, 'nonsense\r\n\r\n'));
  await see(await rawAnswer(open.url, `GET / HTTP/1.1\r\nlong: ${'x'.repeat(20_000)}\r\n\r\n`));
  await see(await rawAnswer(open.url, 'GET /health HTTP/1.1\r\nhost: evil.example\r\n\r\n'));
  await see(
    await rawAnswer(
      open.url,
      `POST ${TRANSCRIPTIONS} HTTP/1.1\r\nhost: localhost\r\ncontent-type: multipart/form-data; boundary=x\r\ncontent-length: 100\r\n\r\n--x`,
    ),
  );
  const locked = await startFront({ apiKeys: ['a-long-enough-key'] });
  await see(await fetch(`${locked.url}/v1/models`));
  const slow = fetch(open.url + TRANSCRIPTIONS, {
    method: 'POST',
    body: formOf({ words: ['A'], milliseconds: 5000 }),
  });
  await expect.poll(() => open.scripted.running).toBe(1);
  const stopped = open.stop(100);
  await see(await slow);
  await stopped;

  const documented: readonly string[] = openApi.components.schemas.ErrorBody.properties.code.enum;
  const sent = API_ERROR_CODES.filter((code) => code !== 'client_closed_request');
  expect(documented.toSorted()).toEqual(sent.toSorted());
  expect([...seen.keys()].toSorted()).toEqual(sent.toSorted());
});
