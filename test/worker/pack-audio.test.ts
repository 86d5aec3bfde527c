/** Audio on its way to the worker: what is handed over is a copy, and says all that the original did; what is read comes bit by bit. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { joinSamples } from '../../src/audio/channels.ts';
import { resample } from '../../src/audio/resample.ts';
import { UniSpeechError } from '../../src/base/errors.ts';
import { Tensor } from '../../src/base/tensor.ts';
import { openAudio } from '../../src/pipelines/open-audio.ts';
import { packAudio } from '../../src/worker/pack-audio.ts';
import type { SentClip } from '../../src/worker/protocol.ts';
import { ReceivedSources } from '../../src/worker/received-sources.ts';
import { type ServedSource, ServedSources } from '../../src/worker/served-sources.ts';
import { writeWav } from '../audio/write-wav.ts';
import { clipFolder } from '../helpers/clips.ts';

const noSources = (): number => {
  throw new Error('nothing is to be read');
};
const packed = (source: unknown) => {
  const { audio, transfer } = packAudio(source, { sampleRate: 16_000, serve: noSources });
  const valueOf = (clip: SentClip): unknown => ('value' in clip ? clip.value : clip);
  return {
    audio: Array.isArray(audio) ? audio.map(valueOf) : valueOf(audio as SentClip),
    transfer,
  };
};

test("samples are copied, so that the caller's own stay as they are", () => {
  const samples = Float32Array.of(1, 2, 3);
  const { audio, transfer } = packed(samples);
  expect(audio).toEqual(samples);
  expect(audio).not.toBe(samples);
  expect(transfer).toEqual([(audio as Float32Array).buffer]);
  structuredClone(audio, { transfer });
  expect(samples).toEqual(Float32Array.of(1, 2, 3));
});

test('a view hands over its own part alone', () => {
  const { audio, transfer } = packed(Float32Array.of(1, 2, 3, 4).subarray(1, 3));
  expect(audio).toEqual(Float32Array.of(2, 3));
  expect(transfer.map(({ byteLength }) => byteLength)).toEqual([8]);
});

test('objects keep their other fields, channels stay apart, and every list entry is packed', () => {
  const left = Float32Array.of(1, 2);
  const right = Float32Array.of(3, 4);
  const { audio, transfer } = packed([
    { raw: [left, right], sampling_rate: 8000, id: 7 },
    { array: left, sampling_rate: 44_100 },
  ]);
  expect(audio).toEqual([
    { raw: [left, right], sampling_rate: 8000, id: 7 },
    { array: left, sampling_rate: 44_100 },
  ]);
  expect(transfer).toHaveLength(3);
});

test("tensors are samples at the model's rate, rows are channels, and other shapes are refused", () => {
  const data = Float32Array.of(1, 2, 3, 4);
  expect(packed(new Tensor('float32', data, [2, 2])).audio).toEqual({
    raw: [Float32Array.of(1, 2), Float32Array.of(3, 4)],
    sampling_rate: 16_000,
  });
  expect(() => packed(new Tensor('float32', data, [1, 2, 2]))).toThrow(
    'a tensor of dims [1, 2, 2], expected [samples] or [channels, samples]',
  );
});

test('what is no audio is passed on as it is, for the pipeline to refuse', () => {
  expect(packed(7)).toEqual({ audio: 7, transfer: [] });
  expect(packed({ text: 'A' }).audio).toMatchObject({ text: 'A' });
});

/** A page and a worker: all that they say to each other is cloned. `log` has the types of the worker's messages. */
function connected() {
  const log: string[] = [];
  const served: ServedSources = new ServedSources((message, transfer = []) => {
    const request = structuredClone(message, { transfer });
    if (request.type === 'answer') received.receive(request.id, request.answer);
  });
  const received: ReceivedSources = new ReceivedSources((message) => {
    const reply = structuredClone(message);
    log.push(reply.type);
    if (['open', 'read', 'close', 'release'].includes(reply.type))
      served.receive(reply as Parameters<typeof served.receive>[0]);
  });
  const serve = (source: ServedSource): number => served.add(source);
  const clipOf = (source: unknown, signal?: AbortSignal): unknown => {
    const { audio, transfer } = packAudio(source, { sampleRate: 16_000, serve, signal });
    return received.clipOf(structuredClone(audio as SentClip, { transfer }));
  };
  return { log, clipOf };
}

async function heard(source: unknown, signal?: AbortSignal) {
  const { stream } = openAudio(source, { sampleRate: 16_000, signal });
  const blocks: Float32Array[] = [];
  for await (const block of stream) blocks.push(block);
  const { name, declaredSeconds, warnings } = stream;
  return { name, declaredSeconds, warnings, samples: joinSamples(blocks) };
}

const read = (file: string) => new Uint8Array(readFileSync(clipFolder + file));

test.each(['four-four.wav', 'yes-five.flac', 'nine-nine.ogg'])(
  '%s is decoded in the worker, as it is on the page',
  async (file) => {
    const { clipOf, log } = connected();
    const bytes = read(file);
    const there = await heard(clipOf(new File([bytes], file)));
    expect(there).toEqual(await heard(new File([bytes], file)));
    expect(there.name).toBe(file);
    expect(log.filter((type) => type !== 'read')).toEqual(['open', 'release']);
    // Bytes have no name, and may change behind the call.
    const clip = clipOf(bytes);
    bytes.fill(0);
    expect(await heard(clip)).toEqual({ ...there, name: 'the audio' });
  },
);

test('of a part, no more than that is read of the page', async () => {
  const wave = writeWav({
    tag: 1,
    bits: 16,
    sampleRate: 16_000,
    channelCount: 1,
    data: Uint8Array.from({ length: 4_000_000 }, (_, index) => (index * 7) % 251),
  });
  const whole = await heard(wave);
  const { clipOf, log } = connected();
  const part = { startSeconds: 120, endSeconds: 121 };
  const { stream } = openAudio(clipOf(wave), { sampleRate: 16_000, part });
  const blocks: Float32Array[] = [];
  for await (const block of stream) blocks.push(block);
  expect(joinSamples(blocks)).toEqual(whole.samples.subarray(120 * 16_000, 121 * 16_000));
  expect(log.filter((type) => type === 'read').length).toBeLessThan(6);
});

test('damage is told of in the worker', async () => {
  const file = new File([read('yes-five.flac').subarray(0, 20_000)], 'cut.flac');
  const { warnings } = await heard(connected().clipOf(file));
  expect(warnings).toEqual([expect.stringMatching(/^cut\.flac: .*before the/)]);
});

test('a file that cannot be read, and one that is no audio, fail as they do on the page', async () => {
  const { clipOf } = connected();
  await expect(heard(clipOf('ftp://nowhere/a.wav'))).rejects.toMatchObject({ code: 'bad-input' });
  const words = new File(['these are words, and no sound'], 'words.txt');
  await expect(heard(clipOf(words))).rejects.toBeInstanceOf(UniSpeechError);
  await expect(heard(clipOf(words))).rejects.toThrow('words.txt');
});

test('a stream comes block by block, mixed down, and is ended when nobody reads on', async () => {
  const samples = Float32Array.from({ length: 480 }, (_, index) => Math.sin(index));
  let endCount = 0;
  let givenCount = 0;
  async function* items() {
    try {
      for (const start of [0, 100]) {
        givenCount += 1;
        yield await Promise.resolve({
          data: samples.slice(start, start === 0 ? 100 : 480),
          sampling_rate: 48_000,
        });
      }
    } finally {
      endCount += 1;
    }
  }
  const { clipOf, log } = connected();
  expect((await heard(clipOf(items()))).samples).toEqual(resample(samples, 48_000, 16_000));
  expect([endCount, givenCount]).toEqual([1, 2]);
  givenCount = 0;
  for await (const _ of openAudio(clipOf(items()), { sampleRate: 16_000 }).stream) break;
  await new Promise((resolve) => setTimeout(resolve, 2));
  expect([endCount, givenCount]).toEqual([2, 1]);
  expect(log.slice(-2)).toEqual(['close', 'release']);
});

test('an abort ends the wait for a source that hangs', async () => {
  const abort = new AbortController();
  const reason = new Error('enough');
  const hanging = new ReadableStream<Float32Array>({});
  const waiting = heard(connected().clipOf(hanging, abort.signal), abort.signal);
  setTimeout(() => abort.abort(reason), 5);
  await expect(waiting).rejects.toBe(reason);
});
