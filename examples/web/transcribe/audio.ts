/** Audio from files, URLs and recordings, as the mono samples that the model hears; played back from the same samples. */
import { parseWav, resample, toMono, UniSpeechError } from 'unispeech-webgpu';

/** What the models take, in Hz. */
export const SAMPLE_RATE = 16_000;

export interface Audio {
  /** Shown, and the stem of downloaded files. */
  readonly name: string;
  /** Mono, at `SAMPLE_RATE`. */
  readonly samples: Float32Array<ArrayBuffer>;
  readonly seconds: number;
  readonly decodeMilliseconds: number;
}

/** @throws UniSpeechError `bad-audio` when this browser cannot decode it. */
export async function decodeBlob(blob: Blob, name: string): Promise<Audio> {
  const start = performance.now();
  const clip = await decode(new Uint8Array(await blob.arrayBuffer()), name);
  const mono = resample(toMono(clip), clip.sampleRate, SAMPLE_RATE);
  return {
    name,
    samples: new Float32Array(mono),
    seconds: mono.length / SAMPLE_RATE,
    decodeMilliseconds: performance.now() - start,
  };
}

/** @throws UniSpeechError `network` or `bad-audio`. */
export async function decodeUrl(url: string, name: string, signal: AbortSignal): Promise<Audio> {
  const response = await fetch(url, { signal });
  if (!response.ok)
    throw new UniSpeechError('network', `${url} answered ${response.status} ${response.statusText}.`);
  return decodeBlob(await response.blob(), name);
}

/** WAV is read exactly, by the engine's own reader; the rest is the browser's. */
async function decode(bytes: Uint8Array<ArrayBuffer>, name: string) {
  const isWav = bytes.byteLength > 12 && new TextDecoder('latin1').decode(bytes.subarray(0, 4)) === 'RIFF';
  if (isWav) return parseWav(bytes, name);
  const context = new OfflineAudioContext(1, 1, SAMPLE_RATE);
  const decoded = await context.decodeAudioData(bytes.buffer).catch((cause: unknown) => {
    throw new UniSpeechError(
      'bad-audio',
      `This browser found no audio that it can decode in ${name}.`,
      'Try WAV, FLAC, MP3, Ogg, WebM or MP4 audio.',
      { cause },
    );
  });
  return {
    channels: Array.from({ length: decoded.numberOfChannels }, (_, index) => decoded.getChannelData(index)),
    sampleRate: decoded.sampleRate,
  };
}

/** Plays spans of one piece of audio, one at a time. */
export class Player {
  #context: AudioContext | undefined;
  #source: AudioBufferSourceNode | undefined;
  #buffer: AudioBuffer | undefined;
  #from = 0;
  #startedAt = 0;
  readonly #onEnd: () => void;

  constructor(onEnd: () => void) {
    this.#onEnd = onEnd;
  }

  load({ samples }: Audio): void {
    this.stop();
    this.#buffer = new AudioBuffer({ length: samples.length, sampleRate: SAMPLE_RATE });
    this.#buffer.copyToChannel(samples, 0);
  }

  /** Plays `[from, to)` in seconds instead of what plays. Call it from a click or key press. */
  play(from: number, to: number): void {
    if (!this.#buffer) return;
    this.stop();
    // Browsers let a page make sound only from a user's action on.
    this.#context ??= new AudioContext();
    void this.#context.resume();
    const source = new AudioBufferSourceNode(this.#context, { buffer: this.#buffer });
    source.connect(this.#context.destination);
    source.addEventListener('ended', () => {
      if (this.#source !== source) return;
      this.#source = undefined;
      this.#onEnd();
    });
    source.start(0, from, Math.max(0.02, to - from));
    this.#source = source;
    this.#from = from;
    this.#startedAt = this.#context.currentTime;
  }

  stop(): void {
    const source = this.#source;
    if (!source) return;
    this.#source = undefined;
    source.stop();
    this.#onEnd();
  }

  /** Seconds into the audio, or undefined when nothing plays. */
  get position(): number | undefined {
    if (!this.#source || !this.#context) return undefined;
    return this.#from + Math.max(0, this.#context.currentTime - this.#startedAt);
  }
}
