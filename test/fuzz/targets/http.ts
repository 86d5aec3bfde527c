/** A model over HTTP, from a server that breaks off, lies, and sends garbage. */
import { gzipSync } from 'node:zlib';
import { httpFiles } from '../../../src/files/http-files.ts';
import { openCheckpoint } from '../../../src/checkpoint/open-checkpoint.ts';
import { memoryFiles } from '../../helpers/memory-files.ts';
import { asciiBytes } from '../mutate-bytes.ts';
import { FaultyServer, type FaultyReply, type ReplyChange } from '../faulty-server.ts';
import type { Random } from '../random.ts';
import { type FuzzAnswer, expectResult, type Mutant, type Target } from '../target.ts';
import { readSeed } from './read-seed.ts';

const MODEL = 'model.safetensors';
const CONFIG = 'config.json';

const withHeader = (reply: FaultyReply, name: string, value: string): FaultyReply => ({
  ...reply,
  headers: [...reply.headers.filter(([other]) => other !== name), [name, value]],
});
const without = (reply: FaultyReply, name: string): FaultyReply => ({
  ...reply,
  headers: reply.headers.filter(([other]) => other !== name),
});
const status = (reply: FaultyReply, line: string): FaultyReply => ({
  ...reply,
  statusLine: `HTTP/1.1 ${line}`,
});

const STATUSES = [
  ...[
    '204 No Content',
    '205 Reset',
    '206 Partial Content',
    '207 Multi',
    '304 Not Modified',
    '400 Bad Request',
  ],
  ...[
    '401 Unauthorized',
    '403 Forbidden',
    '404 Not Found',
    '408 Timeout',
    '410 Gone',
    '416 Range',
    '418 Teapot',
  ],
  ...['429 Too Many', '500 Error', '502 Bad Gateway', '503 Unavailable', '504 Timeout', '599 x', '999 x'],
];
const LENGTHS = [
  '0',
  '1',
  '-1',
  '7',
  '99999999999999999999',
  '1e3',
  'abc',
  '',
  ' 12 ',
  '12, 12',
  '4000000000',
];
const RANGES = [
  ...[
    'bytes 0-0/1',
    'bytes 5-9/10',
    'bytes */100',
    'bytes 0-99/*',
    'bytes -1-2/3',
    'abc',
    '',
    'bytes 0-',
    'items 0-1/2',
  ],
  ...['bytes 0-9999/10000', 'bytes 0-99999999999999999999/99999999999999999999'],
];
const RAW_HEADS = [
  '',
  'HTTP/0.9',
  'HTTP/1.1',
  'HTTP/1.1 abc',
  'ICY 200 OK',
  '\0\0\0\0',
  'SSH-2.0-x',
  '<html>',
  '{}',
];
const HEADERS: readonly (readonly [string, string])[] = [
  ['ETag', '"x"'],
  ['ETag', '\u00e9'.repeat(50)],
  ['X-Linked-ETag', `"${'a'.repeat(64)}"`],
  ['Repr-Digest', 'sha-256=:x:'],
  ['Content-Type', 'text/html'],
  ['Content-Type', 'text/html; charset=utf-8'],
  ['Content-Encoding', 'gzip'],
  ['Content-Encoding', 'br'],
  ['Content-Encoding', 'identity'],
  ['Transfer-Encoding', 'chunked'],
  ['Transfer-Encoding', 'x'],
  ['Location', 'nowhere'],
  ['X-Long', 'x'.repeat(30_000)],
  ['Bad Name', 'x'],
  ['X', '\u0000\u0007'],
  ['Retry-After', '0'],
  ['Retry-After', '-1'],
  ['Retry-After', 'soon'],
  ['Set-Cookie', ';'.repeat(100)],
];

/** What a server may do to one answer. */
function change(random: Random): { readonly text: string; readonly apply: ReplyChange } {
  const share = random.next();
  const isBomb = random.chance(0.2);
  const cut = ({ body }: FaultyReply): Uint8Array => body.subarray(0, Math.floor(body.length * share));
  const pick = <T>(
    name: string,
    list: readonly T[],
    apply: (reply: FaultyReply, item: T, path: string) => FaultyReply,
  ) => {
    const item = random.pick(list);
    return {
      text: `${name} ${String(item).slice(0, 60)}`,
      apply: (reply: FaultyReply, path: string) => apply(reply, item, path),
    };
  };
  return random.pick<() => { text: string; apply: ReplyChange }>([
    () => pick('status', STATUSES, (reply, line) => status(reply, line)),
    () => pick('Content-Length', LENGTHS, (reply, length) => withHeader(reply, 'Content-Length', length)),
    () => pick('Content-Range', RANGES, (reply, range) => withHeader(reply, 'Content-Range', range)),
    () => pick('header', HEADERS, (reply, [name, value]) => withHeader(reply, name, value)),
    () => pick('first line', RAW_HEADS, (reply, line) => ({ ...reply, statusLine: line })),
    () => pick('without', ['Content-Length', 'Content-Range', 'Content-Type', 'Connection'], without),
    () =>
      pick(
        'redirect to',
        ['config.json', 'nowhere', '../..', 'http://', 'ftp://x', 'self'],
        (reply, to, path) => withHeader(status(reply, '302 Found'), 'Location', to === 'self' ? path : to),
      ),
    () => ({ text: `cut at ${share.toFixed(3)}`, apply: (reply) => ({ ...reply, body: cut(reply) }) }),
    () => ({
      text: `reset at ${share.toFixed(3)}`,
      apply: (reply) => ({ ...reply, body: cut(reply), end: 'reset' }),
    }),
    () => ({ text: 'dropped', apply: (reply) => ({ ...reply, isSilent: true, end: 'reset' }) }),
    () => ({ text: 'closed', apply: (reply) => ({ ...reply, isSilent: true }) }),
    () => ({
      text: 'more than announced',
      apply: (reply) => ({ ...reply, body: Uint8Array.from([...reply.body, ...asciiBytes('and more')]) }),
    }),
    () => ({
      text: 'gzip',
      apply: (reply) => {
        const body = new Uint8Array(gzipSync(reply.body));
        return withHeader(
          withHeader({ ...reply, body }, 'Content-Encoding', 'gzip'),
          'Content-Length',
          String(body.length),
        );
      },
    }),
    () => ({
      // Each takes as long as ten other mutants.
      text: isBomb ? 'gzip bomb' : 'gzip twice',
      apply: (reply) => {
        // Members of gzip can be joined: the right content, and much more behind it.
        const body = Uint8Array.from([...gzipSync(reply.body), ...(isBomb ? BOMB : gzipSync(reply.body))]);
        return withHeader({ ...without(reply, 'Content-Length'), body }, 'Content-Encoding', 'gzip');
      },
    }),
  ])();
}

/** 50 MB of spaces, which may follow JSON. */
const BOMB = new Uint8Array(gzipSync(Buffer.alloc(50e6, ' ')));

/** A server that gives one byte at a time is slow, and no fault: but not for ever. */
const LASTING_REQUESTS = 20;

type Tensors = ReadonlyMap<string, Float32Array>;

async function readModel(url: string, expected: Tensors): Promise<FuzzAnswer> {
  const files = httpFiles(url, { retryDelayMs: 1 });
  const text = await files.readText(CONFIG);
  // What a server sends whole and unmarked is the file, whatever it is: a redirect, say.
  expectResult(text === undefined || text.length < 2e6, 'a text of many MB');
  const checkpoint = await openCheckpoint(files);
  try {
    for (const [name, values] of expected) {
      const read = await checkpoint.readWhole(name);
      expectResult(
        read.length === values.length && read.every((value, index) => Object.is(value, values[index])),
        `wrong values of ${name}`,
      );
    }
    await checkpoint.finish();
  } finally {
    await checkpoint.close();
  }
  return 'result';
}

export const http: Target = {
  name: 'http',
  about: 'a model from a faulty server: drops, wrong lengths and ranges, garbage, redirects, gzip',
  extension: 'txt',
  async prepare() {
    const model = readSeed(
      'test/reference/goldens/tiny/group-stable-sharded/model-00003-of-00003.safetensors',
    );
    const config = readSeed('test/reference/goldens/tiny/group-stable-sharded/config.json');
    const checkpoint = await openCheckpoint(memoryFiles({ [MODEL]: model }));
    const tensors = new Map<string, Float32Array>();
    for (const name of checkpoint.tensors.keys()) tensors.set(name, await checkpoint.readWhole(name));
    const server = new FaultyServer();
    return (random): Mutant => {
      const changes = Array.from({ length: random.between(1, 3) }, () => change(random));
      const first = random.below(3);
      const isLasting = random.chance(0.2);
      const description = `from request ${first} on${isLasting ? ' and long' : ''}: ${changes.map(({ text }) => text).join('; ')}`;
      const changeOf = (request: number): ReplyChange | undefined => {
        const index = request - first;
        if (index < 0) return undefined;
        return changes[isLasting && index < LASTING_REQUESTS ? index % changes.length : index]?.apply;
      };
      return {
        description,
        content: () => description,
        run: () =>
          server.with({ files: { [MODEL]: model, [CONFIG]: config }, changeOf }, (url) =>
            readModel(url, tensors),
          ),
      };
    };
  },
};
