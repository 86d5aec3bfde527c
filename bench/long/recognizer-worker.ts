/** The child process of the suite: decodes and recognises what the parent asks for, and watches its own memory. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type AutomaticSpeechRecognitionPipeline, pipeline } from '../../src/index.ts';
import type { BusySpan } from '../../src/graph/run.ts';
import { openAudio } from '../../src/pipelines/open-audio.ts';
import { adapterTime } from '../../src/profile/adapter-time.ts';
import { MemoryWatch, type MemoryPeaks } from '../lib/memory.ts';
import { serve, Worker } from '../lib/worker.ts';

/** Memory is that on top of what was there when the work began. */
export interface LongRun extends MemoryPeaks {
  readonly audioSeconds: number;
  readonly milliseconds: number;
}

export interface FilesRun {
  readonly milliseconds: number;
  /** Of these, with work on the adapter. */
  readonly busyMilliseconds: number;
  readonly texts: readonly string[];
}

export interface TextRun {
  readonly milliseconds: number;
  readonly text: string;
}

export interface LongProtocol {
  /** Loads the model of the demo. */
  load: { ask: undefined; answer: undefined };
  /** Reads a file to mono at 16 kHz. */
  decode: { ask: string; answer: LongRun };
  /** Reads a file through `recognize.stream`. */
  stream: { ask: string; answer: LongRun };
  /** Reads a file in pieces of so many seconds, cut as transformers does. */
  text: { ask: { readonly file: string; readonly chunkSeconds: number }; answer: TextRun };
  oneByOne: { ask: readonly string[]; answer: FilesRun };
  each: { ask: readonly string[]; answer: FilesRun };
}

/** First argument of a process that is to be a worker. */
const WORKER_ARGUMENT = 'long-worker';
export const MODEL = path.resolve('examples/models/unispeech-tiny-en');

/** Starts the program that this module is bundled into as a worker. */
export const startRecognizer = (): Worker<LongProtocol> =>
  new Worker<LongProtocol>('recognizer', fileURLToPath(import.meta.url), [WORKER_ARGUMENT]);

/** Serves if the arguments of this process say that it is a worker; returns whether they do. */
export function serveIfRecognizer([first]: readonly string[]): boolean {
  if (first !== WORKER_ARGUMENT) return false;
  let recognizer: AutomaticSpeechRecognitionPipeline | undefined;
  const loaded = (): AutomaticSpeechRecognitionPipeline => {
    if (!recognizer) throw new Error('The model is not loaded.');
    return recognizer;
  };
  serve<LongProtocol>({
    async load() {
      recognizer = await pipeline('automatic-speech-recognition', MODEL, { tune: 'off' });
      return undefined;
    },
    decode: (file) =>
      watched(async (look) => {
        const { stream } = openAudio(file, { sampleRate: 16_000 });
        let sampleCount = 0;
        for await (const block of stream) {
          sampleCount += block.length;
          look();
        }
        return sampleCount / 16_000;
      }),
    stream: (file) =>
      watched(async (look) => {
        let seconds = 0;
        for await (const { progress } of loaded().stream(file)) {
          ({ seconds } = progress);
          look();
        }
        return seconds;
      }),
    async text({ file, chunkSeconds }) {
      const { milliseconds, texts } = await timed(async () => {
        const parts: string[] = [];
        const options = { chunk_length_s: chunkSeconds, cut: 'fixed' } as const;
        for await (const { text } of loaded().stream(file, options)) parts.push(text);
        return parts;
      });
      return { milliseconds, text: texts.join('') };
    },
    oneByOne: (files) =>
      watchedByAdapter(loaded(), async () => {
        const texts: string[] = [];
        for (const file of files) texts.push((await loaded()(file)).text);
        return texts;
      }),
    each: (files) =>
      watchedByAdapter(loaded(), async () => {
        const texts: string[] = [];
        for await (const { output, error } of loaded().each(files)) {
          if (!output) throw error;
          texts.push(output.text);
        }
        return texts;
      }),
  });
  return true;
}

async function watched(work: (look: () => void) => Promise<number>): Promise<LongRun> {
  const memory = new MemoryWatch();
  const start = performance.now();
  const audioSeconds = await work(() => memory.look());
  return { audioSeconds, milliseconds: performance.now() - start, ...memory.peaks() };
}

async function watchedByAdapter(
  { model: { runner } }: AutomaticSpeechRecognitionPipeline,
  work: () => Promise<readonly string[]>,
): Promise<FilesRun> {
  const spans: BusySpan[] = [];
  runner.onReport = ({ busy }) => spans.push(...busy);
  try {
    const run = await timed(work);
    const { milliseconds, idleMilliseconds } = adapterTime(spans);
    return { ...run, busyMilliseconds: milliseconds - idleMilliseconds };
  } finally {
    runner.onReport = undefined;
  }
}

async function timed(work: () => Promise<readonly string[]>): Promise<Omit<FilesRun, 'busyMilliseconds'>> {
  const start = performance.now();
  const texts = await work();
  return { milliseconds: performance.now() - start, texts };
}
