/** The command line of `unispeech-server`, checked. Pure. */
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { DecoderSettings, ServedModelOptions } from './engine/engine-pool.ts';
import { isLoopback } from './http/access.ts';
import { type FrontSettings, frontSettings } from './http/front-settings.ts';
import { serverSpool } from './base/left-spools.ts';

/** Wrong usage: exit code 2. */
export class ServeUsageError extends Error {
  override readonly name = 'ServeUsageError';
}

export interface ServeOptions {
  readonly front: FrontSettings;
  readonly models: readonly ServedModelOptions[];
  readonly devices: readonly string[];
  readonly queueSeconds: number;
  readonly maxBatch: number | undefined;
  /** 0: at once; -1: never. */
  readonly keepAliveMilliseconds: number;
  readonly graceMilliseconds: number;
  /** After which an engine that says nothing is taken to hang. */
  readonly silenceMilliseconds: number | undefined;
  /** Where the metrics are, if not beside the rest. */
  readonly metricsPort: number | undefined;
}

const OPTIONS = {
  model: { type: 'string', multiple: true, short: 'm' },
  dtype: { type: 'string' },
  lang: { type: 'string' },
  lm: { type: 'string' },
  'beam-width': { type: 'string' },
  alias: { type: 'string', multiple: true },
  'any-model': { type: 'boolean' },
  host: { type: 'string' },
  port: { type: 'string', short: 'p' },
  'api-key': { type: 'string', multiple: true },
  insecure: { type: 'boolean' },
  cors: { type: 'string', multiple: true },
  'max-upload': { type: 'string' },
  'max-audio-seconds': { type: 'string' },
  device: { type: 'string', multiple: true },
  'queue-seconds': { type: 'string' },
  'max-batch': { type: 'string' },
  'keep-alive': { type: 'string' },
  deadline: { type: 'string' },
  grace: { type: 'string' },
  'engine-silence': { type: 'string' },
  spool: { type: 'string' },
  jobs: { type: 'string' },
  'job-ttl': { type: 'string' },
  'max-jobs': { type: 'string' },
  'metrics-port': { type: 'string' },
  'log-names': { type: 'boolean' },
} as const;

export const SERVE_HELP = `unispeech-server [serve] --model MODEL [OPTIONS]: speech recognition with the API of OpenAI

  -m, --model [NAME=]MODEL    a folder, a Hugging Face id or a URL; repeat it for several
      --dtype DTYPE           fp32, fp16, q8 or q4, of all models
      --lang LANGUAGE         of a multilingual model
      --lm FILE               search for the likeliest text with a language model (ARPA, KenLM); none: not even with one
                              that comes with a model
      --beam-width N          search with so many beams, so that hotwords have an effect
      --alias NAME=MODEL      another name for a model, such as whisper-1=MODEL; repeatable
      --any-model             every unknown name is the first model
      --device NAME           a part of an adapter's name; one engine each. Default: the best adapter
  -p, --port PORT             default 8080; 0 takes any free one
      --host HOST             default 127.0.0.1. Others need --api-key, or --insecure
      --api-key KEY           asked for as "Authorization: Bearer KEY"; repeatable. Also UNISPEECH_API_KEY
      --insecure              serves other machines without a key
      --cors ORIGIN           a page that may call this server; repeatable
      --max-upload SIZE       such as 200MB; default 1GiB
      --max-audio-seconds N   default: none
      --queue-seconds N       how long what waits may take; default 120
      --max-batch N           pieces that run together; default: as is fastest here, at most 8
      --deadline TIME         of a request, default 10m
      --keep-alive TIME       an idle engine ends after this; default 5m; 0 at once, -1 never
      --grace TIME            for requests under way when the server is stopped; default 30s
      --engine-silence TIME   an engine that works and says nothing for so long is ended; default 5m
      --spool FOLDER          where uploads lie; default: the folder of temporary files
      --jobs FOLDER           where jobs lie; default: a folder in ~/.local/state
      --job-ttl TIME          how long a finished job is kept; default 24h
      --max-jobs N            default 1000
      --metrics-port PORT     moves /metrics to a port of its own
      --log-names             log lines hold the names of files
`;

/**
 * @param environment gives keys and folders that the command line leaves out.
 * @throws ServeUsageError
 */
export function serveOptions(
  argv: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): ServeOptions {
  const values = parsed(argv);
  const locations = values.model ?? [];
  if (locations.length === 0)
    throw new ServeUsageError('--model is missing: give a folder or a Hugging Face id');
  const common = { dtype: values.dtype, targetLanguage: values.lang, decoder: decoderOf(values) };
  const models = locations.map((text) => ({ ...modelOf(text), ...common }));
  const ids = models.map(({ id }) => id);
  if (new Set(ids).size < ids.length)
    throw new ServeUsageError('two models have one name: write --model NAME=MODEL');
  const apiKeys = [
    ...(values['api-key'] ?? []),
    ...(environment.UNISPEECH_API_KEY ?? '').split(',').map((key) => key.trim()),
  ].filter((key) => key !== '');
  const badKey = apiKeys.find((key) => !/^[\x21-\x7e]{8,256}$/.test(key));
  if (badKey !== undefined)
    throw new ServeUsageError('an API key has 8 to 256 characters of ASCII without spaces');
  const host = values.host ?? '127.0.0.1';
  const isInsecure = values.insecure ?? false;
  if (!isLoopback(host) && apiKeys.length === 0 && !isInsecure) {
    throw new ServeUsageError(
      `--host ${host} lets other machines in, and there is no key: give --api-key, or --insecure if that is meant`,
    );
  }
  const port = portOf('--port', values.port) ?? 8080;
  const [first] = ids;
  return {
    models,
    devices: values.device ?? ['auto'],
    queueSeconds: numberOf('--queue-seconds', values['queue-seconds']) ?? 120,
    maxBatch: countOf('--max-batch', values['max-batch']),
    keepAliveMilliseconds:
      values['keep-alive'] === '-1' ? -1 : (timeOf('--keep-alive', values['keep-alive']) ?? 300_000),
    graceMilliseconds: timeOf('--grace', values.grace) ?? 30_000,
    silenceMilliseconds: timeOf('--engine-silence', values['engine-silence']),
    metricsPort: portOf('--metrics-port', values['metrics-port']),
    front: frontSettings({
      host,
      port,
      apiKeys,
      isInsecure,
      corsOrigins: (values.cors ?? []).map(originOf),
      aliases: new Map((values.alias ?? []).map((text) => aliasOf(text, ids))),
      modelForAnyName: values['any-model'] ? first : undefined,
      maxAudioSeconds: numberOf('--max-audio-seconds', values['max-audio-seconds']),
      ...given('maxUploadBytes', sizeOf('--max-upload', values['max-upload'])),
      ...given('deadlineMilliseconds', timeOf('--deadline', values.deadline)),
      ...given('jobTtlMilliseconds', timeOf('--job-ttl', values['job-ttl'])),
      ...given('maxJobs', countOf('--max-jobs', values['max-jobs'])),
      servesMetrics: values['metrics-port'] === undefined,
      logsNames: values['log-names'] ?? false,
      // Two servers of one machine have two of each: what a spool holds at its start is removed.
      spoolFolder: serverSpool(path.resolve(values.spool ?? os.tmpdir())),
      jobsFolder: path.resolve(
        values.jobs ?? path.join(stateFolder(environment), 'unispeech-server', `jobs-${port}`),
      ),
    }),
  };
}

const stateFolder = ({ XDG_STATE_HOME }: Readonly<Record<string, string | undefined>>): string =>
  XDG_STATE_HOME !== undefined && path.isAbsolute(XDG_STATE_HOME)
    ? XDG_STATE_HOME
    : path.join(os.homedir(), '.local', 'state');

function parsed(argv: readonly string[]) {
  // Node takes a value that begins with a dash for the next option.
  const place = argv.findIndex((word, index) => word === '--keep-alive' && argv[index + 1] === '-1');
  const args = place < 0 ? [...argv] : argv.toSpliced(place, 2, '--keep-alive=-1');
  try {
    return parseArgs({
      args,
      options: OPTIONS,
      strict: true,
      allowPositionals: false,
    }).values;
  } catch (error) {
    const [sentence = 'the command line is wrong'] = (error instanceof Error ? error.message : '').split(
      /\.\s/,
    );
    throw new ServeUsageError(sentence, { cause: error });
  }
}

const given = <Name extends keyof FrontSettings>(
  name: Name,
  value: FrontSettings[Name] | undefined,
): Partial<Pick<FrontSettings, Name>> =>
  value === undefined ? {} : ({ [name]: value } as Partial<Pick<FrontSettings, Name>>);

/** A folder is called by its last part, an id of Hugging Face as it is. */
function modelOf(text: string): ServedModelOptions {
  const [, name, named] = /^([\w.:@-][\w.:@/-]*)=(.+)$/.exec(text) ?? [];
  const location = named ?? text;
  const isHubId = /^[\w.-]+\/[\w.-]+$/.test(location) && !location.startsWith('.');
  const id = name ?? (isHubId ? location : path.basename(location.replace(/[/\\]+$/, '')));
  return { id, location };
}

/** Named as those of `unispeech transcribe`. */
function decoderOf({
  lm,
  'beam-width': beams,
}: {
  readonly lm?: string | undefined;
  readonly 'beam-width'?: string | undefined;
}): DecoderSettings | undefined {
  const beamWidth = countOf('--beam-width', beams);
  if (lm === '') throw new ServeUsageError('--lm needs the file of a language model, or none');
  if (lm === 'none') {
    if (beamWidth === undefined) return 'greedy';
    throw new ServeUsageError('--beam-width is for a search, which --lm none leaves out');
  }
  if (lm === undefined && beamWidth === undefined) return undefined;
  return {
    type: 'beam',
    ...(lm !== undefined && { language_model: lm }),
    ...(beamWidth !== undefined && { beam_width: beamWidth }),
  };
}

function aliasOf(text: string, ids: readonly string[]): readonly [string, string] {
  const [, name = '', id = ''] = /^([^=]+)=(.+)$/.exec(text) ?? [];
  if (ids.includes(id)) return [name, id];
  throw new ServeUsageError(`--alias is "${text}", expected NAME=MODEL with one of ${ids.join(', ')}`);
}

function originOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && url.origin === text.replace(/\/$/, '')) return url.origin;
  throw new ServeUsageError(`--cors is "${text}", expected an origin such as https://example.org`);
}

function numberOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (text.trim() !== '' && number > 0 && Number.isFinite(number)) return number;
  throw new ServeUsageError(`${option} is "${text}", expected a number above 0`);
}

function countOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const count = Number(text);
  if (/^\d+$/.test(text) && count > 0 && Number.isSafeInteger(count)) return count;
  throw new ServeUsageError(`${option} is "${text}", expected a whole number above 0`);
}

function portOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new ServeUsageError(`${option} is "${text}", expected 0 to 65535`);
}

const MILLISECONDS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** A number of seconds, or one with a unit. */
function timeOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const [, number = '', unit = 's'] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)?$/.exec(text) ?? [];
  if (number !== '') return Number(number) * (MILLISECONDS[unit] ?? 1000);
  throw new ServeUsageError(`${option} is "${text}", expected a time such as 30s, 5m or 24h`);
}

const BYTES: Readonly<Record<string, number>> = {
  '': 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
};

function sizeOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)(KB|MB|GB|KiB|MiB|GiB)?$/.exec(text) ?? [];
  const bytes = Math.floor(Number(number) * (BYTES[unit] ?? 1));
  if (number !== '' && bytes > 0) return bytes;
  throw new ServeUsageError(`${option} is "${text}", expected a size such as 25MB or 1GiB`);
}
