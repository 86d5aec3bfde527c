/** Servers that do not say how long a file is, or say it of its compressed form: the weights do it themselves. */
import { readFileSync } from 'node:fs';
import type http from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../src/checkpoint/open-checkpoint.ts';
import { FileCache, listFiles } from '../../src/files/file-cache.ts';
import { httpFiles } from '../../src/files/http-files.ts';
import { goldensFolder } from '../helpers/golden.ts';
import { type Server, serve } from '../helpers/http-server.ts';
import { memoryCache } from '../helpers/memory-cache.ts';
import { memoryFiles } from '../helpers/memory-files.ts';
import { writePytorch } from '../../scripts/lib/pytorch-writer.ts';
import { rampTensor, writeSafetensors } from '../helpers/safetensors-writer.ts';

const LENGTHS = { a: 300_000, b: 10, c: 70_000 };
const WEIGHTS = Buffer.from(
  writeSafetensors(Object.entries(LENGTHS).map(([name, length]) => rampTensor(name, [length]))),
);
const ZIPPED = gzipSync(WEIGHTS);

let server: Server | undefined;
let ranges: (string | undefined)[] = [];
afterEach(async () => {
  await server?.close();
  server = undefined;
  ranges = [];
});

type Send = (response: http.ServerResponse, content: Buffer, request: http.IncomingMessage) => void;

/** `sends[n]` answers the n-th request for the file, the last one all further. */
async function filesOf(
  sends: readonly Send[],
  content = WEIGHTS,
  cache?: FileCache,
  name = 'model.safetensors',
): Promise<ReturnType<typeof httpFiles>> {
  server = await serve((request, response) => {
    if (request.url !== `/m/${name}`) {
      response.writeHead(404).end();
      return;
    }
    const count = ranges.push(request.headers.range);
    sends[Math.min(count, sends.length) - 1]?.(response, content, request);
  });
  return httpFiles(`${server.url}/m`, { retryDelayMs: 1, cache });
}

const isRamp = (values: Float32Array, length: number): boolean =>
  values.length === length && values.every((value, index) => value === index);

async function expectWeights(files: ReturnType<typeof httpFiles>): Promise<void> {
  const checkpoint = await openCheckpoint(files);
  try {
    for (const [name, length] of Object.entries(LENGTHS)) {
      expect([name, isRamp(await checkpoint.readWhole(name), length)]).toEqual([name, true]);
    }
    await checkpoint.finish();
  } finally {
    await checkpoint.close();
  }
}

const chunked: Send = (response, content) => {
  response.writeHead(200);
  for (let at = 0; at < content.byteLength; at += 65_536) response.write(content.subarray(at, at + 65_536));
  response.end();
};
const untilClose: Send = (response, content) => {
  response.useChunkedEncodingByDefault = false;
  response.shouldKeepAlive = false;
  response.removeHeader('Transfer-Encoding');
  response.writeHead(200, { Connection: 'close' });
  response.end(content);
};
const zippedWithItsLength: Send = (response, content) => {
  const zipped = gzipSync(content);
  response.writeHead(200, { 'Content-Encoding': 'gzip', 'Content-Length': zipped.byteLength });
  response.end(zipped);
};
const zippedInChunks: Send = (response) => {
  response.writeHead(200, { 'Content-Encoding': 'gzip' });
  response.write(ZIPPED.subarray(0, 100));
  response.end(ZIPPED.subarray(100));
};
const zippedRange: Send = (response, _, request) => {
  const start = Number(/\d+/.exec(request.headers.range ?? '')?.[0] ?? 0);
  response.writeHead(206, {
    'Content-Encoding': 'gzip',
    'Content-Range': `bytes ${start}-${ZIPPED.byteLength - 1}/${ZIPPED.byteLength}`,
  });
  response.end(ZIPPED.subarray(start));
};
const rangeOfUnknown: Send = (response, content, request) => {
  const start = Number(/\d+/.exec(request.headers.range ?? '')?.[0] ?? 0);
  response.writeHead(206, { 'Content-Range': `bytes ${start}-${content.byteLength - 1}/*` });
  response.end(content.subarray(start));
};
const plain: Send = (response, content) => {
  response.writeHead(200, { 'Content-Length': content.byteLength });
  response.end(content);
};
/** As `send`, but cut behind so many bytes of what it sends, cleanly or not. */
const cut =
  (byteLength: number, isClean: boolean): Send =>
  (response, content) => {
    response.writeHead(200);
    if (isClean) response.end(content.subarray(0, byteLength));
    else response.write(content.subarray(0, byteLength), () => response.destroy());
  };

describe('weights are read', () => {
  test.each([
    ['with their length, without ranges', plain],
    ['in chunks', chunked],
    ['until the connection closes', untilClose],
    ['compressed, with the length of that', zippedWithItsLength],
    ['compressed in chunks', zippedInChunks],
    ['compressed, in answer to a range', zippedRange],
    ['as a range of an unknown whole', rangeOfUnknown],
  ])('%s, with one request', async (_, send) => {
    await expectWeights(await filesOf([send]));
    expect(ranges).toEqual(['bytes=0-']);
  });

  test.each([
    ['cut in the length field', 5],
    ['cut in the header', 60],
    ['cut in a tensor', 200_000],
    ['cut before the last byte', WEIGHTS.byteLength - 1],
  ])('%s, on from there', async (_, byteLength) => {
    await expectWeights(await filesOf([cut(byteLength, false), chunked]));
    expect(ranges).toEqual(['bytes=0-', expect.stringMatching(/^bytes=\d+-$/)]);
    await server?.close();
    ranges = [];
    await expectWeights(await filesOf([cut(byteLength, false), rangeOfUnknown]));
    expect(ranges).toHaveLength(2);
  });

  test('that end early without an error, on from there', async () => {
    await expectWeights(await filesOf([cut(200_000, true), rangeOfUnknown]));
    expect(ranges).toEqual(['bytes=0-', 'bytes=200000-']);
  });

  test('compressed and cut, from the start again', async () => {
    const cutZip: Send = (response) => {
      response.writeHead(200, { 'Content-Encoding': 'gzip' });
      response.write(ZIPPED.subarray(0, ZIPPED.byteLength / 2), () => response.destroy());
    };
    await expectWeights(await filesOf([cutZip, zippedRange]));
    expect(ranges).toEqual(['bytes=0-', 'bytes=0-']);
    await server?.close();
    ranges = [];
    await expectWeights(await filesOf([cut(200_000, false), zippedRange]));
    expect(ranges).toEqual(['bytes=0-', 'bytes=200000-', 'bytes=0-']);
  });

  test('and kept, and not fetched again while their tag stays', async () => {
    const tagged =
      (send: Send): Send =>
      (response, content, request) => {
        response.setHeader('ETag', '"v1"');
        if (request.method === 'HEAD') response.writeHead(200).end();
        else send(response, content, request);
      };
    const kept = memoryCache();
    const cache = new FileCache(
      () => Promise.resolve(kept),
      () => undefined,
    );
    await expectWeights(await filesOf([tagged(chunked)], WEIGHTS, cache));
    expect(await listFiles(kept)).toMatchObject([{ byteLength: WEIGHTS.byteLength, complete: true }]);
    const { url = '' } = server ?? {};
    ranges = [];
    await expectWeights(httpFiles(`${url}/m`, { cache }));
    expect(ranges).toEqual(['bytes=0-']);
  });
});

describe('never in part:', () => {
  test.each([60, 200_000, WEIGHTS.byteLength - 1])(
    'a file that always ends at byte %d',
    async (byteLength) => {
      const files = await filesOf([cut(byteLength, true)]);
      const error: unknown = await expectWeights(files).catch((caught: unknown) => caught);
      // A header that is cut is a file of another length; a tensor that is cut is missing.
      expect(error).toMatchObject(
        byteLength === 60
          ? { code: 'bad-checkpoint', message: expect.stringContaining('found a file of 60 bytes') as string }
          : {
              code: 'network',
              message: expect.stringContaining(`stopped at byte ${byteLength} of`) as string,
            },
      );
    },
  );

  test('a file that goes on behind its last tensor', async () => {
    const files = await filesOf([chunked], Buffer.concat([WEIGHTS, Buffer.alloc(3)]));
    await expect(expectWeights(files)).rejects.toMatchObject({
      code: 'bad-checkpoint',
      message: expect.stringContaining(
        `goes on behind its last tensor, which ends at byte ${WEIGHTS.byteLength}.`,
      ) as string,
    });
  });
});

describe('what are no weights', () => {
  test.each([0, 7, 8, 130, 60_000])('have their length where they have %d bytes', async (byteLength) => {
    const content = Buffer.alloc(byteLength, 'version https://git-lfs');
    const source = await (await filesOf([chunked], content)).open('model.safetensors');
    expect(source?.byteLength).toBe(byteLength);
    expect(Buffer.from((await source?.read(0, byteLength)) ?? [])).toEqual(content);
    await source?.close();
  });

  test.each([
    ['zeros', Buffer.alloc(200_000), /expected JSON as the header/],
    ['noise', Buffer.alloc(200_000, 0xfe), /expected a header of at most/],
    [
      'a header of something else',
      Buffer.concat([Buffer.of(2, 0, 0, 0, 0, 0, 0, 0), Buffer.alloc(200_000, '[]')]),
      /expected a JSON object/,
    ],
  ])('are refused: %s', async (_, content, message) => {
    await expect(openCheckpoint(await filesOf([chunked], content))).rejects.toMatchObject({
      code: 'bad-checkpoint',
      message: expect.stringMatching(message) as string,
    });
  });
});

describe('PyTorch files, which do not tell their length at their start', () => {
  const bin = readFileSync(`${goldensFolder}pytorch/zip.bin`);
  const large = writePytorch({ a: Float32Array.from({ length: LENGTHS.a }, (_, i) => i) });

  test.each([
    ['chunks', [chunked], bin],
    ['compressed', [zippedWithItsLength], bin],
    ['chunks, and more than is read ahead', [chunked], large],
  ] as const)('are read once more where nobody tells it: %s', async (_, sends, content) => {
    const files = await filesOf(sends, Buffer.from(content), undefined, 'pytorch_model.bin');
    const checkpoint = await openCheckpoint(files);
    const expected = await openCheckpoint(memoryFiles({ 'pytorch_model.bin': content }));
    for (const [name, { dtype }] of expected.tensors) {
      if (dtype !== 'F32') continue;
      expect(await checkpoint.readWhole(name)).toEqual(await expected.readWhole(name));
    }
    await checkpoint.close();
  });
});
