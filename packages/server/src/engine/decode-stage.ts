/** Decodes uploads into prepared clips on the disk, a few at a time, in threads of the engine and in ffmpeg: never on the front's own loop. */
import { type FileHandle, open, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { decodeAudio, UniSpeechError } from 'unispeech-webgpu';
import { EngineError } from './engine-error.ts';
import type { PreparedSound } from './messages.ts';

export interface DecodeRequest {
  readonly file: string;
  /** Stands for it in messages. */
  readonly name: string;
  /** Of the prepared clip. */
  readonly key: string;
  readonly sampleRate: number;
  readonly maxSeconds: number | undefined;
  readonly isLow: boolean;
  readonly signal: AbortSignal;
  /** Called once it begins and as it goes on. @param declaredSeconds of the whole, if a header tells it. */
  readonly onProgress: (seconds: number, declaredSeconds: number | undefined) => void;
}

export interface DecodedSound {
  readonly sound: PreparedSound;
  readonly warnings: readonly string[];
}

export interface DecodeLimits {
  readonly folder: string;
  readonly maxBytes: number;
  readonly atOnce: number;
}

/** Files of more bytes leave at least one place to others. */
const LONG_FILE_BYTES = 2 ** 22;
/** Bytes that are written at once. */
const WRITE_SAMPLES = 2 ** 18;

interface WaitingDecode {
  readonly isLow: boolean;
  readonly isLong: boolean;
  readonly begin: () => void;
}

export class DecodeStage {
  readonly #limits: DecodeLimits;
  readonly #waiting: WaitingDecode[] = [];
  #runningCount = 0;
  #longCount = 0;
  /** By file. */
  readonly #bytes = new Map<string, number>();

  constructor(limits: DecodeLimits) {
    this.#limits = limits;
  }

  /** Of prepared clips on the disk. */
  get spoolBytes(): number {
    let sum = 0;
    for (const bytes of this.#bytes.values()) sum += bytes;
    return sum;
  }

  get count(): number {
    return this.#runningCount + this.#waiting.length;
  }

  /** @throws UniSpeechError as decoding does; EngineError `unsupported_format`, `audio_too_long`; the signal's reason. Nothing is left on the disk then. */
  async decode(request: DecodeRequest): Promise<DecodedSound> {
    const { size } = await stat(request.file);
    const isLong = size > LONG_FILE_BYTES;
    const end = await this.#begin(request.isLow, isLong, request.signal);
    try {
      return await this.#write(request);
    } finally {
      end();
    }
  }

  /** Removes a prepared clip. */
  async remove(file: string): Promise<void> {
    this.#bytes.delete(file);
    await rm(file, { force: true }).catch(() => undefined);
    this.#next();
  }

  async #write(request: DecodeRequest): Promise<DecodedSound> {
    const { key, sampleRate, maxSeconds, name, signal } = request;
    const file = path.join(this.#limits.folder, `${key}.f32`);
    const sound = decodeAudio(request.file, { sampling_rate: sampleRate, name, signal });
    let handle: FileHandle | undefined;
    let sampleCount = 0;
    try {
      handle = await open(file, 'wx', 0o600);
      for await (const samples of joinedBlocks(sound)) {
        signal.throwIfAborted();
        sampleCount += samples.length;
        checkSeconds(name, Math.max(sampleCount / sampleRate, sound.declared_s ?? 0), maxSeconds);
        this.#reserve(file, sampleCount * 4, name);
        await handle.writev([new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength)]);
        request.onProgress(sampleCount / sampleRate, sound.declared_s);
      }
      return { sound: { file, sampleCount, sampleRate }, warnings: sound.warnings };
    } catch (error) {
      await handle?.close();
      handle = undefined;
      await this.remove(file);
      signal.throwIfAborted();
      throw isUnsupported(error)
        ? new EngineError('unsupported_format', error.message, undefined, { cause: error })
        : error;
    } finally {
      await handle?.close();
    }
  }

  #reserve(file: string, bytes: number, name: string): void {
    const { maxBytes } = this.#limits;
    if (bytes > maxBytes) {
      throw new EngineError(
        'audio_too_long',
        `${name} takes more than ${maxBytes} bytes on the disk when it is decoded. Cut it, or give the spool more room.`,
      );
    }
    this.#bytes.set(file, bytes);
  }

  /** Waits for a place. Of those that wait, high priority comes first, then who came first; all places but one may have long files. */
  async #begin(isLow: boolean, isLong: boolean, signal: AbortSignal): Promise<() => void> {
    if (!this.#hasPlace(isLong) || this.#waiting.length > 0) {
      await new Promise<void>((resolve, reject) => {
        const waiting: WaitingDecode = {
          isLow,
          isLong,
          begin() {
            signal.removeEventListener('abort', leave);
            resolve();
          },
        };
        const leave = (): void => {
          this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
          reject(signal.reason as Error);
        };
        if (signal.aborted) {
          reject(signal.reason as Error);
          return;
        }
        signal.addEventListener('abort', leave, { once: true });
        this.#waiting.push(waiting);
        this.#next();
      });
    } else this.#count(isLong, 1);
    return () => {
      this.#count(isLong, -1);
      this.#next();
    };
  }

  #next(): void {
    for (const isLow of [false, true]) {
      for (const waiting of [...this.#waiting]) {
        if (waiting.isLow !== isLow || !this.#hasPlace(waiting.isLong)) continue;
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
        this.#count(waiting.isLong, 1);
        waiting.begin();
      }
    }
  }

  #hasPlace(isLong: boolean): boolean {
    const { atOnce, maxBytes } = this.#limits;
    if (this.spoolBytes >= maxBytes) return false;
    return this.#runningCount < atOnce && (!isLong || this.#longCount < Math.max(1, atOnce - 1));
  }

  #count(isLong: boolean, change: 1 | -1): void {
    this.#runningCount += change;
    if (isLong) this.#longCount += change;
  }
}

/** Of a decoder it means the format. */
const isUnsupported = (error: unknown): error is UniSpeechError =>
  error instanceof UniSpeechError && error.code === 'unsupported';

/** @param seconds that it lasts at least. */
function checkSeconds(name: string, seconds: number, limit: number | undefined): void {
  if (limit === undefined || seconds <= limit) return;
  throw new EngineError(
    'audio_too_long',
    `${name} lasts ${seconds.toFixed(1)} s or more, and at most ${limit} s are taken. Cut it, or raise --max-audio-seconds.`,
  );
}

/** Small blocks together, so that the disk is asked less often. */
async function* joinedBlocks(blocks: AsyncIterable<Float32Array>): AsyncGenerator<Float32Array> {
  let waiting: Float32Array[] = [];
  let count = 0;
  const joined = (): Float32Array => {
    const all = new Float32Array(count);
    let at = 0;
    for (const block of waiting.splice(0)) {
      all.set(block, at);
      at += block.length;
    }
    count = 0;
    return all;
  };
  for await (const block of blocks) {
    waiting.push(block);
    count += block.length;
    if (count >= WRITE_SAMPLES) yield joined();
  }
  if (count > 0) yield joined();
  waiting = [];
}
