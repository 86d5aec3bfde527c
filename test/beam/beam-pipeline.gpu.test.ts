/** Beam search end to end: the bundled model, a language model of digits, files of a processor with a language model, the whole and its parts. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { SeededRandom } from '../../src/base/seeded-random.ts';
import type { BeamSearchDecoder } from '../../src/beam/beam-decoder.ts';
import { createBeamDecoder } from '../../src/beam/create-decoder.ts';
import { LanguageModel } from '../../src/beam/language-model.ts';
import type { DecoderKind } from '../../src/decode/decoder.ts';
import type { AutomaticSpeechRecognitionPipeline } from '../../src/pipelines/automatic-speech-recognition.ts';
import { pipeline } from '../../src/pipelines/pipeline.ts';
import { listOf } from '../helpers/async-lists.ts';
import { clipFolder, modelFolder, readSamples } from '../helpers/clips.ts';
import { shareTestContext } from '../helpers/gpu.ts';
import { digitsArpa } from './digits-arpa.ts';
import { numbered, probingFile } from './probing-file.ts';
import { vectors } from './vectors.ts';

const arpa = Buffer.from(digitsArpa());
const settings = { type: 'beam', language_model: arpa } as const;
const yesFiveFile = `${clipFolder}yes-five.flac`;
let folder: string;
let release: () => void;
let greedy: AutomaticSpeechRecognitionPipeline;
let recognize: AutomaticSpeechRecognitionPipeline;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'unispeech-beam-'));
  release = await shareTestContext();
  greedy = await pipeline('asr', modelFolder);
  recognize = await pipeline('asr', modelFolder, { decoder: settings });
});
afterAll(async () => {
  await greedy.dispose();
  await recognize.dispose();
  release();
  rmSync(folder, { recursive: true, force: true });
});

describe('a language model', () => {
  test('reads right in noise what the likeliest letters get wrong', async () => {
    const clips = [
      'zero-seven-zero-five-six-one-four.wav',
      'nine-four-five-one-five-five-six.wav',
      'four-four.wav',
    ];
    const seen: string[] = [];
    const isFound = async (): Promise<boolean> => {
      for (const clip of clips) {
        const samples = await readSamples(clipFolder + clip);
        const said = clip.replace('.wav', '').replaceAll('-', ' ').toUpperCase();
        for (let level = 1; level <= 6; level += 1) {
          const random = new SeededRandom(level);
          const noisy = samples.map((sample) => sample + 0.005 * level * random.normal());
          const [plain, better] = [await greedy(noisy), await recognize(noisy)];
          seen.push(`${plain.text} | ${better.text}`);
          if (plain.text !== said && better.text === said) return true;
        }
      }
      return false;
    };
    expect(await isFound(), seen.join(', ')).toBe(true);
  });

  test('changes nothing where the sound is clear, and gives words with times and alternatives', async () => {
    const { text, chunks } = await greedy(yesFiveFile, { return_timestamps: 'word' });
    const output = await recognize(yesFiveFile, { return_timestamps: 'word', decoder_kwargs: { n_best: 2 } });
    expect(output.text).toBe(text);
    expect(output.chunks?.map((chunk) => chunk.text)).toEqual(['YES', 'FIVE']);
    for (const [index, { timestamp }] of (output.chunks ?? []).entries()) {
      expect(Math.abs(timestamp[0] - (chunks?.[index]?.timestamp[0] ?? NaN))).toBeLessThan(0.05);
      expect(Math.abs(timestamp[1] - (chunks?.[index]?.timestamp[1] ?? NaN))).toBeLessThan(0.05);
    }
    expect(output.n_best?.[0]).toMatchObject({ text, words: output.chunks });
    expect(output.n_best?.length).toBeLessThanOrEqual(2);
  });

  test('gives in parts, of pieces, lists and queues what it gives at once', async () => {
    const options = { chunk_length_s: 1, return_timestamps: 'word' } as const;
    const whole = await recognize(yesFiveFile, options);
    const parts = [];
    for await (const part of recognize.stream(yesFiveFile, options)) parts.push(part);
    expect(parts.map(({ text }) => text).join('')).toBe(whole.text);
    expect(parts.flatMap(({ chunks }) => chunks ?? [])).toEqual(whole.chunks);
    const [queued] = [await recognize.queue().add(yesFiveFile, options).result];
    expect(queued.text).toBe(whole.text);
    for await (const { output } of recognize.each([yesFiveFile], options))
      expect(output?.text).toBe(whole.text);
  });
});

describe('a model that comes with a language model', () => {
  const withLm = (): string => {
    const place = path.join(folder, `model-${Math.random()}`);
    cpSync(modelFolder, place, { recursive: true });
    mkdirSync(path.join(place, 'language_model'));
    const labels = vectors.beam.labels.map(
      (token) => ({ '<pad>': '', '|': ' ', '<unk>': '⁇' })[token] ?? token,
    );
    const attributes = { alpha: 0.5, beta: 1.5, unk_score_offset: -10, score_boundary: true };
    const files = {
      'processor_config.json': JSON.stringify({ processor_class: 'Wav2Vec2ProcessorWithLM' }),
      'alphabet.json': JSON.stringify({ labels, is_bpe: false }),
      'language_model/attrs.json': JSON.stringify(attributes),
      'language_model/unigrams.txt': 'NO\nONE\n',
      'language_model/lm.arpa': digitsArpa(),
    };
    for (const [name, content] of Object.entries(files)) writeFileSync(path.join(place, name), content);
    return place;
  };

  test('is decoded with it, unless greedy is asked for', async () => {
    const place = withLm();
    // Words that are not in its list cost much: only ONE is.
    await using own = await pipeline('asr', place);
    expect(own.decoder.reads).toBe('logits');
    await using other = await pipeline('asr', place, { decoder: 'greedy' });
    expect((await other(yesFiveFile)).text).toBe('YES FIVE');
    const { text } = await own(yesFiveFile, { decoder_kwargs: { unk_score_offset: 0, n_best: 1 } });
    expect(text).toBe('YES FIVE');
    await expect(own(yesFiveFile, { return_timestamps: 'char' })).rejects.toThrow(
      'can only predict word timestamps',
    );
  });
});

test('the GPU has the next window while one is decoded, also where that takes longer than the window', async () => {
  const beams = await createBeamDecoder({ language_model: arpa });
  let submitCount = 0;
  /** How many runs the device was given before each window was decoded. */
  const submitted: number[] = [];
  const decoder: DecoderKind = {
    reads: 'logits',
    create(options) {
      const own = beams.create(options);
      // The frames of a window may come in two parts.
      let isNext = true;
      return {
        push(frames) {
          if (isNext) submitted.push(submitCount);
          isNext = false;
          own.push(frames);
          const end = performance.now() + 50;
          while (performance.now() < end);
        },
        take() {
          isNext = true;
          return own.take();
        },
        finish: () => own.finish(),
      };
    },
  };
  await using slow = await pipeline('asr', modelFolder, { decoder });
  const options = { chunk_length_s: 0.7 } as const;
  const samples = await readSamples(`${clipFolder}zero-seven-zero-five-six-one-four.wav`);
  // Compiles, and plans.
  await slow(samples, options);
  submitted.length = 0;
  const { device, pace } = slow.model.runner.context;
  const { queue } = device;
  // One submit a window, however slow the device is.
  Object.defineProperty(pace, 'budget', { value: 1e12, configurable: true });
  const submit = queue.submit.bind(queue);
  queue.submit = (commands) => {
    submitCount += 1;
    submit(commands);
  };
  try {
    await slow(samples, options);
  } finally {
    queue.submit = submit;
    Reflect.deleteProperty(pace, 'budget');
  }
  const count = submitted.length;
  expect(count).toBeGreaterThan(3);
  expect(submitCount).toBe(count);
  expect(submitted).toEqual(submitted.map((_, window) => Math.min(window + 2, count)));
});

test('decoders are objects, too, and settings of wrong kinds have one sentence', async () => {
  const decoder = await createBeamDecoder({ hotwords: ['FIVE'] });
  await using own = await pipeline('asr', modelFolder, { decoder });
  expect((await own(yesFiveFile)).text).toBe('YES FIVE');
  await expect(greedy(yesFiveFile, { decoder_kwargs: { beam_width: 3 } })).rejects.toThrow(
    'is of use only with beam search',
  );
  await expect(recognize(yesFiveFile, { decoder_kwargs: { beam_width: 0 } })).rejects.toThrow(
    'beam_width is 0',
  );
  const refusals = [
    [{ decoder: 'beam' }, 'decoder is "beam", but it must be \'greedy\''],
    [{ decoder: { type: 'beam', more: 1 } }, 'decoder has no option "more"'],
    [{ decoder: { type: 'beam', language_model: 'no/such.arpa' } }, 'There is no folder'],
  ] as const;
  for (const [options, message] of refusals)
    await expect(pipeline('asr', modelFolder, options as never)).rejects.toThrow(message);
  await expect(pipeline('feature-extraction', modelFolder, { decoder: { type: 'beam' } })).rejects.toThrow(
    'decoder is of use only in speech recognition',
  );
});

/** A model of 8 MB, for memory of less: its file is read while it is used. */
function pagedSettings() {
  const language_model = path.join(folder, 'large.binary');
  if (!existsSync(language_model)) writeFileSync(language_model, probingFile(numbered(5000), 200_000));
  return { type: 'beam', language_model, unigrams: null, memory_mb: 1 } as const;
}

/** Looks many n-grams up, so that some are not in memory. */
function lookUp({ decoder }: { readonly decoder: unknown }): string {
  const { ngrams } = (decoder as BeamSearchDecoder).language_model ?? {};
  const random = new SeededRandom(3);
  const word = (): number => random.integer(0, 5000);
  try {
    for (let count = 0; count < 2000; count += 1) ngrams?.score(word(), [word(), word()]);
    return ngrams ? 'open' : 'none';
  } catch (error) {
    return String(error);
  }
}
const CLOSED = /large\.binary is read no more: it was closed/;

test('dispose() closes the file of a language model that the pipeline opened, and no other', async () => {
  const own = await pipeline('asr', modelFolder, { decoder: pagedSettings() });
  await own(yesFiveFile);
  expect(lookUp(own)).toBe('open');
  await own.dispose();
  expect(lookUp(own)).toMatch(CLOSED);
  await own.dispose();
  const { type: _, ...settings } = pagedSettings();
  const { language_model: file, ...options } = settings;
  await using language_model = await LanguageModel.load(file, options);
  const decoder = await createBeamDecoder(settings);
  for (const given of [decoder, { ...pagedSettings(), language_model }]) {
    const other = await pipeline('asr', modelFolder, { decoder: given });
    await other.dispose();
    expect(lookUp(other)).toBe('open');
  }
  await decoder.close();
  expect(lookUp({ decoder })).toMatch(CLOSED);
  const borrowing = await createBeamDecoder({ language_model, unigrams: null });
  await borrowing.close();
  expect(lookUp({ decoder: borrowing })).toBe('open');
});

test('a loop that is under way at dispose() keeps the file of the language model until it has ended', async () => {
  const own = await pipeline('asr', modelFolder, { decoder: pagedSettings() });
  const loop = own.stream(yesFiveFile, { chunk_length_s: 0.6 });
  await loop.next();
  await own.dispose();
  expect(lookUp(own)).toBe('open');
  await expect(listOf(loop)).rejects.toThrow('This model was disposed');
  await new Promise(setImmediate);
  expect(lookUp(own)).toMatch(CLOSED);
});

test('a pipeline that cannot be loaded leaves no language model open', async () => {
  const read = vi.spyOn(LanguageModel, 'read');
  try {
    const progress_callback = ({ status }: { readonly status: string }): void => {
      if (status === 'ready') throw new Error('not wanted any more');
    };
    const loading = pipeline('asr', modelFolder, { decoder: pagedSettings(), progress_callback });
    await expect(loading).rejects.toThrow('not wanted any more');
    const [opened] = await Promise.all(read.mock.results.map(({ value }) => value as Promise<LanguageModel>));
    expect(lookUp({ decoder: { language_model: opened } })).toMatch(CLOSED);
  } finally {
    read.mockRestore();
  }
});
