/** Errors of the engine and of this server as answers. */
import { expect, test } from 'vitest';
import { ApiError, toApiError, withoutFile } from '../src/http/api-error.ts';

test('an error of the engine keeps its sentence and gets the status of its code', () => {
  const cause = Object.assign(new Error('The file is empty. Give another one.'), { code: 'bad-audio' });
  const error = toApiError(cause);
  expect(error.status).toBe(400);
  expect(error.body).toEqual({
    error: {
      message: 'The file is empty. Give another one.',
      type: 'invalid_request_error',
      param: 'file',
      code: 'bad_audio',
    },
  });
});

test.each([
  ['limit-exceeded', 400, 'audio_too_long'],
  ['bad-option', 400, 'unsupported_value'],
  ['not-found', 404, 'model_not_found'],
  ['device-lost', 503, 'device_lost'],
  ['out-of-memory', 503, 'out_of_memory'],
  ['too_little_memory', 500, 'too_little_memory'],
  ['too-short', 400, 'audio_too_short'],
  ['no-path', 400, 'invalid_value'],
  ['shader-failed', 500, 'internal_error'],
  ['ENOENT', 500, 'internal_error'],
])('%s of the engine is %d %s', (code, status, expected) => {
  const error = toApiError(Object.assign(new Error('It failed at /srv/secret/file.'), { code }));
  expect([error.status, error.code]).toEqual([status, expected]);
});

test('a sentence begins with a large letter, an option with its own', () => {
  const messageOf = (message: string): string =>
    toApiError(Object.assign(new Error(message), { code: 'bad-option' })).message;
  expect(messageOf('the clip is empty.')).toBe('The clip is empty.');
  expect(messageOf("cut_at is 'x'.")).toBe("cut_at is 'x'.");
});

test('an unexpected error tells a client neither its message nor a path', () => {
  for (const cause of [new TypeError('x is undefined at /srv/secret/file.ts'), 'text', undefined])
    expect(JSON.stringify(toApiError(cause).body)).not.toMatch(/secret|undefined|text/);
});

test.each([
  [0.2, '1'],
  [7.1, '8'],
  [3600, '60'],
  [Number.NaN, '60'],
])(
  'a full queue that is free in %d s says to come back in %s s, as clients ignore more than 60',
  (seconds, header) => {
    expect(new ApiError('queue_full', 'Full.', { retryAfterSeconds: seconds }).headers).toEqual({
      'retry-after': header,
    });
  },
);

test('clients are told not to send again what ended an engine, or has no room', () => {
  for (const code of ['engine_crashed', 'too_little_memory'] as const) {
    const { status, headers } = new ApiError(code, 'It died.');
    expect([status, headers]).toEqual([500, { 'x-should-retry': 'false' }]);
  }
});

test('a message says nothing of where the upload lies', () => {
  const error = new ApiError('bad_audio', '/spool/upload-1 is no audio file.', { param: 'file' });
  expect(withoutFile(error, '/spool/upload-1')).toMatchObject({
    message: 'The file is no audio file.',
    code: 'bad_audio',
    param: 'file',
  });
});
