/** The page's half of the rows in Chromium: reads a picked file on command, with or without the model. */
import { type AutomaticSpeechRecognitionPipeline, pipeline } from '../../src/index.ts';
import { openAudio } from '../../src/pipelines/open-audio.ts';

export interface PageRun {
  readonly audioSeconds: number;
  readonly milliseconds: number;
}

export interface LongPage {
  load(url: string): Promise<void>;
  /** Reads the file of the page's input. */
  decode(): Promise<PageRun>;
  stream(): Promise<PageRun>;
}

declare global {
  var long: LongPage;
}

let recognizer: AutomaticSpeechRecognitionPipeline | undefined;

function pickedFile(): File {
  const file = document.querySelector('input')?.files?.[0];
  if (!file) throw new Error('No file is picked.');
  return file;
}

async function timed(work: () => Promise<number>): Promise<PageRun> {
  const start = performance.now();
  const audioSeconds = await work();
  return { audioSeconds, milliseconds: performance.now() - start };
}

globalThis.long = {
  async load(url) {
    recognizer = await pipeline('automatic-speech-recognition', url, { tune: 'off' });
  },
  decode: () =>
    timed(async () => {
      let sampleCount = 0;
      for await (const { length } of openAudio(pickedFile(), { sampleRate: 16_000 }).stream)
        sampleCount += length;
      return sampleCount / 16_000;
    }),
  stream: () =>
    timed(async () => {
      if (!recognizer) throw new Error('The model is not loaded.');
      let seconds = 0;
      for await (const { progress } of recognizer.stream(pickedFile())) ({ seconds } = progress);
      return seconds;
    }),
};
