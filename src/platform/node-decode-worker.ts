/** The script of a thread that decodes files ahead of the GPU. Dawn is never in it: it ends the process in threads. */
import { parentPort } from 'node:worker_threads';
import { monoBlocks } from '../audio/mono-blocks.ts';
import { messageOf } from '../base/checks.ts';
import { packError } from '../base/packed-error.ts';
import {
  type DecodeRequest,
  type FromDecoder,
  MAX_SECONDS_AHEAD,
  type ToDecoder,
} from './decode-messages.ts';
import { streamAudio } from './node-audio.ts';
import { openAudioFile } from './node-audio-file.ts';

/** A file that is being decoded. */
class FileDecoding {
  readonly #stopping = new AbortController();
  /** Samples that were sent and not taken yet. */
  #waitingCount = 0;
  #wake: (() => void) | undefined;

  taken(sampleCount: number): void {
    this.#waitingCount -= sampleCount;
    this.#wake?.();
  }

  stop(): void {
    this.#stopping.abort();
    this.#wake?.();
  }

  async run(id: number, { location, name, sampleRate, maxSeconds }: DecodeRequest): Promise<void> {
    const { signal } = this.#stopping;
    const sound = streamAudio(openAudioFile(location, signal), name, { mono: true, maxSeconds, signal });
    const news = () => ({ id, declaredSeconds: sound.declaredSeconds, warnings: sound.warnings });
    try {
      for await (const block of monoBlocks(sound, sampleRate)) {
        if (block.length === 0) continue;
        while (this.#waitingCount > MAX_SECONDS_AHEAD * sampleRate && !signal.aborted)
          await new Promise<void>((resolve) => (this.#wake = resolve));
        signal.throwIfAborted();
        this.#waitingCount += block.length;
        // A part of a buffer would take the whole buffer along.
        const samples = block.byteLength === block.buffer.byteLength ? block : block.slice();
        send({ type: 'block', samples, ...news() }, [samples.buffer as ArrayBuffer]);
      }
      send({ type: 'done', ...news() });
    } catch (error) {
      sendFailure({ type: 'failed', error: packError(error), ...news() });
    }
  }
}

const port = parentPort;
const decodings = new Map<number, FileDecoding>();

function send(message: FromDecoder, transfer: ArrayBuffer[] = []): void {
  port?.postMessage(message, transfer);
}

function sendFailure(message: Extract<FromDecoder, { type: 'failed' }>): void {
  try {
    send(message);
  } catch {
    // Something in it cannot be cloned.
    send({ ...message, error: new Error(messageOf(message.error)) });
  }
}

port?.on('message', (message: ToDecoder) => {
  const { id } = message;
  if (message.type === 'open') {
    const decoding = new FileDecoding();
    decodings.set(id, decoding);
    void decoding.run(id, message).finally(() => decodings.delete(id));
  } else if (message.type === 'taken') decodings.get(id)?.taken(message.sampleCount);
  else decodings.get(id)?.stop();
});
port?.postMessage('ready');
