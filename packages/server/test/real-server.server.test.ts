/** The server as it is built, with the bundled model: one text by every way, memory, disconnects, stops, and a death of the front. */
import { openAsBlob, readdirSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import path from 'node:path';
import { parseText } from 'media-captions';
import { beforeAll, expect, test } from 'vitest';
import { repositoryFolder, runNode } from '../../../test/helpers/run-node.ts';
import { isShort } from '../../../test/helpers/test-depth.ts';
import { MODEL_FOLDER, type ServerProcess, useBuiltServer } from './helpers/built-server.ts';
import { eventsOf } from './helpers/read-events.ts';
import { wavOf } from './helpers/wav-file.ts';

const AUDIO = path.join(repositoryFolder, 'examples/audio');
const clips = readdirSync(AUDIO).filter((name) => /\.(wav|flac|ogg)$/.test(name));
const builtServer = useBuiltServer();
let server: ServerProcess;

beforeAll(async () => {
  server = await builtServer.start();
}, 120_000);

async function formOf(file: string, fields: Readonly<Record<string, string>> = {}): Promise<FormData> {
  const form = new FormData();
  form.append('file', await openAsBlob(file), path.basename(file));
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  return form;
}

const ask = async (
  clip: string,
  fields: Readonly<Record<string, string>> = {},
  { url } = server,
): Promise<Response> =>
  fetch(`${url}/v1/audio/transcriptions`, {
    method: 'POST',
    body: await formOf(path.join(AUDIO, clip), fields),
  });

const textOf = async (response: Response): Promise<string> => {
  expect(response.status).toBe(200);
  return ((await response.json()) as { readonly text: string }).text;
};

async function jobText(clip: string, { url } = server): Promise<string> {
  const created = await fetch(`${url}/v1/jobs`, {
    method: 'POST',
    body: await formOf(path.join(AUDIO, clip)),
  });
  const { id } = (await created.json()) as { readonly id: string };
  const { data } = await eventsOf(await fetch(`${url}/v1/jobs/${id}/events`));
  expect(data.at(-1)).toMatchObject({ status: 'completed', progress: 1 });
  return textOf(await fetch(`${url}/v1/jobs/${id}/result`));
}

test('every way gives the same text of every clip, that of pipeline()', async () => {
  const entry = path.join(builtServer.packageFolder, 'dist/node.js');
  const script = path.join(import.meta.dirname, 'helpers/pipeline-texts.mjs');
  const files = clips.map((clip) => path.join(AUDIO, clip));
  const { stdout, stderr } = await runNode([script, entry, MODEL_FOLDER, ...files]);
  expect(stdout, stderr).toMatch(/^\[/);
  const expected = JSON.parse(stdout) as readonly string[];
  expect(clips.length).toBeGreaterThan(10);
  /** One of each format; `npm run test:all` has every clip. */
  const inEveryWay = isShort ? ['four-four.wav', 'yes-five.flac', 'nine-nine.ogg'] : clips;
  const check = async (clip: string, text: string | undefined): Promise<void> => {
    expect(await textOf(await ask(clip)), clip).toBe(text);
    if (!inEveryWay.includes(clip)) return;
    expect(await (await ask(clip, { response_format: 'text' })).text(), clip).toBe(`${text}\n`);
    expect(await textOf(await ask(clip, { response_format: 'verbose_json' })), clip).toBe(text);
    const { data } = await eventsOf(await ask(clip, { stream: 'true' }));
    expect(data.map(({ delta = '' }) => String(delta)).join(''), clip).toBe(text);
    expect(data.at(-1)?.text, clip).toBe(text);
    expect(await jobText(clip), clip).toBe(text);
  };
  // Side by side, so that clips share batches.
  await Promise.all(clips.map((clip, index) => check(clip, expected[index])));
}, 180_000);

interface VerboseAnswer {
  readonly text: string;
  readonly duration: number;
  readonly words: readonly {
    readonly word: string;
    readonly start: number;
    readonly end: number;
    readonly probability: number;
  }[];
  readonly segments: readonly {
    readonly text: string;
    readonly start: number;
    readonly end: number;
    readonly tokens: readonly number[];
    readonly avg_logprob: number;
  }[];
}

test('times of words lie in the clip and in order; segments have the words and their tokens', async () => {
  for (const clip of clips.slice(0, 4)) {
    const fields = { response_format: 'verbose_json', timestamp_granularities: 'word,segment' };
    const { text, duration, words, segments } = (await (await ask(clip, fields)).json()) as VerboseAnswer;
    expect(words.map(({ word }) => word).join(' ')).toBe(text);
    expect(segments.map((segment) => segment.text).join(' ')).toBe(text);
    const times = words.flatMap(({ start, end }) => [start, end]);
    expect(times).toEqual(times.toSorted((one, other) => one - other));
    expect(times.at(-1)).toBeLessThanOrEqual(duration);
    for (const { probability } of words) expect(probability).toBeGreaterThan(0.2);
    for (const { tokens, avg_logprob: logprob } of segments) {
      expect(tokens.length).toBeGreaterThan(0);
      expect(logprob).toBeLessThanOrEqual(0);
      expect(logprob).toBeGreaterThan(-2);
    }
  }
});

interface AlignmentAnswer {
  readonly text: string;
  readonly duration: number;
  readonly words: readonly { readonly word: string; readonly start: number; readonly end: number }[];
  readonly chars: readonly unknown[];
  readonly unaligned: readonly { readonly text: string; readonly from: number; readonly to: number }[];
}

test('a text is aligned with its sound, and what cannot be spelled is listed', async () => {
  const text = 'Yes, 12 five!';
  const form = await formOf(path.join(AUDIO, 'yes-five.flac'), { text, granularity: 'word,char' });
  const response = await fetch(`${server.url}/v1/audio/alignments`, { method: 'POST', body: form });
  expect(response.status).toBe(200);
  const { words, chars, unaligned, duration } = (await response.json()) as AlignmentAnswer;
  expect(words.map(({ word }) => word)).toEqual(['Yes,', '12', 'five!']);
  expect(chars.length).toBeGreaterThanOrEqual(7);
  expect(unaligned.map((place) => text.slice(place.from, place.to))).toEqual(
    unaligned.map((place) => place.text),
  );
  expect(unaligned.map((place) => place.text)).toContain('12');
  const heard = (await (
    await ask('yes-five.flac', { response_format: 'verbose_json', timestamp_granularities: 'word' })
  ).json()) as VerboseAnswer;
  for (const [aligned, spoken] of [
    [words[0], heard.words[0]],
    [words[2], heard.words[1]],
  ])
    expect(Math.abs((aligned?.start ?? 9) - (spoken?.start ?? 0))).toBeLessThan(0.1);
  expect(words.at(-1)?.end).toBeLessThanOrEqual(duration);
});

test.each(['srt', 'vtt'] as const)(
  'a parser of its own reads the %s of clips, with all their words',
  async (type) => {
    for (const clip of clips.slice(0, 4)) {
      const body = await (await ask(clip, { response_format: type })).text();
      const { cues, errors } = await parseText(body, { type, errors: true, strict: true });
      expect(errors, clip).toEqual([]);
      expect(cues.map(({ text }) => text.replaceAll('\n', ' ')).join(' '), clip).toBe(
        await textOf(await ask(clip)),
      );
      let last = 0;
      for (const { startTime, endTime } of cues) {
        expect(startTime).toBeGreaterThanOrEqual(last);
        expect(endTime).toBeGreaterThan(startTime);
        last = endTime;
      }
    }
  },
);

const silence = (sampleCount: number): Blob => new Blob([wavOf(new Float32Array(sampleCount))]);

async function send(
  audio: Blob,
  { url } = server,
): Promise<{ readonly status: number; readonly answer: unknown }> {
  const form = new FormData();
  form.append('file', audio, 'a.wav');
  const response = await fetch(`${url}/v1/audio/transcriptions`, { method: 'POST', body: form });
  return { status: response.status, answer: await response.json() };
}

test('silence is an empty text, less than a frame is too short, and text is no audio', async () => {
  expect(await send(silence(16_000))).toMatchObject({ status: 200, answer: { text: '' } });
  expect(await send(silence(100))).toMatchObject({
    status: 400,
    answer: { error: { code: 'audio_too_short', param: 'file' } },
  });
  const { status, answer } = await send(new Blob(['this is text']));
  expect([status, answer]).toMatchObject([400, { error: { code: 'bad_audio', param: 'file' } }]);
  expect(JSON.stringify(answer)).not.toContain('spool');
});

test('a format that takes ffmpeg is told so where there is none', async () => {
  const own = await builtServer.start([], { env: { PATH: '' } });
  const m4a = new Blob(['\0\0\0 ftypM4A \0\0\0\0M4A mp42isom', new Uint8Array(2000)]);
  expect(await send(m4a, own)).toMatchObject({
    status: 400,
    answer: { error: { code: 'unsupported_format', message: expect.stringContaining('ffmpeg') as string } },
  });
});

/** Sends bytes as a file in chunks, without a length, as fast as the server takes them. */
function upload(url: string, byteLength: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sent = request(
      `${url}/v1/audio/transcriptions`,
      { method: 'POST', headers: { 'content-type': 'multipart/form-data; boundary=XX' } },
      (response) => {
        response.resume();
        resolve(response.statusCode);
      },
    );
    sent.on('error', reject);
    sent.write('--XX\r\ncontent-disposition: form-data; name="file"; filename="a.bin"\r\n\r\n');
    const piece = Buffer.alloc(65_536, 'not audio ');
    let left = byteLength;
    const send = (): void => {
      while (left > 0) {
        left -= piece.byteLength;
        if (!sent.write(piece)) {
          sent.once('drain', send);
          return;
        }
      }
      sent.end('\r\n--XX--\r\n');
    };
    send();
  });
}

/** The most memory that a process has had, in MiB. */
const peakMemory = ({ child }: ServerProcess): number =>
  Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) / 1024;

test.runIf(process.platform === 'linux')(
  'an upload of 200 MB takes less than 80 MB of the front',
  async () => {
    expect(await upload(server.url, 1_000_000)).toBe(400);
    const before = peakMemory(server);
    expect(await upload(server.url, 200_000_000)).toBe(400);
    expect(peakMemory(server) - before).toBeLessThan(80);
  },
);

const spoolFiles = ({ folder }: ServerProcess): readonly string[] =>
  readdirSync(path.join(folder, 'spool'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name);

/** Half an hour of sound: one clip again and again, which Ogg allows. */
function longClip(seconds: number): Blob {
  const clip = readFileSync(path.join(AUDIO, 'nine-nine.ogg'));
  return new Blob(new Array<BlobPart>(Math.ceil(seconds)).fill(new Uint8Array(clip)));
}

test('a client that leaves takes its work with it: within a second nothing waits and the spool is empty', async () => {
  const form = new FormData();
  form.append('file', longClip(900), 'long.ogg');
  form.append('stream', 'true');
  const leaving = new AbortController();
  const response = await fetch(`${server.url}/v1/audio/transcriptions`, {
    method: 'POST',
    body: form,
    signal: leaving.signal,
  });
  expect(response.status).toBe(200);
  leaving.abort();
  const waiting = async (): Promise<string> => {
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    return /^unispeech_queue_audio_seconds (\S+)$/m.exec(metrics)?.[1] ?? '';
  };
  await expect.poll(() => spoolFiles(server), { timeout: 1000 }).toEqual([]);
  await expect.poll(waiting, { timeout: 1000 }).toBe('0');
});

test('a stop under load loses no accepted request and ends with 0', async () => {
  const own = await builtServer.start(['--grace', '60s']);
  const answers = clips.map((clip) => ask(clip, {}, own));
  // The uploads are in.
  await expect.poll(() => spoolFiles(own).length).toBeGreaterThan(0);
  await new Promise((resolve) => setTimeout(resolve, 100));
  own.child.kill('SIGTERM');
  for (const answer of await Promise.allSettled(answers)) {
    // A request that came after the signal was told so.
    if (answer.status === 'rejected') throw answer.reason;
    expect([200, 503]).toContain(answer.value.status);
  }
  expect(await own.exited).toBe(0);
  const statuses = [...own.output().matchAll(/"event":"request".*"status":(\d+)/g)].map(
    ([, status]) => status,
  );
  expect(statuses.filter((status) => status === '200').length).toBeGreaterThan(0);
  expect(new Set(statuses)).not.toContain('500');
});

test('jobs go on after the front was killed', async () => {
  const first = await builtServer.start();
  const created = await fetch(`${first.url}/v1/jobs`, {
    method: 'POST',
    body: await formOf(path.join(AUDIO, 'yes-five.flac')),
  });
  const { id } = (await created.json()) as { readonly id: string };
  first.child.kill('SIGKILL');
  await first.exited;
  const second = await builtServer.start([], { folder: first.folder });
  await expect
    .poll(async () => (await fetch(`${second.url}/v1/jobs/${id}/result`)).status, { timeout: 20_000 })
    .toBe(200);
  expect(await textOf(await fetch(`${second.url}/v1/jobs/${id}/result`))).toBe('YES FIVE');
});

test('a port that is taken, a folder of jobs in use and one that cannot be made are told in a sentence', async () => {
  const { port } = new URL(server.url);
  const start = (...args: readonly string[]) =>
    runNode([builtServer.command, '--model', MODEL_FOLDER, '--port', '0', ...args]);
  const own = path.join(server.folder, 'second');
  const refusals = await Promise.all([
    start('--jobs', own, '--port', port),
    start('--jobs', path.join(server.folder, 'jobs')),
    start('--jobs', path.join(builtServer.command, 'jobs')),
  ]);
  const sentences = [
    `unispeech-server: Port ${port} of 127.0.0.1 is taken: end the program that has it, or give another one.`,
    expect.stringMatching(
      /^unispeech-server: The folder of jobs .* belongs to a server that runs, process \d+/,
    ),
    expect.stringMatching(/^unispeech-server: (ENOTDIR|EEXIST|ENOENT): /),
  ];
  expect(refusals.map(({ stderr }) => stderr.trim())).toEqual(sentences);
  expect(refusals.map(({ exitCode }) => exitCode)).toEqual([1, 1, 1]);
});

test('a second signal ends the process at once, and wrong usage is told with 2', async () => {
  const own = await builtServer.start();
  const leaving = new AbortController();
  const form = new FormData();
  form.append('file', longClip(600), 'long.ogg');
  const answer = fetch(`${own.url}/v1/audio/transcriptions`, {
    method: 'POST',
    body: form,
    signal: leaving.signal,
  }).catch(() => undefined);
  await expect.poll(() => spoolFiles(own).length).toBeGreaterThan(0);
  own.child.kill('SIGTERM');
  await new Promise((resolve) => setTimeout(resolve, 300));
  own.child.kill('SIGTERM');
  expect(await own.exited).toBe(1);
  leaving.abort();
  await answer;
  await expect(builtServer.start(['--made-up'])).rejects.toThrow(/unknown option '--made-up'/i);
});
