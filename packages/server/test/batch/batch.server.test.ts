/** The list of a batch, its options, its outputs, and a run in one process, with a transcriber that a test writes. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { UniSpeechError } from 'unispeech-webgpu/captions';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type BatchItem, checkItems, itemOfLine, readItems } from '../../src/batch/batch-item.ts';
import { parseBatchCommand } from '../../src/batch/batch-options.ts';
import { BatchTally } from '../../src/batch/batch-report.ts';
import { runBatchCommand } from '../../src/batch/commands.ts';
import { isWritten, removeOldTemporaries, writeOutput } from '../../src/batch/output-file.ts';
import { modelDigest, outputKey } from '../../src/batch/output-key.ts';
import { parseQueueAddress } from '../../src/batch/queue-address.ts';
import { LocalSource } from '../../src/batch/local-source.ts';
import { type FileTranscriber, runFiles } from '../../src/batch/run-files.ts';
import type { BatchSurroundings } from '../../src/batch/surroundings.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'unispeech-batch-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});
const inFolder = (name: string): string => path.join(folder, name);
const write = (name: string, text = name): string => {
  mkdirSync(path.dirname(inFolder(name)), { recursive: true });
  writeFileSync(inFolder(name), text);
  return inFolder(name);
};
const all = async (location: string): Promise<BatchItem[]> => {
  const items: BatchItem[] = [];
  for await (const item of readItems(location)) items.push(item);
  return items;
};
const MODEL = { digest: 'm', dtype: 'fp32' };
const codeOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof UniSpeechError) return `${error.code}: ${error.sentence}`;
    throw error;
  }
  return 'no error';
};

describe('the list', () => {
  test('of a folder has the audio in it and in its subfolders', async () => {
    for (const name of ['a.wav', 'sub/deep/b.MP3', 'sub/notes.txt', 'README']) write(`in/${name}`);
    const items = await all(inFolder('in'));
    expect(items.map(({ file }) => file).sort()).toEqual(['a.wav', 'sub/deep/b.MP3']);
    expect(items.every(({ root }) => root === inFolder('in'))).toBe(true);
  });

  test('of a manifest has a path or an object a line, relative to the manifest', async () => {
    write(
      'list.txt',
      '\ufeffa.wav\r\n\n  \n{"uri":"../b.wav","id":"talks/b","options":{"timestamps":"char"}}\nsub/c d.flac',
    );
    expect(await all(inFolder('list.txt'))).toEqual([
      { root: folder, file: 'a.wav', output: 'a.wav', options: {} },
      { root: folder, file: '../b.wav', output: 'talks/b', options: { timestamps: 'char' } },
      { root: folder, file: 'sub/c d.flac', output: 'sub/c d.flac', options: {} },
    ]);
  });

  test('never puts an output outside of its folder', () => {
    expect(itemOfLine('../../x/a.wav', '/data/lists', 1).output).toBe('x/a.wav');
    expect(itemOfLine('/etc/a.wav', '/data/lists', 1).output).toBe('etc/a.wav');
    for (const id of ['../a', '/a', 'a/../../b', '', '.', 'a//b', 'a\\b', 'a\0b', 7, null])
      expect(codeOf(() => itemOfLine(JSON.stringify({ uri: 'a.wav', id }), '/data', 3))).toBe(
        'bad-input: Line 3 of the manifest has an "id" that is no name, expected a relative path without ...',
      );
  });

  test.each([
    ['{"uri":', 'begins with { but is not JSON'],
    ['{}', 'has no "uri"'],
    ['{"uri":""}', 'has no "uri"'],
    ['https://example.org/a.wav', 'names "https://example.org/a.wav"'],
    ['{"uri":"a.wav","options":{"beam":3}}', 'has the option "beam"'],
    ['{"uri":"a.wav","options":{"timestamps":"phoneme"}}', 'has other "timestamps"'],
    ['x'.repeat(70_000), 'has 70000 characters'],
  ])('has no line %s', (line, message) => {
    expect(codeOf(() => itemOfLine(line, '/data', 12))).toContain(
      `bad-input: Line 12 of the manifest ${message}`,
    );
  });

  test('follows links to files and folders, each folder once', async () => {
    write('data/a.wav');
    mkdirSync(inFolder('in'));
    symlinkSync(inFolder('data/a.wav'), inFolder('in/link.wav'));
    symlinkSync(inFolder('data'), inFolder('in/folder'));
    symlinkSync(inFolder('in'), inFolder('in/circle'));
    symlinkSync(inFolder('nowhere.wav'), inFolder('in/broken.wav'));
    const files = (await all(inFolder('in'))).map(({ file }) => file);
    expect(files.sort()).toEqual(['broken.wav', 'folder/a.wav', 'link.wav']);
  });

  test('has no two items with one output', async () => {
    write('list.txt', 'a.wav\n../x/b.wav\nx/b.wav');
    await expect(checkItems(inFolder('list.txt'))).rejects.toMatchObject({ code: 'bad-input' });
    write('list.txt', 'a.wav\nb.wav');
    expect(await checkItems(inFolder('list.txt'))).toBe(2);
  });

  test('that is not there, or has nothing, is an error', async () => {
    await expect(all(inFolder('missing'))).rejects.toMatchObject({ code: 'not-found' });
    write('in/notes.txt');
    write('list.txt', '\n \n');
    for (const name of ['in', 'list.txt'])
      await expect(checkItems(inFolder(name))).rejects.toMatchObject({
        code: 'not-found',
        sentence: `There is no audio in ${inFolder(name)}.`,
      });
  });
});

describe('the key of an output', () => {
  const item = (file: string): BatchItem => ({ root: folder, file, output: file, options: {} });

  test('depends on the content, the model, its dtype and the options, not on the name', async () => {
    const [a, b, c] = [write('a.wav', 'same'), write('b.wav', 'same'), write('c.wav', 'other')];
    const key = await outputKey(a, item('a.wav'), 'content', MODEL);
    expect(key).toMatch(/^[0-9a-f]{64}$/);
    expect(await outputKey(b, item('b.wav'), 'content', MODEL)).toBe(key);
    expect(await outputKey(a, { ...item('a.wav'), options: { timestamps: 'word' } }, 'content', MODEL)).toBe(
      key,
    );
    const others = await Promise.all([
      outputKey(c, item('c.wav'), 'content', MODEL),
      outputKey(a, item('a.wav'), 'content', { ...MODEL, dtype: 'q8' }),
      outputKey(a, item('a.wav'), 'content', { ...MODEL, digest: 'n' }),
      outputKey(a, { ...item('a.wav'), options: { timestamps: 'char' } }, 'content', MODEL),
      outputKey(a, item('a.wav'), 'stat', MODEL),
    ]);
    expect(new Set([key, ...others]).size).toBe(6);
  });

  test('by stat depends on size and time', async () => {
    const file = write('a.wav', 'same');
    utimesSync(file, 1000, 1000);
    const key = await outputKey(file, item('a.wav'), 'stat', MODEL);
    writeFileSync(file, 'emas');
    utimesSync(file, 1000, 1000);
    expect(await outputKey(file, item('a.wav'), 'stat', MODEL)).toBe(key);
    utimesSync(file, 1000, 1001);
    expect(await outputKey(file, item('a.wav'), 'stat', MODEL)).not.toBe(key);
  });

  test('a model is told by the bytes of its files', async () => {
    write('model/config.json', '{}');
    write('model/model.safetensors', 'weights');
    const digest = await modelDigest(inFolder('model'));
    write('model/README.md');
    expect(await modelDigest(inFolder('model'))).toBe(digest);
    write('model/model.safetensors', 'weightS');
    expect(await modelDigest(inFolder('model'))).not.toBe(digest);
    expect(await modelDigest('owner/name')).not.toBe(await modelDigest('owner/other'));
  });
});

describe('an output', () => {
  const item: BatchItem = { root: '/', file: 'sub/a.wav', output: 'sub/a.wav', options: {} };
  const transcript = { text: 'HELLO', duration: 1, chunks: [] };

  test('is written as a whole, in its folder, and found by its key', async () => {
    await writeOutput(folder, item, 'k1', transcript);
    expect(JSON.parse(readFileSync(inFolder('sub/a.wav.json'), 'utf8'))).toEqual({
      version: 1,
      key: 'k1',
      file: 'sub/a.wav',
      ...transcript,
    });
    expect(readdirSync(inFolder('sub'))).toEqual(['a.wav.json']);
    expect(await isWritten(folder, { output: 'sub/a.wav', key: 'k1' })).toBe(true);
    expect(await isWritten(folder, { output: 'sub/a.wav', key: 'k2' })).toBe(false);
    writeFileSync(inFolder('sub/a.wav.json'), '{"key":"k1"');
    expect(await isWritten(folder, { output: 'sub/a.wav', key: 'k1' })).toBe(false);
  });

  test('that cannot be renamed into place leaves nothing behind', async () => {
    mkdirSync(inFolder('sub/a.wav.json/full'), { recursive: true });
    await expect(writeOutput(folder, item, 'k1', transcript)).rejects.toThrow();
    expect(readdirSync(inFolder('sub'))).toEqual(['a.wav.json']);
  });

  test('of a process that was killed is removed after a day, if this host made it', async () => {
    const host = os.hostname().replace(/[^\w-]/g, '_');
    const [own, other] = [write(`sub/.a.wav.json.${host}.12.tmp`), write('sub/.a.wav.json.elsewhere.12.tmp')];
    const now = Date.now();
    expect(await removeOldTemporaries(folder, now)).toBe(0);
    expect(await removeOldTemporaries(folder, now + 25 * 3_600_000)).toBe(1);
    expect([own, other].map((file) => existsSync(file))).toEqual([false, true]);
  });
});

describe('a batch in one process', () => {
  const surroundings = (
    transcribe: FileTranscriber['transcribe'],
    signal = new AbortController().signal,
  ): BatchSurroundings & { readonly said: string[] } => {
    const said: string[] = [];
    return {
      said,
      signal,
      say: (line) => said.push(line),
      showProgress: () => undefined,
      openEngine: () =>
        Promise.resolve({
          transcriber: { transcribe },
          close: () => {
            said.push('closed');
            return Promise.resolve();
          },
        }),
    };
  };
  const command = (): Parameters<typeof runBatchCommand>[0] =>
    parseBatchCommand([
      'batch',
      inFolder('in'),
      '--out',
      inFolder('out'),
      '--model',
      'm',
      '--concurrency',
      '3',
    ]);
  const failing = (code: string): Error => Object.assign(new Error('as asked'), { code });

  test('does each file once, lists what failed, and a further run does what is missing', async () => {
    for (let index = 0; index < 9; index += 1) write(`in/f${index}.wav`, `content ${index}`);
    let running = 0;
    let most = 0;
    const attempts = new Map<string, number>();
    const transcribe: FileTranscriber['transcribe'] = async (file) => {
      const name = path.basename(file);
      attempts.set(name, (attempts.get(name) ?? 0) + 1);
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 5));
      running -= 1;
      if (name === 'f3.wav') throw failing('bad-audio');
      if (name === 'f5.wav') throw failing('internal_error');
      if (name === 'f7.wav' && attempts.get(name) === 1) throw failing('internal_error');
      return { text: readFileSync(file, 'utf8'), duration: 2, chunks: [] };
    };
    const first = surroundings(transcribe);
    expect(await runBatchCommand(command(), first)).toBe(1);
    expect(most).toBe(3);
    expect(Object.fromEntries(attempts)).toMatchObject({
      'f3.wav': 1,
      'f5.wav': 3,
      'f7.wav': 2,
      'f0.wav': 1,
    });
    const failures = readFileSync(inFolder('out/_failures.jsonl'), 'utf8').trim().split('\n');
    expect(
      failures
        .map((line) => JSON.parse(line) as { file: string })
        .map(({ file }) => file)
        .sort(),
    ).toEqual(['f3.wav', 'f5.wav']);
    expect(first.said.at(-1)).toMatch(
      /^7 files transcribed, 0 were there, 2 failed; 14 s of sound in .*_failures.jsonl lists/,
    );

    attempts.clear();
    write('in/f4.wav', 'changed');
    const second = surroundings((file) =>
      Promise.resolve({ text: readFileSync(file, 'utf8'), duration: 2, chunks: [] }),
    );
    expect(await runBatchCommand(command(), second)).toBe(0);
    expect(second.said.at(-1)).toMatch(/^3 files transcribed, 6 were there, 0 failed/);
    expect(existsSync(inFolder('out/_failures.jsonl'))).toBe(false);
    expect(JSON.parse(readFileSync(inFolder('out/f4.wav.json'), 'utf8'))).toMatchObject({ text: 'changed' });
  });

  test('that is stopped leaves no half-written file, closes the engine, and goes on later', async () => {
    for (let index = 0; index < 6; index += 1) write(`in/f${index}.wav`, `content ${index}`);
    const stop = new AbortController();
    let count = 0;
    const stopped = surroundings(async (file, _, signal) => {
      count += 1;
      if (count === 4) stop.abort(new Error('Ctrl-C'));
      await new Promise((resolve) => setTimeout(resolve, 5));
      // A decoder that was killed gives half a file.
      if (signal.aborted) throw failing('bad-audio');
      return { text: file, duration: 1, chunks: [] };
    }, stop.signal);
    expect(await runBatchCommand(command(), stopped)).toBe(130);
    expect(stopped.said.slice(-3)).toEqual([
      'closed',
      expect.stringMatching(/^[0-5] files transcribed, 0 were there, 0 failed/),
      'Stopped: the same command does what is missing.',
    ]);
    const written = readdirSync(inFolder('out'));
    // Neither a file that is half-written, nor one that lists what was interrupted.
    expect(written.every((name) => name.endsWith('.wav.json'))).toBe(true);
    expect(written.length).toBeLessThan(6);
    const rest = surroundings((file) => Promise.resolve({ text: file, duration: 1, chunks: [] }));
    expect(await runBatchCommand(command(), rest)).toBe(0);
    expect(readdirSync(inFolder('out'))).toHaveLength(6);
  });

  test('that is stopped during its last file ends, though other loops wait', async () => {
    write('in/only.wav');
    const stop = new AbortController();
    const stopped = surroundings(async (_file, _options, signal) => {
      setTimeout(() => {
        stop.abort();
      }, 10);
      await new Promise((resolve) => {
        signal.addEventListener('abort', resolve, { once: true });
      });
      throw failing('internal_error');
    }, stop.signal);
    expect(await runBatchCommand(command(), stopped)).toBe(130);
    expect(stopped.said).toContain('closed');
  });

  test('ends where failures cannot be listed, and closes the engine', async () => {
    for (let index = 0; index < 5; index += 1) write(`in/f${index}.wav`);
    const run = surroundings(() => {
      mkdirSync(inFolder('out/_failures.jsonl'), { recursive: true });
      return Promise.reject(failing('bad-audio'));
    });
    await expect(runBatchCommand(command(), run)).rejects.toMatchObject({ code: 'EISDIR' });
    expect(run.said).toContain('closed');
  });

  test('waits for an engine that is away, without counting attempts, and gives up after a while', async () => {
    write('in/a.wav');
    const run = (failureCount: number): Promise<void> => {
      let count = 0;
      return runFiles({
        source: new LocalSource(readItems(inFolder('in')), 'content'),
        transcriber: {
          transcribe: () => {
            count += 1;
            if (count <= failureCount) return Promise.reject(failing('no_device'));
            return Promise.resolve({ text: 'back', duration: 1, chunks: [] });
          },
        },
        outFolder: inFolder('out'),
        model: MODEL,
        concurrency: 2,
        signal: new AbortController().signal,
        awayMilliseconds: 200,
      });
    };
    await expect(run(Infinity)).rejects.toMatchObject({ code: 'no-device' });
    expect(existsSync(inFolder('out/_failures.jsonl'))).toBe(false);
    await run(3);
    expect(JSON.parse(readFileSync(inFolder('out/a.wav.json'), 'utf8'))).toMatchObject({ text: 'back' });
  });

  test('names a bad line before any work', async () => {
    write('list.txt', 'a.wav\n{"uri":');
    let count = 0;
    const bad = surroundings(() => {
      count += 1;
      return Promise.reject(new Error('never'));
    });
    const words = ['batch', inFolder('list.txt'), '--out', inFolder('out'), '--model', 'm'];
    await expect(runBatchCommand(parseBatchCommand(words), bad)).rejects.toMatchObject({ code: 'bad-input' });
    expect(count).toBe(0);
  });

  test('calls a file that is not there a failure of its own', async () => {
    write('list.txt', 'missing.wav\nhere.wav');
    write('here.wav');
    const run = surroundings(() => Promise.resolve({ text: 'x', duration: 1, chunks: [] }));
    const words = ['batch', inFolder('list.txt'), '--out', inFolder('out'), '--model', 'm'];
    expect(await runBatchCommand(parseBatchCommand(words), run)).toBe(1);
    expect(run.said[0]).toMatch(/^missing\.wav: There is no file/);
    expect(existsSync(inFolder('out/here.wav.json'))).toBe(true);
  });
});

describe('the words of the commands', () => {
  test.each([
    [['batch'], 'needs a manifest or a folder'],
    [['batch', 'in', '--model', 'm'], 'needs --out'],
    [['batch', 'in', '--out', 'o'], 'needs --model'],
    [['batch', 'in', 'more', '--out', 'o', '--model', 'm'], 'takes one manifest or folder'],
    [['batch', 'in', '--out', 'o', '--model', 'm', '--concurrency', '0'], '--concurrency is "0"'],
    [['batch', 'in', '--out', 'o', '--model', 'm', '--workers', 'two'], '--workers is "two"'],
    [['batch', 'in', '--out', 'o', '--model', 'm', '--workers', '2', '--device', 'x'], 'give one of them'],
    [['batch', 'in', '--out', 'o', '--model', 'm', '--identity', 'name'], '--identity is "name"'],
    [['batch', 'in', '--out', 'o', '--model', 'm', '--detach'], 'takes no --detach'],
    [['batch', 'in', '--out', 'o', '--model', 'm', '--root', 'r'], 'takes no --root'],
    [['batch', 'in', '--outt', 'o'], '--outt'],
    [['work', 'in', '--queue', 'redis://h', '--out', 'o', '--model', 'm'], 'the queue has the files'],
    [['work', '--out', 'o', '--model', 'm'], 'needs --queue'],
    [['batch', 'status'], 'needs --queue'],
    [['batch', 'retry', '--queue', 'redis://h', '--model', 'm'], 'takes no --model'],
    [['batch', 'status', '--queue', 'redis://h', '--queue-name', 'a:b'], '--queue-name is "a:b"'],
    [['batch', 'status', '--queue', 'mysql://user:secret@h'], 'an address of mysql'],
  ])('%j', (words, message) => {
    const error = codeOf(() => parseBatchCommand(words));
    expect(error).toMatch(/^bad-option: /);
    expect(error).toContain(message);
    expect(error).not.toContain('secret');
  });

  test('say what is to be done', () => {
    const words = 'batch in --out o --model m --dtype q8 --workers 2 --queue valkey://h:1 --detach'.split(
      ' ',
    );
    expect(parseBatchCommand(words)).toEqual({
      name: 'batch',
      location: 'in',
      outFolder: 'o',
      identity: 'content',
      engine: { model: 'm', dtype: 'q8', devices: ['auto', 'auto'], concurrency: 16 },
      queue: { address: { kind: 'redis', url: 'redis://h:1' }, queueName: 'unispeech' },
      isDetached: true,
    });
    expect(parseQueueAddress('postgresql://u@h/d')).toEqual({ kind: 'postgres', url: 'postgresql://u@h/d' });
    expect(parseBatchCommand(['batch', 'cancel', 'in', '--queue', 'rediss://h'])).toMatchObject({
      name: 'cancel',
      location: 'in',
    });
  });
});

test('the line of progress has the rate and the time left', () => {
  const item: BatchItem = { root: '/', file: 'a', output: 'a', options: {} };
  const job = { item, attempt: 1, identity: 'content' } as const;
  const tally = new BatchTally(10, 0);
  expect(tally.line(0)).toBe('0 of 10 files');
  tally.add({ type: 'done', job, outcome: { isSkipped: true, seconds: 0 } });
  tally.add({ type: 'done', job, outcome: { isSkipped: false, seconds: 30 } });
  tally.add({ type: 'failed', job, isAgain: true, failure: { code: 'x', message: 'y', isFinal: false } });
  tally.add({ type: 'failed', job, isAgain: false, failure: { code: 'x', message: 'y', isFinal: true } });
  // Two files in ten seconds, and seven are left.
  expect(tally.line(10_000)).toBe('3 of 10 files, 1 were there, 1 failed, 3.0 × real time, 35 s left');
});
