/** Runs in the audio thread as `microphone-worklet.js`. Sends the samples of its input to the page, a tenth of a second at a time. */

// This file is a module, so that the declarations below stay in it.
export {};

// TypeScript has no types for the audio worklet's global scope.
declare const sampleRate: number;
declare abstract class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void;

class MicrophoneProcessor extends AudioWorkletProcessor {
  #chunk = new Float32Array(Math.ceil(sampleRate / 10));
  #filled = 0;

  /** The first input is mono, because the node requests it. A source without sound may send nothing, which means silence. */
  process(
    [input]: readonly (readonly Float32Array[])[],
    [output]: readonly (readonly Float32Array[])[],
  ): boolean {
    const samples = input?.[0] ?? new Float32Array(output?.[0]?.length ?? 0);
    for (let taken = 0; taken < samples.length;) {
      const part = samples.subarray(taken, taken + this.#chunk.length - this.#filled);
      this.#chunk.set(part, this.#filled);
      this.#filled += part.length;
      taken += part.length;
      if (this.#filled < this.#chunk.length) continue;
      this.port.postMessage(this.#chunk, [this.#chunk.buffer]);
      this.#chunk = new Float32Array(Math.ceil(sampleRate / 10));
      this.#filled = 0;
    }
    // The page disconnects the node and closes its context.
    return true;
  }
}

registerProcessor('unispeech-microphone', MicrophoneProcessor);
