/** Files decoded in threads of their own: the same sound, warnings and errors as in the calling thread, and nothing that stays behind. */
import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { monoBlocks } from '../../src/audio/mono-blocks.ts';
import { UniSpeechError } from '../../src/base/errors.ts';
import type { SoundStream } from '../../src/base/sound-stream.ts';
import { streamAudio } from '../../src/platform/node-audio.ts';
import { openAudioFile } from '../../src/platform/node-audio-file.ts';
import { DecodePool, decodesAheadIn } from '../../src/platform/node-decode-ahead.ts';

mkdirSync('node_modules/.cache', { recursive: true });
// Packages are found from here.
const folder = mkdtempSync(path.resolve('node_modules/.cache/decode-ahead-'));
const inFolder = (name: string, content: string | Uint8Array): string => {
  const file = path.join(folder, name);
  writeFileSync(file, content);
  return file;
};
const script = pathToFileURL(path.join(folder, 'node-decode-worker.js'));
const RATE = 16_000;
const MANY = { sampleRate: RATE, isOneOfMany: true };

let pool: DecodePool;
const poolOf = (...args: ConstructorParameters<typeof DecodePool>): DecodePool =>
  (pool = new DecodePool(...args));
const open = (location: string, options: { signal?: AbortSignal; maxSeconds?: number } = {}): SoundStream => {
  const sound = decodesAheadIn(pool)(location, 'x', { ...MANY, ...options });
  if (!sound) throw new Error('is not decoded ahead');
  return sound;
};

interface HeardFile {
  readonly samples: readonly number[];
  readonly warnings: readonly string[];
  readonly declaredSeconds: number | undefined;
  readonly error: unknown;
}

async function hear(sound: SoundStream): Promise<HeardFile> {
  const samples: number[] = [];
  let error: unknown;
  try {
    for await (const block of monoBlocks(sound, RATE)) samples.push(...block);
  } catch (thrown) {
    error = thrown;
  }
  const { warnings, declaredSeconds } = sound;
  return { samples, warnings, declaredSeconds, error };
}
/** Node's own errors lose what is not of every error. */
const told = (error: unknown): unknown =>
  error instanceof UniSpeechError && [error.code, error.message, error.fix, String(error.cause)];
const hearHere = (location: string, maxSeconds?: number): Promise<HeardFile> =>
  hear(streamAudio(openAudioFile(location), 'x', { mono: true, maxSeconds }));

/** Minutes of 8 bit at 8 kHz. */
function longWav(seconds: number): string {
  const header = Buffer.alloc(44);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(36 + 8000 * seconds, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  for (const [offset, value] of [16, 1 | (1 << 16), 8000, 8000, 1 | (8 << 16)].entries())
    header.writeUInt32LE(value, 16 + 4 * offset);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(8000 * seconds, 40);
  return inFolder(`${seconds}s.wav`, Buffer.concat([header, Buffer.alloc(8000 * seconds, 100)]));
}

/** How far the open handles of a file were read; no handle, no number. Linux tells. */
const handlesOf = (file: string): readonly number[] =>
  readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      if (readlinkSync(`/proc/self/fd/${fd}`) !== file) return [];
      return [Number(/^pos:\s*(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1])];
    } catch {
      return [];
    }
  });
const onLinux = test.runIf(process.platform === 'linux');

beforeAll(async () => {
  writeFileSync(path.join(folder, 'package.json'), '{"type":"module"}');
  await build({
    entryPoints: ['src/platform/node-decode-worker.ts', 'src/platform/node-decode-ahead.ts'],
    outdir: folder,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
  });
});
afterEach(() => pool.close());
afterAll(() => rmSync(folder, { recursive: true }));

describe('a thread gives what the calling thread gives', () => {
  test.each([
    'examples/audio/four-four.wav',
    'examples/audio/nine-nine.ogg',
    'examples/audio/yes-five.flac',
    'test/audio/clips/mp3-joined-16k-and-8k.mp3',
    'test/audio/clips/flac-one-byte-55pct.flac',
    'no-such-file.wav',
    'package.json',
  ])('%s', async (file) => {
    poolOf(script, { maxThreads: 2 });
    const ahead = await hear(open(file));
    const here = await hearHere(file);
    expect({ ...ahead, error: told(ahead.error) }).toEqual({ ...here, error: told(here.error) });
    expect(ahead.samples.length > 0 || ahead.error instanceof UniSpeechError).toBe(true);
    expect(pool.threadCount).toBe(1);
  });

  test('several files at once, in as many threads as there may be', async () => {
    poolOf(script, { maxThreads: 2 });
    const files = ['four-four.wav', 'yes-five.flac', 'nine-nine.ogg'].map((name) => `examples/audio/${name}`);
    const ahead = await Promise.all(files.map((file) => hear(open(file))));
    expect(pool.threadCount).toBe(2);
    expect(ahead).toEqual(await Promise.all(files.map((file) => hearHere(file))));
  });

  test('too long a file is the same error', async () => {
    poolOf(script);
    const file = longWav(5);
    const { error } = await hear(open(file, { maxSeconds: 2 }));
    expect(error).toMatchObject({ code: 'bad-audio' });
    expect(error).toEqual((await hearHere(file, 2)).error);
  });
});

describe('what is not wanted any more', () => {
  onLinux('is not read further than a minute ahead, and closed when the loop ends', async () => {
    poolOf(script, { maxThreads: 1 });
    const file = longWav(300);
    const sound = open(file)[Symbol.asyncIterator]();
    expect((await sound.next()).done).toBe(false);
    let position = 0;
    const standsBehindAMinute = (): boolean => {
      const before = position;
      [position = 0] = handlesOf(file);
      return position === before && position > 60 * 8000;
    };
    await expect.poll(standsBehindAMinute, { interval: 100, timeout: 30_000 }).toBe(true);
    expect(position).toBeLessThan(150 * 8000);
    await sound.return?.();
    expect(handlesOf(file)).toEqual([]);
    expect((await hear(open('examples/audio/four-four.wav'))).error).toBeUndefined();
    expect(pool.threadCount).toBe(1);
  });

  onLinux('ends with the reason of its signal, and is closed', async () => {
    poolOf(script, { maxThreads: 1 });
    const file = longWav(300);
    const leaving = new AbortController();
    const sound = open(file, { signal: leaving.signal })[Symbol.asyncIterator]();
    await sound.next();
    const reason = new Error('enough');
    leaving.abort(reason);
    await expect(
      (async () => {
        for (;;) if ((await sound.next()).done) return;
      })(),
    ).rejects.toBe(reason);
    expect(handlesOf(file)).toEqual([]);
  });

  test('threads without files end', async () => {
    poolOf(script, { maxThreads: 1, idleMilliseconds: 20 });
    await hear(open('examples/audio/four-four.wav'));
    expect(pool.threadCount).toBe(1);
    await expect.poll(() => pool.threadCount, { timeout: 30_000 }).toBe(0);
    expect((await hear(open('examples/audio/four-four.wav'))).error).toBeUndefined();
  });

  test('no thread keeps a process alive, not even with a loop that was given up', () => {
    const program = `
      import { decodeAhead } from ${JSON.stringify(pathToFileURL(path.join(folder, 'node-decode-ahead.js')).href)};
      let threads = 0;
      process.on('worker', () => threads++);
      for (const file of ${JSON.stringify(['examples/audio/yes-five.flac', longWav(300)])}) {
        const sound = decodeAhead(file, 'x', { sampleRate: 16000, isOneOfMany: true });
        await sound[Symbol.asyncIterator]().next();
      }
      const start = performance.now();
      process.on('exit', () => console.log(threads > 0, performance.now() - start < 3000));`;
    const output = execFileSync(process.execPath, ['--input-type=module', '-e', program], {
      encoding: 'utf8',
    });
    expect(output.trim()).toBe(`${availableParallelism() > 1} true`);
  });
});

describe('without threads the calling thread decodes', () => {
  const file = 'examples/audio/yes-five.flac';

  test.each([
    ['no script', () => undefined],
    ['a script that fails', () => pathToFileURL(inFolder('broken.js', 'throw new Error("not here")'))],
    ['a script that is not there', () => pathToFileURL(path.join(folder, 'missing.js'))],
  ])('%s', async (_, scriptOf) => {
    poolOf(scriptOf(), { maxThreads: 1 });
    expect(await hear(open(file))).toEqual(await hearHere(file));
    expect(pool.threadCount).toBe(0);
  });

  test('a single short file', async () => {
    poolOf(script, { maxThreads: 1 });
    const sound = decodesAheadIn(pool)(file, 'x', { sampleRate: RATE, isOneOfMany: false });
    expect(await hear(sound ?? open(file))).toEqual(await hearHere(file));
    expect(pool.threadCount).toBe(0);
  });

  test('what comes from elsewhere', () => {
    poolOf(script, { maxThreads: 1 });
    expect(decodesAheadIn(pool)('https://host.example/a.wav', 'x', MANY)).toBeUndefined();
  });
});

test('a thread that dies is an error of its files', async () => {
  const dying = `import { parentPort } from 'node:worker_threads';
    parentPort.on('message', () => process.exit(3));
    parentPort.postMessage('ready');`;
  poolOf(pathToFileURL(inFolder('dying.js', dying)), { maxThreads: 1 });
  const { error } = await hear(open('examples/audio/four-four.wav'));
  expect(error).toMatchObject({ code: 'worker-failed' });
  expect(String(error)).toContain('it ended with code 3');
  expect(pool.threadCount).toBe(0);
});
