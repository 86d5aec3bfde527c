/** Where the Hugging Face hub and its cache are, by the options and the environment variables of Python's `huggingface_hub`. */
import { readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describeValue, UniSpeechError } from '../../base/errors.ts';
import type { OpenFilesOptions } from '../../base/platform.ts';
import { shownLocation } from '../../base/shown-location.ts';
import { HUGGING_FACE } from '../../files/location.ts';

export interface HubToken {
  readonly text: string;
  /** Where it is from, for messages. */
  readonly source: string;
}

export interface HubSettings {
  /** Without a slash at its end. */
  readonly endpoint: string;
  readonly cacheFolder: string;
  readonly token: HubToken | undefined;
  /** What forbids requests; undefined if they are allowed. */
  readonly offlineBy: string | undefined;
  /** Whether files are linked from one revision to another, rather than copied. */
  readonly usesLinks: boolean;
}

type HubVariables = Readonly<Record<string, string | undefined>>;

const isSet = (value: string | undefined): boolean => /^(1|on|yes|true)$/i.test(value ?? '');

/** An empty variable counts as none. */
const valueIn = (env: HubVariables, name: string): string | undefined =>
  env[name] === '' ? undefined : env[name];

/** The value as Python's `expanduser` and `expandvars` read it. */
function pathIn(env: HubVariables, name: string): string | undefined {
  const value = valueIn(env, name);
  if (value === undefined) return undefined;
  const below = /^~(?=$|[/\\])/.test(value) ? os.homedir() + value.slice(1) : value;
  return below.replace(/\$(?:(\w+)|\{([^}]*)\})/g, (all, plain: string | undefined, braced = '') => {
    return env[plain ?? String(braced)] ?? all;
  });
}

const homeIn = (env: HubVariables): string =>
  pathIn(env, 'HF_HOME') ??
  path.join(pathIn(env, 'XDG_CACHE_HOME') ?? path.join(os.homedir(), '.cache'), 'huggingface');

/** The folder that holds the models of the hub. */
export const hubCacheFolder = (env: HubVariables = process.env): string =>
  path.resolve(
    pathIn(env, 'HF_HUB_CACHE') ?? pathIn(env, 'HUGGINGFACE_HUB_CACHE') ?? path.join(homeIn(env), 'hub'),
  );

/** @throws UniSpeechError `bad-option`. */
export function hubSettings(
  { token, cacheDir, localFilesOnly }: OpenFilesOptions,
  env: HubVariables = process.env,
): HubSettings {
  const variable = ['HF_HUB_OFFLINE', 'TRANSFORMERS_OFFLINE'].find((name) => isSet(env[name]));
  return {
    endpoint: endpointIn(env),
    cacheFolder: cacheDir ? path.resolve(cacheDir) : hubCacheFolder(env),
    token: tokenOf(token, env),
    offlineBy: localFilesOnly === true ? 'local_files_only' : variable,
    usesLinks: !isSet(env.HF_HUB_DISABLE_SYMLINKS),
  };
}

function endpointIn(env: HubVariables): string {
  const endpoint = (valueIn(env, 'HF_ENDPOINT') ?? HUGGING_FACE).replace(/\/+$/, '');
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  // What follows a query or a fragment is no path, and `fetch` refuses a user in a URL.
  if (url && /^https?:$/.test(url.protocol) && !/[?#]/.test(endpoint) && !url.username && !url.password)
    return endpoint;
  throw new UniSpeechError(
    'bad-option',
    `HF_ENDPOINT is ${describeValue(shownLocation(endpoint))}, which is no http or https URL without user, password and query.`,
    `Give one such as ${HUGGING_FACE}, or unset it.`,
  );
}

/** The option, else the environment, else the file that `hf auth login` writes. */
function tokenOf(option: string | boolean | null | undefined, env: HubVariables): HubToken | undefined {
  if (option === false) return undefined;
  if (typeof option === 'string') return checkedToken(option, 'the option token');
  if (option !== true && isSet(env.HF_HUB_DISABLE_IMPLICIT_TOKEN)) return undefined;
  for (const name of ['HF_TOKEN', 'HUGGING_FACE_HUB_TOKEN']) {
    const token = checkedToken(env[name] ?? '', name);
    if (token) return token;
  }
  const file = pathIn(env, 'HF_TOKEN_PATH') ?? path.join(homeIn(env), 'token');
  const token = checkedToken(textOf(file), file);
  if (token || option !== true) return token;
  throw new UniSpeechError(
    'bad-option',
    `token is true, but there is none in HF_TOKEN and none in ${file}.`,
    'Log in with "hf auth login", set HF_TOKEN, or give the token itself.',
  );
}

/** @throws UniSpeechError `bad-option`, which does not show it. */
function checkedToken(given: string, source: string): HubToken | undefined {
  const text = given.trim();
  if (text === '') return undefined;
  if (/^[\x21-\x7e]+$/.test(text)) return { text, source };
  throw new UniSpeechError(
    'bad-option',
    `The token from ${source} has characters that no token has.`,
    'Copy it again: it begins with hf_ and is one word.',
  );
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
