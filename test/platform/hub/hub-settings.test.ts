/** The environment variables of `huggingface_hub`, and what the options say instead. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { hubSettings } from '../../../src/platform/hub/hub-settings.ts';

const home = mkdtempSync(path.join(os.tmpdir(), 'unispeech-hub-'));
writeFileSync(path.join(home, 'token'), ' hf_stored\n');
writeFileSync(path.join(home, 'other-token'), 'hf_elsewhere');
afterAll(() => rmSync(home, { recursive: true }));

const HF_HOME = home;

test.each([
  [{}, path.join(os.homedir(), '.cache/huggingface/hub')],
  [{ XDG_CACHE_HOME: '/x' }, '/x/huggingface/hub'],
  [{ XDG_CACHE_HOME: '/x', HF_HOME: '/h' }, '/h/hub'],
  [{ HF_HOME: '/h', HUGGINGFACE_HUB_CACHE: '/old' }, '/old'],
  [{ HF_HOME: '/h', HUGGINGFACE_HUB_CACHE: '/old', HF_HUB_CACHE: '/new' }, '/new'],
  [{ HF_HOME: '~/h', HF_HUB_CACHE: '' }, path.join(os.homedir(), 'h/hub')],
  [{ HF_HUB_CACHE: '$DATA/hub/${USER_NAME}/$NONE', DATA: '/d', USER_NAME: 'me' }, '/d/hub/me/$NONE'],
])('%j: the folder is %s', (env, folder) => {
  expect(hubSettings({}, env).cacheFolder).toBe(folder);
  expect(hubSettings({ cacheDir: '/option' }, env).cacheFolder).toBe('/option');
});

describe('the token', () => {
  const TOKEN_PATH = path.join(home, 'other-token');
  test.each([
    [undefined, {}, undefined],
    [undefined, { HF_HOME }, ['hf_stored', path.join(home, 'token')]],
    [undefined, { HF_HOME, HF_TOKEN_PATH: TOKEN_PATH }, ['hf_elsewhere', TOKEN_PATH]],
    [undefined, { HF_HOME, HUGGING_FACE_HUB_TOKEN: 'hf_old' }, ['hf_old', 'HUGGING_FACE_HUB_TOKEN']],
    [undefined, { HF_HOME, HUGGING_FACE_HUB_TOKEN: 'hf_old', HF_TOKEN: 'hf_new' }, ['hf_new', 'HF_TOKEN']],
    [undefined, { HF_HOME, HF_HUB_DISABLE_IMPLICIT_TOKEN: '1' }, undefined],
    [true, { HF_HOME, HF_HUB_DISABLE_IMPLICIT_TOKEN: '1' }, ['hf_stored', path.join(home, 'token')]],
    ['hf_given', { HF_HOME, HF_TOKEN: 'hf_new' }, ['hf_given', 'the option token']],
    [false, { HF_HOME, HF_TOKEN: 'hf_new' }, undefined],
  ])('option %j, %j', (token, env, expected) => {
    const found = hubSettings({ token }, { HF_HOME: '/none', ...env }).token;
    expect(found && [found.text, found.source]).toEqual(expected);
  });

  test('that has to be there, or is none, is an error that does not show it', () => {
    expect(() => hubSettings({ token: true }, { HF_HOME: '/none' })).toThrow(
      `token is true, but there is none in HF_TOKEN and none in ${path.resolve('/none/token')}.`,
    );
    const given = 'hf_secret\nX: y';
    expect(() => hubSettings({ token: given }, {})).toThrow(
      /^The token from the option token has characters that no token has\. Copy it again/,
    );
  });
});

test.each([
  [{}, undefined],
  [{ HF_HUB_OFFLINE: '0' }, undefined],
  [{ HF_HUB_OFFLINE: 'ON' }, 'HF_HUB_OFFLINE'],
  [{ TRANSFORMERS_OFFLINE: '1' }, 'TRANSFORMERS_OFFLINE'],
])('%j: requests are forbidden by %j', (env, reason) => {
  expect(hubSettings({}, env).offlineBy).toBe(reason);
  expect(hubSettings({ localFilesOnly: true }, env).offlineBy).toBe('local_files_only');
});

test('the endpoint is an http or https URL', () => {
  expect(hubSettings({}, {}).endpoint).toBe('https://huggingface.co');
  expect(hubSettings({}, { HF_ENDPOINT: 'http://hub.test:80/a//' }).endpoint).toBe('http://hub.test:80/a');
  for (const HF_ENDPOINT of [
    'hub.test',
    'ftp://me:secret@hub.test',
    'https://me:secret@hub.test',
    'https://:secret@hub.test',
    'https://hub.test?key=secret',
  ])
    expect(() => hubSettings({}, { HF_ENDPOINT })).toThrow(
      /^HF_ENDPOINT is "(\w+:\/\/)?hub\.test\/?", which is no http or https URL without user, password and query\./,
    );
});
