/** OpenAI's own clients and curl's way of sending, against the server as it is built, with the bundled model. */
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';
import { testRuntimes } from '../../../scripts/test-runtimes.mjs';
import { repositoryFolder } from '../../../test/helpers/run-node.ts';
import { MODEL_ID, type ServerProcess, useBuiltServer } from './helpers/built-server.ts';

const KEY = 'a-key-for-the-tests';
const FILE = path.join(repositoryFolder, 'examples/audio/yes-five.flac');
const CALLS = fileURLToPath(new URL('helpers/openai-calls.mjs', import.meta.url));
const builtServer = useBuiltServer();
let server: ServerProcess;

beforeAll(async () => {
  server = await builtServer.start(['--api-key', KEY, '--alias', `owner/alias=${MODEL_ID}`]);
}, 120_000);

interface ClientResults {
  readonly [name: string]: unknown;
  readonly events: readonly Readonly<Record<string, unknown>>[];
  readonly verbose: Readonly<Record<string, unknown>>;
}

async function callsOf(node: string, client: string): Promise<ClientResults> {
  const { stdout } = await promisify(execFile)(node, [CALLS, client, server.url, KEY, FILE], {
    cwd: repositoryFolder,
    maxBuffer: 2 ** 24,
  });
  return JSON.parse(stdout) as ClientResults;
}

test.each([
  ['openai 6.49 on this Node', 'openai-6', () => process.execPath],
  ['openai 7.59 on Node 24', 'openai', () => testRuntimes().get('Node 24') ?? ''],
] as const)(
  '%s reads every format, the stream, the models and the errors',
  async (_, client, nodeOf) => {
    const results = await callsOf(nodeOf(), client);
    const usage = { type: 'duration', seconds: expect.closeTo(1.935, 2) as number };
    expect(results.json).toMatchObject({ text: 'YES FIVE', usage });
    expect(results.sized).toEqual(results.json);
    expect(results.text).toBe('YES FIVE\n');
    expect(results.srt).toMatch(/^1\n00:00:00,\d{3} --> 00:00:01,\d{3}\nYES FIVE\n$/);
    expect(results.vtt).toMatch(/^WEBVTT\n\n00:00:00\.\d{3} --> 00:00:01\.\d{3}\nYES FIVE\n$/);
    expect(results.verbose).toMatchObject({ task: 'transcribe', text: 'YES FIVE', duration: usage.seconds });
    expect(results.verbose.words).toMatchObject([{ word: 'YES' }, { word: 'FIVE' }]);
    expect(results.verbose.segments).toMatchObject([
      { id: 0, text: 'YES FIVE', seek: 0, temperature: 0, no_speech_prob: 0 },
    ]);
    expect(results.default_verbose).toHaveProperty('segments');
    expect(results.default_verbose).not.toHaveProperty('words');
    expect(results.logprobs).toHaveProperty('logprobs.0.bytes');
    expect(results.chunking).toMatchObject({ text: 'YES FIVE' });

    const deltas = results.events.filter(({ type }) => type === 'transcript.text.delta');
    expect(deltas.map(({ delta }) => delta).join('')).toBe('YES FIVE');
    expect(results.events.at(-1)).toMatchObject({ type: 'transcript.text.done', text: 'YES FIVE', usage });
    expect(results.events.at(-1)).toHaveProperty('logprobs');

    expect(results.models).toMatchObject([{ id: MODEL_ID, object: 'model' }]);
    expect(results.model).toMatchObject({ id: MODEL_ID });
    expect(results.requestId).toMatch(/^req_\w{22}$/);
    expect(results.withResponse).toBe('prompt');
    expect(results.unknownModel).toMatchObject({
      name: 'NotFoundError',
      status: 404,
      code: 'model_not_found',
    });
    expect(results.badFormat).toMatchObject({
      name: 'BadRequestError',
      status: 400,
      code: 'unsupported_value',
    });
    expect(results.badAudio).toMatchObject({ name: 'BadRequestError', status: 400 });
    expect(results.translation).toMatchObject({ name: 'BadRequestError', code: 'unsupported_endpoint' });
    expect(results.wrongKey).toMatchObject({
      name: 'AuthenticationError',
      status: 401,
      code: 'invalid_api_key',
    });
    for (const { message } of [results.unknownModel, results.badAudio] as { readonly message: string }[])
      expect(message).toMatch(/^\d{3} [A-Z]/);
  },
  180_000,
);

test('nothing of all this is left in the spool, and no transcript in the log', () => {
  const spool = path.join(server.folder, 'spool');
  const left = readdirSync(spool, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  expect(left.map(({ name }) => name)).toEqual([]);
  expect(server.output()).not.toMatch(/YES|FIVE|yes-five|a-key-for/);
  expect(server.output()).toContain('"code":"model_not_found"');
});
