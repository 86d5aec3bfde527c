/** Speech recognition with the bundled model: texts of the reference, every kind of input, every option and error. */
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ProgressInfo } from '../../src/base/files.ts';
import type { AudioSource } from '../../src/pipelines/audio-source.ts';
import { AutomaticSpeechRecognitionPipeline } from '../../src/pipelines/automatic-speech-recognition.ts';
import { pipeline } from '../../src/pipelines/pipeline.ts';
import { Wav2Vec2Processor } from '../../src/pipelines/processor.ts';
import { Wav2Vec2PhonemeCTCTokenizer } from '../../src/text/phoneme-tokenizer.ts';
import { clipFolder, modelFolder, readClipGoldens, readSamples } from '../helpers/clips.ts';
import { argmax, goldensFolder } from '../helpers/golden.ts';
import { openTestContext, shareTestContext } from '../helpers/gpu.ts';
import { serveFile } from '../helpers/http-server.ts';

const goldens = readClipGoldens('demo.json');
const events: ProgressInfo[] = [];
let release: () => void;
let recognize: AutomaticSpeechRecognitionPipeline;
/** 1.9 s: YES FIVE. */
let yesFive: Float32Array;
/** Its first 0.6 s, for all that needs no more: software adapters are slow. */
let yes: Float32Array;
const yesFiveFile = `${clipFolder}yes-five.flac`;

beforeAll(async () => {
  release = await shareTestContext();
  recognize = await pipeline('asr', modelFolder, { progress_callback: (info) => events.push(info) });
  yesFive = await readSamples(yesFiveFile);
  yes = yesFive.subarray(0, 9600);
});
afterAll(async () => {
  await recognize.dispose();
  release();
});

/** Most likely ids of samples that go through the model in one piece. */
async function idsOf(samples: Float32Array): Promise<number[]> {
  const { input_values } = await recognize.processor(samples);
  return argmax((await recognize.model({ input_values })).logits);
}

/** Runs of equal ids without blanks, in seconds, and words between the delimiters (id 4): written out anew. */
function timesOf(ids: readonly number[]) {
  const chars: { text: string; timestamp: [number, number] }[] = [];
  const vocabulary = new Map([...recognize.tokenizer.get_vocab()].map(([token, id]) => [id, token]));
  ids.forEach((id, frame) => {
    if (id === 0) return;
    const last = chars.at(-1);
    if (last && ids[frame - 1] === id) last.timestamp[1] = ((frame + 1) * 320) / 16_000;
    else
      chars.push({
        text: id === 4 ? ' ' : (vocabulary.get(id) ?? ''),
        timestamp: [(frame * 320) / 16_000, ((frame + 1) * 320) / 16_000],
      });
  });
  const words: typeof chars = [];
  chars.forEach(({ text, timestamp: [start, end] }, index) => {
    if (text === ' ') return;
    const word = words.at(-1);
    if (word && index > 0 && chars[index - 1]?.text !== ' ') {
      word.text += text;
      word.timestamp[1] = end;
    } else words.push({ text, timestamp: [start, end] });
  });
  return { chars, words, text: words.map(({ text }) => text).join(' ') };
}

describe('sample clips', () => {
  test.each(goldens)('$file: the ids and the text of the reference', async ({ file, text, ids }) => {
    const found = await idsOf(await readSamples(clipFolder + file));
    expect(found).toEqual(ids);
    expect(recognize.processor.decode(found)).toBe(text);
  });

  test('a list of files gives a list of texts', async () => {
    const files = goldens.slice(-2).map(({ file }) => clipFolder + file);
    const texts = goldens.slice(-2).map(({ text }) => ({ text }));
    expect(await recognize(files, { batch_size: 2 })).toEqual(texts);
    expect(await recognize([yes, yes])).toEqual([{ text: 'YES' }, { text: 'YES' }]);
    expect(await recognize([])).toEqual([]);
  });

  test('a batch gives each clip the tokens that it has alone', async () => {
    const clips = [yes, yesFive.subarray(9000, 18_000), yesFive.subarray(0, 5000)];
    const options = { return_timestamps: 'char' } as const;
    const alone = [];
    for (const clip of clips) alone.push(await recognize(clip, options));
    expect(alone.map(({ text }) => text)).toContain('FIVE');
    expect(await recognize(clips, { ...options, batch_size: 3 })).toEqual(alone);
  });
});

describe('timestamps', () => {
  test.each(goldens.slice(-1))('of $file', async ({ file, ids }) => {
    const { chars, words } = timesOf(ids);
    const byChar = await recognize(clipFolder + file, { return_timestamps: 'char' });
    const byWord = await recognize(clipFolder + file, { return_timestamps: 'word' });
    expect(byChar.chunks).toEqual(chars);
    expect(byWord.chunks).toEqual(words);
    expect(byWord.text).toBe(words.map(({ text }) => text).join(' '));
  });

  test('of phonemes: one entry each, and no words', async () => {
    const vocabulary = Object.fromEntries([...recognize.tokenizer.get_vocab()].slice(0, 32));
    const phonemes = new Wav2Vec2PhonemeCTCTokenizer(vocabulary, { do_phonemize: false });
    const processor = new Wav2Vec2Processor(recognize.processor.feature_extractor, phonemes);
    const byPhoneme = new AutomaticSpeechRecognitionPipeline({ model: recognize.model, processor });
    const { text, chunks } = await byPhoneme(yes, { return_timestamps: 'char' });
    expect(text).toBe('Y E S');
    expect(chunks?.map((chunk) => chunk.text).join(' ')).toBe(text);
    // The audio is not even looked at.
    await expect(byPhoneme(5 as never, { return_timestamps: 'word' })).rejects.toMatchObject({
      code: 'unsupported',
    });
  });
});

describe('chunks', () => {
  /** The rules of the reference with its numbers: pieces of 0.8 s, 0.12 s left to the neighbours on each side. */
  async function chunkedIds(samples: Float32Array): Promise<number[]> {
    const [chunk, stride] = [12_800, 1920];
    const ids: number[] = [];
    for (let start = 0; ; start += chunk - 2 * stride) {
      const piece = samples.slice(start, start + chunk);
      const isLast = start + chunk >= samples.length;
      const nominal = Math.round(piece.length / 320);
      const left = start === 0 ? 0 : Math.round((stride / piece.length) * nominal);
      const right = isLast ? 0 : Math.round((stride / piece.length) * nominal);
      ids.push(...(await idsOf(piece)).slice(left, nominal - right));
      if (isLast) return ids;
    }
  }

  test('are cut, normalised and joined as the reference does', async () => {
    const { chars, text } = timesOf(await chunkedIds(yesFive));
    const options = {
      chunk_length_s: 0.8,
      stride_length_s: 0.12,
      cut: 'fixed',
      return_timestamps: 'char',
    } as const;
    const output = await recognize(yesFive, options);
    expect(output).toEqual({ text, chunks: chars });
    expect(text).not.toBe('');
    expect(await recognize(yesFive, { ...options, batch_size: 4 })).toEqual(output);
  });

  test('longer than the clip change nothing', async () => {
    expect(await recognize(yes, { chunk_length_s: 20 })).toEqual({ text: 'YES' });
    expect(await recognize(yes, { chunk_length_s: 0 })).toEqual({ text: 'YES' });
  });

  test('a last piece too short for a frame counts as none', async () => {
    const cut = yesFive.subarray(0, 16_000 + 100);
    const options = { chunk_length_s: 1, stride_length_s: 0, return_timestamps: 'char' } as const;
    expect(await recognize(cut, options)).toEqual(await recognize(yesFive.subarray(0, 16_000), options));
  });

  test.each([
    ['without strides', 0],
    ['with a left stride alone', [0.4, 0]],
    ['with strides on both sides', 0.4],
  ] as const)('%s keep the times of a long clip', async (_, stride_length_s) => {
    // Two seconds, so that every repetition lies in its chunk as the others do.
    const period = new Float32Array(32_000);
    period.set(yesFive.subarray(0, period.length));
    const repetitions = 4;
    const clip = new Float32Array(period.length * repetitions);
    for (let index = 0; index < repetitions; index += 1) clip.set(period, index * period.length);
    const edges = typeof stride_length_s === 'number' ? stride_length_s * 2 : stride_length_s[0];
    const { chunks = [] } = await recognize(clip, {
      chunk_length_s: 2 + edges,
      stride_length_s,
      return_timestamps: 'char',
    });
    const starts = (text: string) =>
      chunks.filter((chunk) => chunk.text === text).map(({ timestamp: [start] }) => start);
    // One frame of tolerance: what lies around a word moves its edges.
    for (const letter of ['Y', 'S', 'F', 'V']) {
      const found = starts(letter);
      expect(found).toHaveLength(repetitions);
      found.forEach((start, index) =>
        expect(Math.abs(start - (found[0] ?? 0) - index * 2)).toBeLessThan(0.03),
      );
    }
  });

  test('a stride of the clip itself drops its frames', async () => {
    const raw = yes;
    const sampling_rate = 16_000;
    expect(await recognize({ raw, sampling_rate, stride: [raw.length, 0] })).toEqual({ text: '' });
    expect(await recognize({ raw, sampling_rate, stride: [0, raw.length] })).toEqual({ text: '' });
    expect(await recognize({ raw: yesFive, sampling_rate, stride: [9600, 0] })).toEqual({ text: 'FIVE' });
    await expect(recognize({ raw, sampling_rate, stride: [1, 1] }, { chunk_length_s: 1 })).rejects.toThrow(
      'cannot be combined with chunk_length_s',
    );
  });
});

describe('inputs', () => {
  const bytes = readFileSync(yesFiveFile);

  test.each<[string, () => AudioSource]>([
    ['file URL', () => pathToFileURL(yesFiveFile)],
    ['Buffer', () => bytes],
  ])('%s', async (_, source) => {
    expect(await recognize(source())).toEqual({ text: 'YES FIVE' });
  });

  test.each<[string, () => AudioSource]>([
    ['Float64Array', () => Float64Array.from(yes)],
    ['array of a data set', () => ({ array: Array.from(yes), sampling_rate: 16_000, path: 'x.flac' })],
    ['two channels', () => ({ raw: [yes, yes], sampling_rate: 16_000 })],
  ])('%s', async (_, source) => {
    expect(await recognize(source())).toEqual({ text: 'YES' });
  });

  test('an http URL', async () => {
    const server = await serveFile(bytes);
    try {
      expect(await recognize(`${server.url}/model.bin`)).toEqual({ text: 'YES FIVE' });
      await expect(recognize(`${server.url}/none.wav`)).rejects.toThrow('the server answered 404');
    } finally {
      await server.close();
    }
  });

  test('keys of an object come back as lists, never in place of the result', async () => {
    const source = { raw: yes, sampling_rate: 16_000, id: 7, text: 'truth' };
    const before = { ...source };
    const output = await recognize(source);
    expect(output).toEqual({ text: 'YES', id: [7] });
    expect(Object.keys(output)).toEqual(['text', 'id']);
    expect(source).toEqual(before);
    const chunked = await recognize([source], { chunk_length_s: 0.5, stride_length_s: 0.1 });
    expect(chunked[0]?.id).toEqual([7, 7]);
  });

  test('timing is given when asked for', async () => {
    const { timing } = await recognize(yes, { return_timing: true });
    expect(timing).toMatchObject({ audio_seconds: 0.6, chunk_length_s: 15 });
    expect(timing?.run_milliseconds).toBeGreaterThan(0);
  });
});

describe('errors', () => {
  test.each([
    [{ return_timestamps: true }, "Set it to 'char' or 'word'"],
    [{ return_timestamps: 'sentence' }, 'return_timestamps is "sentence"'],
    [{ chunk_length_s: -1 }, 'chunk_length_s is -1'],
    [{ chunk_length_s: '5' }, 'chunk_length_s is "5"'],
    [{ chunk_length_s: 1, stride_length_s: 0.5 }, 'must be longer than their strides'],
    [{ chunk_length_s: 1, stride_length_s: [0.1] }, 'stride_length_s is an array of 1'],
    [{ stride_length_s: 1 }, 'only with chunk_length_s'],
    [{ cut: 'loud' }, 'cut is "loud"'],
    [{ chunk_length_s: 0.02, stride_length_s: 0 }, 'chunk_length_s gives pieces of 320 samples'],
    [{ batch_size: 0 }, 'batch_size is 0'],
    [{ return_timing: 1 }, 'return_timing is 1'],
    [{ chunk_length: 5 }, 'no option "chunk_length"'],
    [{ return_language: true }, 'no option "return_language"'],
  ])('options %j', async (options, message) => {
    const failure = recognize(yesFive, options as never);
    await expect(failure).rejects.toThrow(message);
    await expect(failure).rejects.toMatchObject({ code: 'bad-option' });
  });

  test('audio that is too short, empty, or missing is named', async () => {
    await expect(recognize(yesFive.subarray(0, 399))).rejects.toThrow(
      'the audio is too short: 399 samples at 16000 Hz, this model needs at least 400.',
    );
    await expect(recognize([yes, yes.subarray(0, 10)])).rejects.toThrow('clip 2 of 2 is too short');
    await expect(recognize([new Float32Array(0)], { chunk_length_s: 1 })).rejects.toThrow(
      'For clip 1 of 1 a pipeline got a clip without samples',
    );
    await expect(recognize('nowhere.wav')).rejects.toThrow('nowhere.wav');
    expect(await recognize(yesFive.subarray(0, 400))).toEqual({ text: '' });
  });

  test('the signal stops a call with its reason', async () => {
    const reason = new Error('enough');
    await expect(recognize(yesFive, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const controller = new AbortController();
    const call = recognize([yes, yes], { signal: controller.signal });
    controller.abort(reason);
    await expect(call).rejects.toBe(reason);
    expect(await recognize(yes)).toEqual({ text: 'YES' });
  });

  test('pipeline() says what it cannot load', async () => {
    await expect(pipeline('translation' as never, modelFolder)).rejects.toThrow(
      'Unsupported pipeline: "translation". Must be one of [automatic-speech-recognition, asr, ',
    );
    await expect(pipeline('asr', undefined as never)).rejects.toThrow('there is no default model');
    await expect(pipeline('asr', modelFolder, { subfolder: 'onnx' } as never)).rejects.toThrow('"subfolder"');
    await expect(pipeline('asr', modelFolder, { revision: 'main' })).rejects.toThrow('not a Hugging Face id');
    await expect(pipeline('asr', modelFolder, { device: 'cpu' as never })).rejects.toThrow('"cpu"');
    await expect(pipeline('asr', 'no-such-folder')).rejects.toThrow('There is no folder no-such-folder');
    const withoutTokenizer = new Wav2Vec2Processor(recognize.processor.feature_extractor);
    expect(
      () => new AutomaticSpeechRecognitionPipeline({ model: recognize.model, processor: withoutTokenizer }),
    ).toThrow('Speech recognition needs a tokenizer');
    const reason = new Error('enough');
    await expect(pipeline('asr', modelFolder, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  test('a model without processor is no pipeline, and leaves nothing allocated', async () => {
    const context = await openTestContext();
    const { device } = context;
    const live = new Set<GPUBuffer>();
    const createBuffer = device.createBuffer.bind(device);
    device.createBuffer = (descriptor) => {
      const buffer = createBuffer(descriptor);
      const destroy = buffer.destroy.bind(buffer);
      buffer.destroy = () => {
        live.delete(buffer);
        destroy();
      };
      live.add(buffer);
      return buffer;
    };
    try {
      const folder = `${goldensFolder}tiny/layer-stable`;
      await expect(pipeline('asr', folder, { device })).rejects.toThrow(
        'has neither processor_config.json nor preprocessor_config.json',
      );
      expect(live.size).toBe(0);
      // The count is of use only if it counts.
      const loaded = await pipeline('asr', modelFolder, { device });
      expect(live.size).toBeGreaterThan(0);
      await loaded.dispose();
      expect(live.size).toBe(0);
    } finally {
      context.release();
    }
  });

  test('a disposed pipeline says so', async () => {
    const disposed = await pipeline('automatic-speech-recognition', modelFolder);
    expect(disposed.task).toBe('automatic-speech-recognition');
    await disposed.dispose();
    await disposed.dispose();
    await expect(disposed(yesFive)).rejects.toMatchObject({ code: 'disposed' });
  });
});

test('loading reports every file once, and ready at the end', () => {
  const started = events.flatMap((info) => (info.status === 'initiate' ? [info.file] : []));
  const done = events.flatMap((info) => (info.status === 'done' ? [info.file] : []));
  expect(new Set(started).size).toBe(started.length);
  expect([...done].sort()).toEqual([...started].sort());
  expect(started).toEqual(expect.arrayContaining(['config.json', 'model.safetensors', 'vocab.json']));
  expect(events.at(-1)).toEqual({
    status: 'ready',
    task: 'automatic-speech-recognition',
    model: modelFolder,
  });
});
