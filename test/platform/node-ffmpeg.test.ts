/** `ffmpeg` as a program of the machine: a stand-in on a PATH of the test's own, and the real one where the machine has it. */
import {
  accessSync,
  constants,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { bytesInMemory, RewindableBytes } from '../../src/audio/byte-stream.ts';
import { collectClip } from '../../src/audio/decode-file.ts';
import { describeFormat } from '../../src/audio/describe-format.ts';
import { UniSpeechError } from '../../src/base/errors.ts';
import { decodeAudioFile } from '../../src/platform/node-audio.ts';
import { type FfmpegOptions, isForFfmpeg, streamWithFfmpeg } from '../../src/platform/node-ffmpeg.ts';
import { encodeSamples, writeWav } from '../audio/write-wav.ts';

const CLIPS = new URL('../audio/clips/', import.meta.url);
const PATH = process.env.PATH ?? '';
const isOnPath = PATH.split(path.delimiter).some((folder) => {
  try {
    accessSync(path.join(folder, 'ffmpeg'), constants.X_OK);
    return true;
  } catch {
    return false;
  }
});

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'ffmpeg-test-'));
});
afterEach(() => {
  process.env.PATH = PATH;
  rmSync(folder, { recursive: true });
});

/** Puts a program named ffmpeg on the PATH, alone; `body` is JavaScript. Each run appends its arguments to the file `runs`. */
function standIn(body: string): void {
  const record = `require('node:fs').appendFileSync(${JSON.stringify(path.join(folder, 'runs'))}, JSON.stringify(process.argv.slice(2)) + '\\n');`;
  writeFileSync(path.join(folder, 'ffmpeg'), `#!${process.execPath}\n${record}\n${body}\n`, { mode: 0o755 });
  process.env.PATH = folder;
}
const runs = (): string[][] =>
  readFileSync(path.join(folder, 'runs'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as string[]);

const WAV = writeWav({
  tag: 3,
  bits: 32,
  sampleRate: 22_050,
  channelCount: 2,
  data: encodeSamples([0.5, 0, 1, -1], 3, 32),
  declaredDataBytes: 0xffffffff,
});
const writeOutput = `process.stdout.write(Buffer.from('${Buffer.from(WAV).toString('base64')}', 'base64'));`;
const decodeWithFfmpeg = (bytes: Uint8Array, name: string, options: FfmpegOptions) =>
  collectClip(streamWithFfmpeg({ input: new RewindableBytes(bytesInMemory(bytes)) }, name, options));
const decode = (options: Partial<FfmpegOptions> = {}, bytes = Uint8Array.of(1, 2, 3)) =>
  decodeWithFfmpeg(bytes, 'x', { formatName: 'WebM or Matroska', ...options });
const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'no error',
    (error: unknown) => error,
  );
const filesOf = (location: string) => readdirSync(location).filter((name) => name.startsWith('unispeech-'));

describe('a program named ffmpeg', () => {
  test('gets the bytes through a pipe, and no shell; its samples keep their rate and channels', async () => {
    standIn(`
      const chunks = [];
      process.stdin.on('data', (chunk) => chunks.push(chunk)).on('end', () => {
        require('node:fs').writeFileSync(${JSON.stringify(path.join(folder, 'input'))}, Buffer.concat(chunks));
        ${writeOutput}
      });`);
    const clip = await decode({}, Uint8Array.of(9, 8, 7));
    expect(clip).toEqual({
      channels: [Float32Array.of(0.5, 1), Float32Array.of(0, -1)],
      sampleRate: 22_050,
      warnings: undefined,
    });
    expect([...readFileSync(path.join(folder, 'input'))]).toEqual([9, 8, 7]);
    expect(runs()).toEqual([
      [
        ...['-hide_banner', '-loglevel', 'error', '-nostdin', '-protocol_whitelist', 'file,pipe'],
        ...['-format_whitelist', 'matroska,webm', '-i', 'pipe:0', '-map', '0:a:0', '-vn', '-sn', '-dn'],
        ...['-c:a', 'pcm_f32le', '-f', 'wav', 'pipe:1'],
      ],
    ]);
    await decode({ mono: true });
    expect(runs()[1]).toEqual(expect.arrayContaining(['-ac', '1']));
  });

  test('gets a file of its own for formats that need seeking, which is gone afterwards', async () => {
    standIn(`
      const [file] = process.argv.filter((argument) => argument.includes('unispeech-'));
      if (String(require('node:fs').readFileSync(file.replace('file:', ''))) !== 'mp4') process.exit(3);
      ${writeOutput}`);
    const before = filesOf(tmpdir());
    const clip = await decode({ formatName: 'MP4 or M4A' }, Buffer.from('mp4'));
    expect(clip.sampleRate).toBe(22_050);
    expect(runs()).toHaveLength(1);
    const file =
      runs()[0]
        ?.find((argument) => argument.includes('unispeech-'))
        ?.replace('file:', '') ?? '';
    expect(path.basename(file)).toBe('audio');
    expect(existsSync(path.dirname(file))).toBe(false);
    // Other tests run beside this one, and name their folders by what they are about.
    const isOurs = (name: string) => /^unispeech-\w{6}$/.test(name) && !before.includes(name);
    expect(filesOf(tmpdir()).filter(isOurs)).toEqual([]);
  });

  test('that fails on the pipe gets a file; its last line is in the error, in one bounded line', async () => {
    standIn(
      `console.error('first'); console.error('[webm @ 0x1] \\x1b[31mbroken ' + 'x'.repeat(999)); process.exitCode = 1;`,
    );
    const error = await failureOf(decode());
    expect(runs().map((args) => args[args.indexOf('-i') + 1] === 'pipe:0')).toEqual([true, false]);
    expect(error).toMatchObject({ name: 'UniSpeechError', code: 'bad-audio' });
    const { message } = error as Error;
    expect(message).toMatch(/^x looks like WebM or Matroska and cannot be decoded by ffmpeg: .*broken x+/);
    expect(message.length).toBeLessThanOrEqual(400);
    expect(Array.from(message).every((character) => character >= ' ')).toBe(true);
  });

  test('that fails while a source goes on: neither the source nor a copy of it is waited for', async () => {
    standIn('process.exitCode = 1;');
    async function* blocks() {
      yield await Promise.resolve(Uint8Array.of(1));
      await new Promise<never>(() => undefined);
    }
    const input = new RewindableBytes({ blocks: blocks() });
    const sound = streamWithFfmpeg({ input }, 'x', { formatName: 'WebM or Matroska' });
    expect(await failureOf(collectClip(sound))).toMatchObject({ code: 'bad-audio' });
    expect(runs()).toHaveLength(1);
    await input.close();
  });

  test('that ends without reading, without sound, or by a signal', async () => {
    standIn('process.stdin.destroy();');
    expect(await failureOf(decode({}, new Uint8Array(2 ** 20)))).toMatchObject({
      code: 'bad-audio',
      message: 'x looks like WebM or Matroska and cannot be decoded by ffmpeg: it gave no sound.',
    });
    standIn(`process.kill(process.pid, 'SIGTERM'); setTimeout(() => {}, 10_000);`);
    expect(await failureOf(decode())).toMatchObject({
      code: 'bad-audio',
      message: expect.stringMatching(/it ended with SIGTERM\.$/) as string,
    });
  });

  test('that complains and goes on: the clip and a warning', async () => {
    standIn(`console.error('File ended prematurely'); ${writeOutput}`);
    expect((await decode()).warnings).toEqual([
      'ffmpeg found damage after it had begun: File ended prematurely',
    ]);
  });

  test('is asked for a second more than the limit, and more than the limit is an error that names the option', async () => {
    standIn(writeOutput);
    expect(await decode({ maxSeconds: 1 })).toMatchObject({ sampleRate: 22_050 });
    expect(runs()[0]).toEqual(expect.arrayContaining(['-t', '2']));
    const webm = Uint8Array.from([0x1a, 0x45, 0xdf, 0xa3, ...new Uint8Array(100)]);
    expect(await failureOf(decodeAudioFile(webm, 'x', { maxSeconds: 0.00001 }))).toMatchObject({
      code: 'bad-audio',
      message: expect.stringMatching(
        /^x lasts at least 0\.0 s, the limit is 0\.00001 s\. .*max_duration_s/,
      ) as string,
    });
  });

  test.each([
    ['an abort', (): Partial<FfmpegOptions> => ({ signal: AbortSignal.timeout(300) }), /timeout/],
    ['its time limit', (): Partial<FfmpegOptions> => ({ timeoutMs: 300 }), /it did nothing for 0\.3 s/],
  ])('%s ends it', async (_, options, message) => {
    standIn(
      `require('node:fs').writeFileSync(${JSON.stringify(path.join(folder, 'pid'))}, String(process.pid)); setInterval(() => {}, 1000);`,
    );
    const error = await failureOf(decode({ formatName: 'MP4 or M4A', ...options() }));
    expect((error as Error).message).toMatch(message);
    // Started late on a machine under load, it may have been ended before it could write.
    if (existsSync(path.join(folder, 'pid'))) {
      const pid = Number(readFileSync(path.join(folder, 'pid'), 'utf8'));
      expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
    }
  });

  test('that still writes is ended when its reader leaves, and its input closed', async () => {
    const pidFile = path.join(folder, 'pid');
    standIn(`
      require('node:fs').writeFileSync(${JSON.stringify(pidFile)}, String(process.pid));
      ${writeOutput}
      setInterval(() => process.stdout.write(Buffer.alloc(65536)), 1);`);
    let isClosed = false;
    async function* endless() {
      try {
        for (;;) yield await Promise.resolve(new Uint8Array(65_536));
      } finally {
        isClosed = true;
      }
    }
    const input = new RewindableBytes({ blocks: endless() });
    for await (const block of streamWithFfmpeg({ input }, 'x', { formatName: 'WebM or Matroska' })) {
      expect(block.sampleRate).toBe(22_050);
      break;
    }
    await input.close();
    expect(isClosed).toBe(true);
    expect(() => process.kill(Number(readFileSync(pidFile, 'utf8')), 0)).toThrow(/ESRCH/);
  });

  test('reads a file on this machine itself', async () => {
    standIn(writeOutput);
    const input = new RewindableBytes(bytesInMemory(new Uint8Array(0)));
    await collectClip(streamWithFfmpeg({ input, path: '-a.webm' }, 'x', { formatName: 'WebM or Matroska' }));
    expect(runs()[0]).toEqual(expect.arrayContaining(['-i', `file:${path.resolve('-a.webm')}`]));
  });

  test('an aborted signal starts nothing', async () => {
    standIn(writeOutput);
    const reason = new Error('no longer');
    expect(await failureOf(decode({ signal: AbortSignal.abort(reason) }))).toBe(reason);
    expect(existsSync(path.join(folder, 'runs'))).toBe(false);
  });
});

test('without one, the error names the format and what to install', async () => {
  process.env.PATH = folder;
  expect(await failureOf(decode())).toMatchObject({
    name: 'UniSpeechError',
    code: 'unsupported',
    message:
      'x looks like WebM or Matroska, which takes ffmpeg to decode, and there is none on the PATH. ' +
      'Install ffmpeg, or convert the file to WAV or FLAC.',
  });
});

test.each([
  ['mediarecorder-like.webm', 48_000, 1.94],
  ['voice-memo-like.m4a', 16_000, 2.05],
  ['adts.aac', 16_000, 2.05],
])('%s: sound where the machine has ffmpeg, else the error', async (file, sampleRate, seconds) => {
  const bytes = new Uint8Array(readFileSync(new URL(file, CLIPS)));
  const formatName = describeFormat(bytes) ?? '';
  expect(isForFfmpeg(formatName)).toBe(true);
  const result = await decodeWithFfmpeg(bytes, file, { formatName }).catch((error: unknown) => error);
  if (!isOnPath) {
    expect(result).toMatchObject({ code: 'unsupported' });
    return;
  }
  if (result instanceof UniSpeechError) throw result;
  expect(result).toMatchObject({ sampleRate });
  expect(result).not.toHaveProperty('warnings');
  const [samples = new Float32Array(0)] = (result as { channels: Float32Array[] }).channels;
  expect(Math.abs(samples.length / sampleRate - seconds)).toBeLessThan(0.1);
  expect(samples.some((sample) => Math.abs(sample) > 0.1)).toBe(true);
  const damaged = Uint8Array.from(bytes, (byte, index) => (index < 16 ? byte : (index * 131) & 0xff));
  expect(await failureOf(decodeWithFfmpeg(damaged, file, { formatName }))).toMatchObject({
    code: 'bad-audio',
  });
});

test.each(['NIST_1A\n   1024\n', 'Creative Voice File\x1a'])(
  'a file that starts with %j is for ffmpeg',
  (head) => {
    const bytes = Uint8Array.from(head.padEnd(300, '\n'), (character) => character.charCodeAt(0));
    expect(isForFfmpeg(describeFormat(bytes) ?? '')).toBe(true);
  },
);
